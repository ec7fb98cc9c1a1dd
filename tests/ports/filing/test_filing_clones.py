"""Copies that share their blocks with the original, as on APFS; on other systems a stand-in for `fclonefileat` copies the bytes."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from pathlib import Path

import pytest
from faulty_disk import PowerCut
from folder_trees import a_wav, all_files, make_files, read_files

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk

KICK = Path("kick/kick.wav")


class Clones:
    """The stand-in: it takes over mode and times, as a clone does, and can fail or lie."""

    def __init__(self):
        self.made = 0
        self.code = 0
        self.content = None

    def __call__(self, source, folder, name, flags):
        assert flags == 0
        if self.code:
            ctypes.set_errno(self.code)
            return -1
        of = os.fstat(source)
        try:
            fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IMODE(of.st_mode), dir_fd=folder)
        except FileExistsError:
            ctypes.set_errno(errno.EEXIST)
            return -1
        os.write(fd, os.pread(source, of.st_size, 0) if self.content is None else self.content)
        os.utime(fd, ns=(of.st_atime_ns, of.st_mtime_ns))
        os.close(fd)
        self.made += 1
        return 0


@pytest.fixture
def clones(monkeypatch):
    clones = Clones()
    monkeypatch.setattr(disk, "_clone_call", lambda: clones)
    return clones


@pytest.fixture
def kick(tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    path = tmp_path / "in/kick.wav"
    path.chmod(0o640)
    os.utime(path, ns=(0, 1_500_000_000_123_456_789))
    return path


def no_bytes(*_):
    pytest.fail("the bytes were copied")


def test_a_copy_is_a_clone_where_the_disk_can_do_that(runner, clones, kick, monkeypatch):
    monkeypatch.setattr(disk, "copy_bytes", no_bytes)

    outcome = runner.do("copy", kick, KICK)

    of = outcome.path.stat()
    assert (clones.made, outcome.path.read_bytes()) == (1, b"boom")
    assert (stat.S_IMODE(of.st_mode), of.st_mtime_ns) == (0o640, 1_500_000_000_123_456_789)
    assert read_files(runner.library) == {"kick": {"kick.wav": b"boom"}}


def test_a_clone_is_verified_like_any_copy(runner, clones, kick):
    clones.content = b"bOOm"

    with pytest.raises(ActionFailed, match="changed while it was being copied"):
        runner.do("copy", kick, KICK)
    assert (all_files(runner.library), kick.read_bytes()) == ([], b"boom")


@pytest.mark.parametrize("code", [errno.ENOTSUP, errno.EXDEV])
def test_where_the_disk_cannot_clone_the_bytes_are_copied(runner, clones, kick, code):
    clones.code = code

    assert runner.do("copy", kick, KICK).path.read_bytes() == b"boom"


def test_a_full_disk_is_said_of_a_clone_as_well(runner, clones, kick):
    clones.code = errno.ENOSPC

    with pytest.raises(ActionFailed, match="is full"):
        runner.do("copy", kick, KICK)
    assert (all_files(runner.library), kick.read_bytes()) == ([], b"boom")


def test_a_locked_file_is_not_cloned_because_its_clone_would_be_locked_too(runner, clones, kick, monkeypatch):
    monkeypatch.setattr(disk, "_is_locked", lambda _: True)

    assert runner.do("copy", kick, KICK).path.read_bytes() == b"boom"
    assert clones.made == 0


def test_the_clone_of_a_file_that_may_only_be_read_can_be_tagged_and_undone(runner, clones, tmp_path):
    make_files(tmp_path, {"in": {"kick.wav": a_wav()}})
    path = tmp_path / "in/kick.wav"
    path.chmod(0o444)

    runner.do("tag", path)
    assert b"kick;v1" in path.read_bytes()
    assert (clones.made, stat.S_IMODE(path.stat().st_mode)) == (1, 0o444)
    runner.undo()

    assert path.read_bytes() == a_wav()


def test_whether_a_copy_takes_space_is_tried_with_a_clone_that_leaves_nothing(runner, clones, kick):
    with disk.opened(kick.parent) as source, disk.opened(runner.library) as target:
        assert disk.shares_blocks(source, kick.name, target)
        clones.code = errno.EXDEV
        assert not disk.shares_blocks(source, kick.name, target)

    assert all_files(runner.library) == []


def test_no_power_cut_around_a_clone_costs_a_sound_or_leaves_a_copy_behind(runner, clones, kick, faulty_disk):
    for call in range(1, 30):
        runner.plan("copy", kick, KICK)
        faulty_disk.cut_after(call)
        try:
            runner.act()
        except PowerCut:
            pass
        else:
            break
        finally:
            faulty_disk.restore()
        runner.recover()
        assert kick.read_bytes() == b"boom"
        if runner.entry.state == "done":
            runner.undo()
        assert all_files(runner.library) == []

    assert clones.made > 2
    assert call > clones.made


@pytest.mark.skipif(sys.platform != "darwin", reason="only macOS shows when a file was created")
@pytest.mark.parametrize("cloned", [True, False])
def test_a_copy_keeps_the_time_at_which_the_sound_was_created(runner, kick, monkeypatch, cloned):
    if not cloned:
        monkeypatch.setattr(disk, "_clone_call", lambda: None)

    copy = runner.do("copy", kick, KICK).path

    assert copy.stat().st_birthtime == pytest.approx(kick.stat().st_birthtime, abs=1e-3)


@pytest.mark.skipif(sys.platform != "darwin", reason="only macOS has this call")
def test_the_disk_of_a_mac_clones(runner, kick):
    with disk.opened(kick.parent) as source, disk.opened(runner.library) as target:
        assert disk.shares_blocks(source, kick.name, target)
