"""What `drumwatch doctor` reports about the sandbox of a worker, and about notifications on macOS."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.commands.doctor import (
    SANDBOX_HELP,
    SANDBOX_HELP_MACOS,
    _notifications,
    _sandbox,
    _sandbox_help,
)
from drumwatch.config import Config
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
