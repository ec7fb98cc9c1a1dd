"""On macOS, fsync only hands the data to the drive: what must be there before something is removed is written by F_FULLFSYNC."""

import errno
import fcntl
import itertools
import os
import sys

import pytest

from drumwatch.filing import disk
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.held_file import found
from drumwatch.journal import Journal
from drumwatch.system import power_safe

FULL, BARRIER = power_safe.F_FULLFSYNC, power_safe.F_BARRIERFSYNC


@pytest.fixture
def asked(monkeypatch):
    """What the drive was asked for, in order, as on a Mac."""
    calls = []
    monkeypatch.setattr(power_safe, "PLATFORM", "darwin")
    monkeypatch.setattr(fcntl, "fcntl", lambda _fd, command, *_: calls.append(command) or 0)
    real = disk.unlink
    monkeypatch.setattr(
        disk, "unlink", lambda folder, name: (calls.append(f"removed {name}"), real(folder, name))
    )
    return calls


def test_a_move_to_another_disk_removes_the_original_only_when_copy_and_name_are_on_the_disk(tmp_path, asked):
    (tmp_path / "kick.wav").write_bytes(b"boom")
    (tmp_path / "library").mkdir()

    with found(tmp_path / "kick.wav") as sound, disk.opened(tmp_path / "library") as folder:
        Transfer()._move_across(sound, folder, "kick.wav", 1)

    before_removal = list(itertools.takewhile(lambda call: call in {FULL, BARRIER}, asked))
    assert before_removal == [FULL, FULL]
    assert not (tmp_path / "kick.wav").exists()
    assert (tmp_path / "library/kick.wav").read_bytes() == b"boom"


def test_the_folders_of_a_group_that_was_only_renamed_are_kept_in_order_each_once(tmp_path, asked):
    transfer = Transfer()

    with transfer.synced_together(), disk.opened(tmp_path) as folder:
        for _ in range(5):
            transfer.sync(folder)

    assert asked == [BARRIER]


def test_a_disk_without_that_call_gets_a_plain_sync(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(power_safe, "PLATFORM", "darwin")
    monkeypatch.setattr(fcntl, "fcntl", _refused)
    monkeypatch.setattr(os, "fsync", synced.append)

    with disk.opened(tmp_path) as folder:
        disk.sync_folder(folder)
        assert synced == [folder.fd]


def _refused(*_: object) -> int:
    raise OSError(errno.ENOTSUP, "Operation not supported")


@pytest.mark.skipif(sys.platform != "linux", reason="what other systems do with a sync is their own")
def test_elsewhere_a_sync_is_a_sync(monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)

    power_safe.sync(7)
    power_safe.sync_in_order(8)

    assert synced == [7, 8]


def test_the_journal_asks_for_full_syncs(tmp_path):
    with Journal(tmp_path / "journal.db") as journal:
        db = journal._database.connection
        answers = [
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("fullfsync", "checkpoint_fullfsync")
        ]

    assert answers == [1, 1]
