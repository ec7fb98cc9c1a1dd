"""A folder is handed to the desktop's own opener, with its path as one argument."""

from __future__ import annotations

import sys

import pytest

from drumwatch.system.open_folder import open_folder

OPENER = "open" if sys.platform == "darwin" else "xdg-open"


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A desktop whose opener does this in the shell."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/bin:/usr/bin" if sys.platform != "darwin" else str(programs))

    def with_opener(does):
        opener = programs / OPENER
        opener.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
        opener.chmod(0o700)

    return with_opener


def test_the_opener_gets_the_folder(desktop, tmp_path):
    told = tmp_path / "told"
    desktop(f'printf %s "$1" > "{told}"')

    assert open_folder(tmp_path / "my kit; rm -rf x")
    assert told.read_text("utf-8") == f"{tmp_path}/my kit; rm -rf x"


def test_a_desktop_that_refuses_is_no_success(desktop, tmp_path):
    desktop("exit 3")

    assert not open_folder(tmp_path)


def test_without_a_desktop_nothing_is_opened(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not open_folder(tmp_path)
