import shutil

from drumwatch.system import disk_space, macos_calls
from drumwatch.system.macos_calls import FileSystem

HUGE = 5 * 2**32  # blocks: statvfs(3) of a Mac has 32 bits for them


def test_a_disk_of_more_blocks_than_statvfs_can_count_is_not_taken_for_a_full_one(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_space.sys, "platform", "darwin")
    monkeypatch.setattr(disk_space, "COUNTS_RIGHT", (99,))
    monkeypatch.setattr(macos_calls, "file_system", lambda _: FileSystem("/Volumes/raid", 4096, HUGE))

    assert disk_space.free_bytes(tmp_path) == HUGE * 4096


def test_a_python_that_counts_right_is_asked_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(disk_space.sys, "platform", "darwin")
    monkeypatch.setattr(disk_space, "COUNTS_RIGHT", (3, 0))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(3, 2, 1))

    assert disk_space.free_bytes(tmp_path) == 1
