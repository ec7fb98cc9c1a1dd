"""What `drumwatch doctor` reports about the sandbox of a worker, root notes, and notifications on macOS."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.commands import doctor
from drumwatch.commands.doctor import (
    SANDBOX_HELP,
    SANDBOX_HELP_MACOS,
    _notifications,
    _root_notes,
    _sandbox,
    _sandbox_help,
)
from drumwatch.config import Config, Watch
from drumwatch.config.settings import Ableton
from drumwatch.workers.protocol import SandboxChecked


def test_sandbox_parts_that_work_are_named():
    found = _sandbox(SandboxChecked(("Landlock", "seccomp"), ("network", "files", "programs", "processes")))

    assert (found.state, found.remedy) == ("fine", "")
    assert found.what == (
        "analysis is sandboxed (Landlock, seccomp): no network, no program, no other process, no file written"
    )


@pytest.mark.parametrize(
    ("layers", "refused", "allowed"),
    [
        ((), (), "network, writing files, starting programs, sending signals to other processes"),
        (("Landlock",), ("files", "programs", "processes"), "network"),
    ],
)
def test_a_missing_sandbox_is_a_note_with_a_remedy(layers, refused, allowed):
    found = _sandbox(SandboxChecked(layers, refused))

    assert found.state == "note"
    assert found.what.endswith(f"nothing keeps it from {allowed}")
    assert found.remedy


def test_the_sandbox_of_macos_is_named_like_the_others():
    found = _sandbox(SandboxChecked(("Seatbelt",), ("network", "files", "programs", "processes")))

    assert (found.state, found.what) == (
        "fine",
        "analysis is sandboxed (Seatbelt): no network, no program, no other process, no file written",
    )


def test_each_system_is_told_how_to_get_a_sandbox():
    assert _sandbox_help("darwin") == SANDBOX_HELP_MACOS
    assert "Landlock" not in SANDBOX_HELP_MACOS
    assert _sandbox_help("linux") == SANDBOX_HELP


@pytest.mark.parametrize(
    ("notify", "platform", "told"), [(True, "darwin", True), (False, "darwin", False), (True, "linux", False)]
)
def test_who_wants_notifications_on_macos_is_told_who_shows_them(notify, platform, told):
    notes = [found.what for found in _notifications(Config(Path("/l"), notify=notify), platform)]

    assert notes == ["notifications come from Script Editor, a program of macOS"] * told


@pytest.mark.parametrize(
    ("installed", "compiled", "state", "said"),
    [
        (True, True, "fine", "root notes can be found: librosa is compiled"),
        (True, False, "note", "librosa, which finds root notes, is not compiled yet"),
        (False, False, "note", "root notes cannot be found: librosa is not installed"),
    ],
    ids=["compiled", "not compiled", "not installed"],
)
def test_who_asks_for_root_notes_is_told_whether_they_can_be_found(
    monkeypatch, installed, compiled, state, said
):
    monkeypatch.setattr(doctor.compiled_code, "is_installed", lambda: installed)
    monkeypatch.setattr(doctor.compiled_code, "is_compiled", lambda: compiled)
    watch = Watch(Path("/in"), Path("/library"), layout="{note}/{name}")
    config = Config(library=Path("/library"), watches=(watch,))

    (found,) = _root_notes(config)

    assert (found.state, found.what.startswith(said), bool(found.remedy)) == (state, True, state == "note")


def test_who_does_not_ask_for_root_notes_is_told_nothing_of_them():
    watch = Watch(Path("/in"), Path("/library"))
    without_tags = Ableton(keys=True)

    assert list(_root_notes(Config(library=Path("/library"), watches=(watch,), ableton=without_tags))) == []
