from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from folder_trees import ActionRunner, Link, a_wav, make_files, read_files, stamp_of

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Callable

KICK = Path("kick/Pack/kick.wav")


def unsupported(code: int) -> Callable[..., None]:
    def call(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.fixture(params=["renameat2", "link and unlink", "placeholder"])
def rung(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """File systems that know less and less."""
    if request.param != "renameat2":
        monkeypatch.setattr(disk, "rename_noreplace", unsupported(errno.EINVAL))
    if request.param == "placeholder":
        monkeypatch.setattr(disk, "link", unsupported(errno.EPERM))
    name: str = request.param
    return name


def test_a_moved_sound_is_at_its_place_and_nowhere_else(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    outcome = runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert outcome.path == tmp_path / "Library/kick/Pack/kick.wav"
    assert read_files(tmp_path) == {"in": {}, "Library": {"kick": {"Pack": {"kick.wav": b"boom"}}}}


@pytest.mark.usefixtures("rung")
def test_every_rung_of_the_ladder_moves(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path) == {"in": {}, "Library": {"kick": {"Pack": {"kick.wav": b"boom"}}}}


@pytest.mark.usefixtures("rung")
def test_no_rung_of_the_ladder_overwrites(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"new"}, "Library": {"kick.wav": b"old"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {"in": {}, "Library": {"kick.wav": b"old", "kick 2.wav": b"new"}}


@pytest.mark.usefixtures("rung")
def test_no_rung_overwrites_a_file_that_came_within_the_last_moment(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"new", "kick.xmp": b""}})
    runner.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    runner.on_planned = lambda: (
        runner.entry.destination.write_bytes(b"faster")
        if runner.entry.destination.name == "kick.wav"
        else None
    )

    runner.act()

    assert read_files(tmp_path / "Library") == {
        "kick.wav": b"faster",
        "kick 2.wav": b"new",
        "kick 2.xmp": b"",
    }


def test_the_ladder_remembers_the_rung_that_held(tmp_path, runner, monkeypatch):
    asked = []

    def no(*_: Any) -> None:
        asked.append(1)
        raise OSError(errno.EINVAL, "no such flag")

    monkeypatch.setattr(disk, "rename_noreplace", no)
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "snare.wav": b"crack"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    runner.do("move", tmp_path / "in/snare.wav", Path("snare.wav"))

    assert len(asked) == 1


def test_a_placeholder_goes_when_the_move_fails(tmp_path, runner, monkeypatch):
    for name, code in (("rename_noreplace", errno.ENOSYS), ("link", errno.EPERM), ("replace", errno.EACCES)):
        monkeypatch.setattr(disk, name, unsupported(code))
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    with pytest.raises(ActionFailed, match=r"may not be changed by this user: kick.wav is still in"):
        runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {}}


def test_a_sound_moves_to_another_disk_with_its_times_mode_and_attributes(tmp_path, other_disk, runner):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    kick = tmp_path / "in/kick.wav"
    kick.chmod(0o640)
    os.utime(kick, ns=(1_600_000_000_123_456_789, 1_500_000_000_123_456_789))
    if sys.platform == "linux":
        os.setxattr(kick, "user.xdg.tags", b"drums")

    outcome = runner.do("move", kick, KICK)

    assert read_files(tmp_path / "in") == {}
    assert read_files(other_disk) == {"kick": {"Pack": {"kick.wav": b"boom"}}}
    assert outcome.path.stat().st_mtime_ns == 1_500_000_000_123_456_789
    assert stat.S_IMODE(outcome.path.stat().st_mode) == 0o640
    if sys.platform == "linux":
        assert os.getxattr(outcome.path, "user.xdg.tags") == b"drums"


@pytest.mark.usefixtures("rung")
def test_a_sound_moves_to_another_mount_of_its_own_disk(tmp_path, second_mount, runner):
    runner.library = second_mount
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {}
    assert read_files(second_mount) == {"kick": {"Pack": {"kick.wav": b"boom"}}}


def test_the_outcome_knows_the_file_that_was_written(tmp_path, other_disk, runner):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    outcome = runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert outcome.stamp == stamp_of(outcome.path)


def test_a_bad_copy_never_takes_the_place_of_the_original(tmp_path, other_disk, runner, monkeypatch):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    monkeypatch.setattr(disk, "copy_bytes", lambda _, target: disk.write(target, b"bOOm"))

    with pytest.raises(ActionFailed, match="does not store what is written to it"):
        runner.do("move", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": b"boom"}
    assert read_files(other_disk) == {}


def test_a_sound_that_changes_while_it_is_copied_stays(tmp_path, other_disk, runner, monkeypatch):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    kick, sync = tmp_path / "in/kick.wav", disk.sync_file

    def synced_too_late(fd: int) -> None:
        sync(fd)
        kick.write_bytes(b"boom and more")

    monkeypatch.setattr(disk, "sync_file", synced_too_late)

    with pytest.raises(ActionFailed, match="has changed since it was analyzed"):
        runner.do("move", kick, KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": b"boom and more"}
    assert read_files(other_disk) == {}


@pytest.mark.parametrize(
    "kernel", [unsupported(errno.ENOSYS), lambda *_: 0], ids=["has no such call", "copies nothing"]
)
def test_a_kernel_that_does_not_copy_inside_leaves_it_to_us(
    tmp_path, other_disk, runner, monkeypatch, kernel
):
    runner.library = other_disk
    monkeypatch.setattr(os, "copy_file_range", kernel, raising=False)
    make_files(tmp_path, {"in": {"kick.wav": b"boom" * 1_000_000}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(other_disk) == {"kick.wav": b"boom" * 1_000_000}


def test_a_link_at_the_old_place_leads_to_the_new_one(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"), leave_link=True)

    place = tmp_path / "Library/kick.wav"
    assert read_files(tmp_path) == {"in": {"kick.wav": Link(place)}, "Library": {"kick.wav": b"boom"}}


def test_a_disk_without_symlinks_only_costs_the_link(tmp_path, runner, monkeypatch):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    monkeypatch.setattr(disk, "symlink", unsupported(errno.EPERM))

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"), leave_link=True)

    assert "No link was left" in outcome.note
    assert read_files(tmp_path) == {"in": {}, "Library": {"kick.wav": b"boom"}}


def test_a_sound_where_it_belongs_is_left_there(tmp_path, runner):
    make_files(tmp_path, {"Library": {"kick": {"kick.wav": b"boom"}}})

    outcome = runner.do("move", tmp_path / "Library/kick/kick.wav", Path("kick/kick.wav"))

    assert outcome.note == "already there"
    assert read_files(tmp_path) == {"Library": {"kick": {"kick.wav": b"boom"}}}


def test_a_sound_under_its_number_is_left_there(tmp_path, runner):
    make_files(tmp_path, {"Library": {"kick.wav": b"old", "kick 2.wav": b"boom"}})

    outcome = runner.do("move", tmp_path / "Library/kick 2.wav", Path("kick.wav"))

    assert outcome.note == "already there"


def test_the_journal_records_a_place_before_anything_is_made_there(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.plan("move", tmp_path / "in/kick.wav", KICK)
    seen = []
    runner.on_planned = lambda: seen.append((runner.entry.destination, read_files(tmp_path)))

    runner.act()

    before = {"in": {"kick.wav": b"boom"}, "Library": {}}
    assert seen[0] == (tmp_path / "Library" / KICK, before)


def test_the_journal_records_the_number_that_a_name_gets(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"old"}})
    runner.plan("move", tmp_path / "in/kick.wav", Path("kick.wav"))
    places = []
    runner.on_planned = lambda: places.append(runner.entry.destination)

    runner.act()

    assert places == [tmp_path / "Library/kick 2.wav"]


def test_the_same_sound_in_the_library_is_found_and_nothing_moves(tmp_path, runner):
    make_files(
        tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"other", "kick 2.wav": b"boom"}}
    )

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert outcome.path == tmp_path / "in/kick.wav"
    assert outcome.detail.twin == tmp_path / "Library/kick 2.wav"
    assert outcome.note.startswith("the same sound is already at")
    assert read_files(tmp_path / "in") == {"kick.wav": b"boom"}


def test_another_name_of_the_same_file_is_no_reason_to_remove_one(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    os.link(tmp_path / "in/kick.wav", tmp_path / "Library/kick.wav")

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"boom"}}


def test_leave_leaves(tmp_path, runner: ActionRunner):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})

    outcome = runner.do("leave", tmp_path / "in/kick.wav")

    assert outcome.path == tmp_path / "in/kick.wav"
    assert read_files(tmp_path) == {"in": {"kick.wav": a_wav()}, "Library": {}}
