"""The trash of macOS, into which no program may look: a stand-in for `osascript` moves the files, and opening the folder is refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from folder_trees import make_files, read_files

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import disk, trash

STAND_IN = """#!/bin/sh
for last; do :; done
{act}
"""


@pytest.fixture
def home(tmp_path, monkeypatch, runner):
    """A home with a trash as on macOS; the archive is to go there."""
    make_files(tmp_path / "home", {".Trash": {}, "Downloads": {"pack.zip": b"PK"}})
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trash, "is_kept_by_system", lambda: True)
    runner.library = tmp_path / "home/.Trash"
    open_folder = disk.opened

    def opened(path):
        if Path(path) == runner.library:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        return open_folder(path)

    monkeypatch.setattr(disk, "opened", opened)
    return tmp_path / "home"


@pytest.fixture
def osascript(tmp_path, monkeypatch):
    """Takes what the stand-in does with `$last`, the file."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def does(act):
        program = tmp_path / "bin/osascript"
        program.write_text(STAND_IN.format(act=act))
        program.chmod(0o755)

    does('mv "$last" "$HOME/.Trash/pack 2.zip" && echo "$HOME/.Trash/pack 2.zip"')
    return does


def put_away(runner, home):
    return runner.do("move", home / "Downloads/pack.zip", Path("pack.zip"))


@pytest.mark.usefixtures("osascript")
def test_the_system_puts_an_archive_into_its_trash_and_says_under_which_name(runner, home):
    outcome = put_away(runner, home)

    assert outcome.path == home / ".Trash/pack 2.zip"
    assert read_files(home) == {".Trash": {"pack 2.zip": b"PK"}, "Downloads": {}}


def test_an_archive_that_the_system_leaves_stays_with_a_reason(runner, home, osascript):
    osascript("exit 1")

    with pytest.raises(ActionFailed, match=r"macOS did not put pack\.zip into the Trash: it is still in"):
        put_away(runner, home)
    assert read_files(home / "Downloads") == {"pack.zip": b"PK"}


def test_an_archive_that_went_without_an_answer_is_where_it_was_to_go(runner, home, osascript):
    osascript('mv "$last" "$HOME/.Trash/"; exit 1')

    assert put_away(runner, home).path == home / ".Trash/pack.zip"


@pytest.mark.usefixtures("osascript")
def test_an_undo_says_that_only_a_person_can_take_it_out_of_the_trash_and_then_works(runner, home):
    put_away(runner, home)

    with pytest.raises(CannotUndo, match=r"pack 2\.zip is in the Trash, .* choose Put Back"):
        runner.undo()
    (home / ".Trash/pack 2.zip").rename(home / "Downloads/pack.zip")

    assert runner.undo().path == home / "Downloads/pack.zip"


@pytest.mark.usefixtures("osascript")
def test_an_undo_takes_it_out_of_a_trash_that_may_be_looked_into(runner, home, monkeypatch):
    put_away(runner, home)
    monkeypatch.undo()
    monkeypatch.setattr(trash, "is_kept_by_system", lambda: True)

    runner.undo()

    assert read_files(home) == {".Trash": {}, "Downloads": {"pack.zip": b"PK"}}


@pytest.mark.usefixtures("osascript")
@pytest.mark.parametrize(("gone", "state"), [(True, "done"), (False, "failed")])
def test_a_crash_at_the_trash_is_settled_by_the_old_name(runner, home, gone, state):
    runner.plan("move", home / "Downloads/pack.zip", Path("pack.zip"))
    if gone:
        trash.ask_system_to_trash(home / "Downloads/pack.zip")

    assert runner.recover().state == state
    assert (home / "Downloads/pack.zip").exists() is not gone


def test_only_the_trash_of_macos_is_kept_by_the_system(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / ".Trash/pack.zip"

    assert trash.is_in_system_trash(place) is trash.is_kept_by_system()
    monkeypatch.setattr(trash, "is_kept_by_system", lambda: True)
    assert trash.is_in_system_trash(place)
    assert trash.is_in_system_trash(Path("/Volumes/SSD/.Trashes/501/pack.zip"))
    assert not trash.is_in_system_trash(tmp_path / "Downloads/pack.zip")
