"""Copies of the journal: made once a day, checked before they count, and three of them kept."""

from __future__ import annotations

import os
import queue
import shutil
import sqlite3
from pathlib import Path

import damaged_journals as damaged
import pytest
from damaged_journals import PAGE, entries_of, overwrite, rubbish

from drumwatch.core.errors import StateUnavailable
from drumwatch.daemon.backups import DailyBackup
from drumwatch.journal import Journal, backup
from drumwatch.journal.backup import (
    BackupFailedError,
    BackupStopped,
    back_up,
    back_up_if_due,
    backups,
    is_due,
    newest_sound_backup,
)
from drumwatch.journal.integrity import JournalDamagedError, examine

DAY = 86400.0
NOON = 1_700_000_000.0 - 1_700_000_000.0 % DAY + DAY / 2  # of 14 November 2023 in most of the world


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("original") / "journal.db"
    damaged.write_journal(path)
    return path


@pytest.fixture
def journal(original, tmp_path):
    return Path(shutil.copyfile(original, tmp_path / "journal.db"))


def names(journal):
    return sorted(os.listdir(journal.parent / "backups"))


def damage(journal):
    overwrite(journal, (damaged.page_of_entry(journal, 20) - 1) * PAGE, rubbish(PAGE))


def test_a_copy_is_one_file_with_the_whole_journal_that_only_its_user_can_read(journal, original):
    path = back_up(journal, NOON)

    assert names(journal) == [path.name]
    assert path.stat().st_mode & 0o077 == 0
    assert examine(path).sound
    assert sorted(os.listdir(path.parent)) == [path.name]
    assert entries_of(path) == entries_of(original)


def test_what_is_only_in_the_log_is_copied_as_well(journal):
    with Journal(journal) as opened:
        damaged.add_entries(opened, 500, 1)
        newest = opened.entries.newest_id()
        path = back_up(journal, NOON)

    assert max(entries_of(path)) == newest


def test_the_newest_three_copies_are_kept(journal):
    for day in range(5):
        back_up(journal, NOON + day * DAY)

    days = [copy.day for copy in backups(journal)]
    assert len(days) == 3
    assert days == sorted(days, reverse=True)
    assert not is_due(journal, NOON + 4 * DAY)
    assert is_due(journal, NOON + 5 * DAY)


def test_a_second_copy_of_a_day_takes_the_place_of_the_first(journal):
    back_up(journal, NOON)
    with Journal(journal) as opened:
        damaged.add_entries(opened, 500, 1)

    back_up(journal, NOON + 60)

    assert len(backups(journal)) == 1
    assert entries_of(backups(journal)[0].path) == entries_of(journal)


def test_a_damaged_journal_never_takes_the_place_of_a_good_copy(journal):
    for day in range(3):
        back_up(journal, NOON + day * DAY)
    before = {name: (journal.parent / "backups" / name).read_bytes() for name in names(journal)}
    damage(journal)

    for now in (NOON + 2 * DAY, NOON + 3 * DAY):
        with pytest.raises(JournalDamagedError, match="journal repair"):
            back_up(journal, now)

    assert {name: (journal.parent / "backups" / name).read_bytes() for name in names(journal)} == before


@pytest.mark.parametrize("damage", damaged.DAMAGES)
def test_no_damage_gets_into_a_copy(journal, damage):
    damaged.DAMAGES[damage](journal)

    reason = back_up_if_due(journal, NOON)

    if not reason and journal.is_file():
        with pytest.raises(StateUnavailable):  # so whoever opens it is told
            Journal(journal)
    assert backups(journal) == []
    assert not (journal.parent / "backups").exists() or names(journal) == []


def test_the_copies_of_a_journal_that_was_lost_are_kept_beside_those_of_the_new_one(journal):
    back_up(journal, NOON)
    kept = backups(journal)[0].path.read_bytes()
    journal.unlink()
    with Journal(journal) as opened:
        damaged.add_entries(opened, 1, 2)

    for day in range(5):
        back_up(journal, NOON + day * DAY)

    assert len(backups(journal)) == 4
    assert backups(journal)[-1].path.read_bytes() == kept


def test_a_damaged_copy_is_not_the_newest_sound_one(journal):
    good = back_up(journal, NOON)
    damage(back_up(journal, NOON + DAY))

    assert newest_sound_backup(journal).path == good


def test_what_others_write_meanwhile_neither_stops_nor_spoils_a_copy(journal):
    before = entries_of(journal)
    with Journal(journal) as other:
        numbers = iter(range(1000, 2000))
        path = back_up(journal, NOON, between_steps=lambda: damaged.add_entries(other, next(numbers), 1))
        assert other.entries.newest_id() > max(before)

    assert examine(path).sound
    assert entries_of(path) == before


def test_a_copy_that_is_given_up_leaves_nothing_and_spoils_nothing(journal):
    good = back_up(journal, NOON).read_bytes()

    def stop():
        raise BackupStopped

    with pytest.raises(BackupStopped):
        back_up(journal, NOON, between_steps=stop)

    assert len(names(journal)) == 1
    assert backups(journal)[0].path.read_bytes() == good


def test_what_a_killed_process_left_half_written_is_removed(journal):
    folder = journal.parent / "backups"
    folder.mkdir()
    (folder / ".journal-1.tmp").write_bytes(b"half")
    os.utime(folder / ".journal-1.tmp", (NOON - DAY, NOON - DAY))
    (folder / "a note of mine.txt").write_text("stays")

    path = back_up(journal, NOON)

    assert names(journal) == ["a note of mine.txt", path.name]


def test_a_place_that_cannot_be_written_is_named(journal):
    (journal.parent / "backups").write_text("a file")

    with pytest.raises(BackupFailedError, match="free some space on its disk, or allow yourself"):
        back_up(journal, NOON)

    assert "No backup" in back_up_if_due(journal, NOON)


def test_a_full_disk_is_named(journal):
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def fails():
        raise full

    with pytest.raises(BackupFailedError, match="is full: free some space"):
        back_up(journal, NOON, between_steps=fails)


def test_a_copy_leaves_space_for_the_journal_itself(journal, monkeypatch):
    monkeypatch.setattr(backup, "free_bytes", lambda _: 60 << 20)

    with pytest.raises(BackupFailedError, match="little space is left"):
        back_up(journal, NOON)

    assert names(journal) == []


def test_without_a_journal_no_copy_is_due(tmp_path):
    assert back_up_if_due(tmp_path / "journal.db", NOON) == ""
    assert not (tmp_path / "backups").exists()


# The daemon


@pytest.fixture
def inbox():
    return queue.SimpleQueue()


@pytest.fixture
def daily(journal, inbox):
    daily = DailyBackup(journal, inbox)
    yield daily
    daily.close()


def test_the_daemon_copies_once_a_day_while_its_own_journal_is_open(journal, inbox, daily):
    with Journal(journal):
        for hour in range(0, 48, 3):
            daily.start_if_due(NOON + hour * 3600)
            if daily.running:
                daily.finish(inbox.get(timeout=30), NOON + hour * 3600)

    assert len(backups(journal)) == 3  # the noon of the third day is another day


def test_a_copy_that_fails_is_tried_again_each_hour_and_reported_once_a_day(journal, inbox, daily, caplog):
    damage(journal)

    for minute in range(0, 5 * 60, 20):
        daily.start_if_due(NOON + minute * 60)
        if daily.running:
            daily.finish(inbox.get(timeout=30), NOON + minute * 60)

    assert [record.message for record in caplog.records if "damaged" in record.message] == [
        caplog.records[0].message
    ]
    assert "drumwatch journal repair" in caplog.text


def test_a_daemon_that_stops_gives_the_copy_up(journal, inbox, daily):
    daily.start_if_due(NOON)
    daily.close()

    assert inbox.get(timeout=30).problem == ""
    assert all(examine(copy.path).sound for copy in backups(journal))
    assert [name for name in names(journal) if name.startswith(".")] == []


def test_a_run_with_an_end_has_its_copy_before_it_ends(journal, daily):
    daily.make_now_if_due(NOON)

    assert len(backups(journal)) == 1
