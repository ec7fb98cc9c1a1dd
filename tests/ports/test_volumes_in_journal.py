"""Device numbers change over restarts; what the journal remembers of a disk does not."""

from dataclasses import replace

import pytest

from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal
from drumwatch.system import volumes

TODAY, BEFORE = "uuid:disk", 4711  # the volume; and the number that it had before the restart


@pytest.fixture
def volume(monkeypatch):
    """The volume that every path is on, which a test may change."""
    now = {"name": TODAY}
    monkeypatch.setattr(volumes, "look_up", lambda *_: now["name"])
    return now


@pytest.mark.usefixtures("volume")
def test_an_old_file_that_was_renamed_over_a_restart_stays_old(tmp_path):
    (tmp_path / "old.wav").write_bytes(b"old")
    stamp = stamp_of(tmp_path / "old.wav")
    with Journal(tmp_path / "journal.db") as journal:
        journal.seen.note(tmp_path / "old.wav", replace(stamp, device=BEFORE), "baseline")
    (tmp_path / "old.wav").rename(tmp_path / "new.wav")

    with Journal(tmp_path / "journal.db") as journal:
        assert journal.seen.known_path(tmp_path / "new.wav", stamp) == tmp_path / "old.wav"


def test_a_file_of_another_disk_that_got_the_number_is_new(tmp_path, volume):
    (tmp_path / "old.wav").write_bytes(b"old")
    stamp = stamp_of(tmp_path / "old.wav")
    with Journal(tmp_path / "journal.db") as journal:
        journal.seen.note(tmp_path / "old.wav", stamp, "baseline")

    volume["name"] = "uuid:another"
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.seen.known_path(tmp_path / "new.wav", stamp) is None


def test_rows_of_an_earlier_version_go_by_their_device_number_as_before(tmp_path, volume):
    stamp = replace(stamp_of(tmp_path / __file__), device=1)
    volume["name"] = ""
    with Journal(tmp_path / "journal.db") as journal:
        journal.seen.note(tmp_path / "old.wav", stamp, "baseline")
        journal.seen.note(tmp_path / "older.wav", replace(stamp, device=BEFORE, inode=1), "baseline")

    volume["name"] = TODAY
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.seen.known_path(tmp_path / "new.wav", stamp) == tmp_path / "old.wav"
        assert journal.seen.known_path(tmp_path / "new.wav", replace(stamp, inode=1)) is None
