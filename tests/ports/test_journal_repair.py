"""Damaged journals: what is found, what is saved, and that nothing of the damaged one is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import damaged_journals as damaged
import earlier_version
import pytest
from damaged_journals import DAMAGES, ENTRIES, FOLDER, PAGE, entries_of, overwrite, rubbish
from hypothesis import given, settings
from hypothesis import strategies as st

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.journal import MIGRATIONS, Journal, JournalVersionError
from drumwatch.journal.backup import back_up
from drumwatch.journal.integrity import examine
from drumwatch.journal.repair import JournalInUseError, RepairFailedError, repair_journal, replace_file
from drumwatch.journal.repair.extraction import extract
from drumwatch.journal.repair.pages import Image
from drumwatch.system.file_lock import Lock

NOW = 1_700_000_000.0
STORED = Path(__file__).parents[1] / "data/state-874baa8"


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """A journal that nobody changes."""
    path = tmp_path_factory.mktemp("sound") / "journal.db"
    damaged.write_journal(path)
    return path


@pytest.fixture(scope="session")
def with_log(tmp_path_factory):
    """A journal whose last entries are in its log, which nobody changes or opens."""
    path = tmp_path_factory.mktemp("with log") / "journal.db"
    damaged.write_with_log(path, tmp_path_factory.mktemp("open"))
    return path


@pytest.fixture(scope="session")
def sound_bytes(sound):
    """For a test that runs as somebody who cannot read that file."""
    return sound.read_bytes()


@pytest.fixture
def journal(sound, tmp_path):
    """A copy of the journal, to be damaged."""
    return Path(shutil.copyfile(sound, tmp_path / "journal.db"))


@pytest.fixture
def journal_with_log(with_log, tmp_path):
    return copy_of(with_log, tmp_path)


def copy_of(path, folder):
    shutil.copyfile(f"{path}-wal", folder / "journal.db-wal")
    return Path(shutil.copyfile(path, folder / "journal.db"))


def repair(journal):
    return repair_journal(journal, journal.with_name("daemon.lock"), NOW)


def contents(path):
    """Every file at or below a path with its bytes."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def what_was_done(entry):
    return entry.source, entry.destination, entry.action, entry.state, entry.content_hash, entry.batch


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_and_repaired_and_the_damaged_journal_is_kept(journal, sound, damage):
    before = entries_of(sound)
    DAMAGES[damage](journal)
    as_damaged = contents(journal)

    found = examine(journal)
    repaired = repair(journal)

    assert not found.sound
    assert contents(repaired.kept) == as_damaged
    assert examine(journal).sound
    after = entries_of(journal)
    assert len(after) == repaired.entries
    rebuilt = {number for number, entry in after.items() if "rebuilt" in entry.reason}
    assert {number: after[number] for number in after.keys() - rebuilt}.items() <= before.items()
    assert {number: what_was_done(after[number]) for number in rebuilt} == {
        number: what_was_done(before[number]) for number in rebuilt
    }


@pytest.mark.parametrize(
    ("damage", "least"),
    [
        ("header overwritten", ENTRIES),
        ("first page overwritten", ENTRIES),
        ("page that leads to others", ENTRIES),
        ("page of an index", ENTRIES),
        ("index without a row", ENTRIES),
        ("page of the known files", ENTRIES),
        ("page of zeros", ENTRIES - 12),
        ("page of rubbish", ENTRIES - 12),
        ("rubbish in a page", ENTRIES - 12),
        ("cut in half", ENTRIES // 4),
    ],
)
def test_nothing_is_lost_but_what_the_damage_hit(journal, damage, least):
    DAMAGES[damage](journal)

    repaired = repair(journal)

    assert least <= repaired.entries <= ENTRIES
    assert repaired.entries + sum(map(len, repaired.lost_entries)) >= ENTRIES or repaired.open_end


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_lost_comes_from_the_backup(journal, sound, damage):
    back_up(journal, NOW)
    DAMAGES[damage](journal)

    repaired = repair(journal)

    assert entries_of(journal) == entries_of(sound)
    assert repaired.lost_entries == ()
    with Journal(journal) as opened:
        assert opened.state.get() == {"mounted": ["/Library"], "last_lesson": 3}
        assert len(opened.confirmations.all()) == 10


@settings(max_examples=20)
@given(
    damages=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from([1, 4, 100, 700, PAGE, 9 * PAGE]), st.integers(0, 9)),
        max_size=4,
    ),
    cut=st.none() | st.floats(0, 1),
    in_log=st.booleans(),
    backed_up=st.booleans(),
)
def test_a_journal_damaged_anywhere_is_repaired_and_the_damaged_one_is_kept(
    with_log, damages, cut, in_log, backed_up
):
    with tempfile.TemporaryDirectory() as folder:
        journal = copy_of(with_log, Path(folder))
        log = Path(f"{journal}-wal")
        if backed_up:
            (journal.parent / "backups").mkdir()
            shutil.copyfile(with_log, journal.parent / "backups/journal-2023-11-14.db")
        for place, size, seed in damages:
            path = log if in_log else journal
            start = int(place * (path.stat().st_size - 1))
            overwrite(path, start, rubbish(size, seed) if seed else bytes(size))
        if cut is not None:
            os.truncate(log if in_log else journal, int(cut * journal.stat().st_size))
        as_damaged = (journal.read_bytes(), log.read_bytes())

        examine(journal)
        repaired = repair(journal)

        assert (repaired.kept.read_bytes(), Path(f"{repaired.kept}-wal").read_bytes()) == as_damaged
        assert not log.exists()
        assert examine(journal).sound
        with Journal(journal) as opened:
            first = opened.entries.newest_id() + 1
            damaged.add_entries(opened, first, 1)
            damaged.undo_entry(opened, opened.entries.newest_id(), NOW)
        assert examine(journal).sound


# The log


def test_what_is_only_in_the_log_is_saved(journal_with_log):
    overwrite(journal_with_log, 0, rubbish(PAGE))

    assert repair(journal_with_log).entries == ENTRIES + 8


@pytest.mark.parametrize(
    ("start", "size", "least"),
    [(0, 32, ENTRIES + 7), (32 + 3 * (24 + PAGE) + 100, 50, ENTRIES + 7), (0, 10**6, ENTRIES)],
    ids=["header", "one page", "all of it"],
)
def test_a_log_of_rubbish_is_found_and_costs_only_what_it_held(journal_with_log, start, size, least):
    log = Path(f"{journal_with_log}-wal")
    overwrite(log, start, rubbish(min(size, log.stat().st_size)))

    found = examine(journal_with_log)
    repaired = repair(journal_with_log)

    assert any("log of the latest changes" in finding.what for finding in found.findings)
    assert least <= repaired.entries <= ENTRIES + 8
    assert repaired.open_end
    assert examine(journal_with_log).sound


def test_a_sound_log_is_no_damage(journal_with_log):
    assert examine(journal_with_log).sound


# What else counts


def test_no_number_of_a_lost_entry_is_given_again(journal):
    damaged.damage_page(journal, "entry", -1, bytes(PAGE))

    repair(journal)

    with Journal(journal) as opened:
        damaged.add_entries(opened, 900, 1)
        assert opened.entries.newest_id() == ENTRIES + 1


def test_a_row_with_a_state_that_does_not_exist_is_damage(journal):
    page = bytearray(journal.read_bytes())
    at = page.index(b"movedonekick")
    page[at + 4 : at + 8] = b"dime"
    journal.write_bytes(page)

    assert not examine(journal).sound
    assert sum(map(len, repair(journal).lost_entries)) == 1


def test_a_number_far_beyond_all_others_is_damage(journal):
    with contextlib.closing(sqlite3.connect(journal)) as db:
        db.execute("UPDATE entry SET undoes = ? WHERE id = 20", (2**50,))
        db.execute("UPDATE entry SET batch = ? WHERE id = 35", (2**60,))
        db.execute("UPDATE entry SET id = ? WHERE id = 40", (2**39,))
        db.execute("UPDATE sqlite_sequence SET seq = ?", (2**39,))
        db.commit()

    repaired = repair(journal)

    assert {number for lost in repaired.lost_entries for number in lost} == {20, 35, 40}
    with Journal(journal) as opened:
        damaged.add_entries(opened, 900, 1)
        assert opened.entries.newest_id() == ENTRIES + 1


def test_where_known_files_may_be_lost_every_watched_folder_begins_anew(journal):
    damaged.damage_page(journal, "seen", -1, bytes(PAGE))

    repaired = repair(journal)

    assert repaired.watches_forgotten
    with Journal(journal) as opened:
        assert opened.seen.watched_since(FOLDER) is None


def test_where_no_known_file_is_lost_the_watched_folders_stay_known(journal):
    damaged.damage_page(journal, "entry", -1, bytes(PAGE))

    repaired = repair(journal)

    assert not repaired.watches_forgotten
    with Journal(journal) as opened:
        assert opened.seen.watched_since(FOLDER) == 1000.0
        assert len(list(opened.seen.baseline())) == 50


def test_a_lost_pack_keeps_its_sounds_together(journal):
    for page in damaged.pages_of(journal, "batch"):
        overwrite(journal, (page - 1) * PAGE, bytes(PAGE))

    repair(journal)

    entries = entries_of(journal)
    assert len(entries) == ENTRIES
    with Journal(journal) as opened:
        assert opened.batches.origin_of(entries[20].batch) == FOLDER


def test_an_entry_that_was_undone_since_the_backup_is_not_undone_again(journal):
    back_up(journal, NOW)
    with Journal(journal) as opened:
        damaged.undo_entry(opened, 50, NOW)
    overwrite(journal, (damaged.page_of_entry(journal, 50) - 1) * PAGE, bytes(PAGE))

    repaired = repair(journal)

    assert repaired.entries_from_backup > 0
    assert entries_of(journal)[50].state == "undone"


def test_an_entry_of_which_only_its_undoing_is_left_stays_undone(journal):
    with Journal(journal) as opened:
        damaged.undo_entry(opened, 2, NOW)
    overwrite(journal, (damaged.page_of_entry(journal, 2) - 1) * PAGE, bytes(PAGE))

    repair(journal)

    entry = entries_of(journal)[2]
    assert (entry.state, entry.source, entry.destination) == (
        "undone",
        FOLDER / "2 ü.wav",
        Path("/Library/kick/2 ü.wav"),
    )


def test_the_backup_of_another_journal_is_not_mixed_in(journal, tmp_path):
    other = tmp_path / "other/journal.db"
    other.parent.mkdir()
    with Journal(other) as opened, opened.transaction():
        damaged.add_entries(opened, 700, 200)
    back_up(other, NOW)
    shutil.move(other.parent / "backups", tmp_path / "backups")
    damaged.damage_page(journal, "entry", 12, bytes(PAGE))

    repaired = repair(journal)

    assert repaired.backup_of_other_journal
    assert repaired.entries_from_backup == 0
    assert max(entries_of(journal)) == ENTRIES


def test_a_backup_that_is_damaged_itself_is_passed_over(journal, sound):
    back_up(journal, NOW)
    back_up(journal, NOW + 86400)
    overwrite(max(journal.parent.glob("backups/*.db")), 0, rubbish(PAGE))
    journal.write_bytes(b"")

    repair(journal)

    assert entries_of(journal) == entries_of(sound)


def test_a_journal_that_is_gone_comes_from_its_backup(journal, sound):
    back_up(journal, NOW)
    journal.unlink()

    assert not examine(journal).sound
    assert repair(journal).kept is None
    assert entries_of(journal) == entries_of(sound)


def test_a_link_to_a_journal_elsewhere_stays_a_link(journal, sound, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    (state / "journal.db").symlink_to(journal)
    back_up(state / "journal.db", NOW)
    damaged.cut_in_half(journal)

    repair(state / "journal.db")

    assert (state / "journal.db").readlink() == journal
    assert entries_of(journal) == entries_of(sound)


def test_without_a_journal_and_a_backup_there_is_nothing_to_repair(tmp_path):
    with pytest.raises(UsageError, match="nothing to repair"):
        repair(tmp_path / "journal.db")

    assert not (tmp_path / "journal.db").exists()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_journal_of_each_earlier_version_is_checked_copied_and_repaired(tmp_path, version):
    path = tmp_path / "journal.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        for step in MIGRATIONS[:version]:
            step(db)
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("INSERT INTO batch VALUES (7, '/in', 'Pack', 1.0, 2.5)")
        values = "(3, 5.0, 7, '/in/a.wav', '/lib/a.wav', 'move', 'done', 'kick', '', 1.0, 'default', 'because', '', '')"
        columns = "id, time, batch, source, destination, action, state, label, type, confidence, rule, reason, model, content_hash"
        db.execute(f"INSERT INTO entry ({columns}) VALUES {values}")
        db.commit()
    assert examine(path).sound
    back_up(path, NOW)
    assert examine(tmp_path / "backups/journal-2023-11-14.db").sound
    shutil.rmtree(tmp_path / "backups")
    DAMAGES["header overwritten"](path)

    repair(path)

    assert examine(path).sound
    assert [(entry.id, entry.pack, entry.state) for entry in entries_of(path).values()] == [
        (3, "Pack", "done")
    ]


def test_the_journal_of_an_earlier_release_is_repaired(tmp_path):
    journal = tmp_path / "journal.db"
    earlier_version.load((STORED / "journal.sql").read_text("utf-8"), journal)
    before = extract(Image(journal.read_bytes()))
    overwrite(journal, 0, rubbish(PAGE))

    repair(journal)

    after = extract(Image(journal.read_bytes()))
    assert examine(journal).sound
    assert after.version == 4
    assert {name: after.rows(name) for name in ("entry", "batch", "confirmed", "sound", "seen")} == {
        name: before.rows(name) for name in ("entry", "batch", "confirmed", "sound", "seen")
    }


# When it is refused, and when it is interrupted


def test_a_journal_of_a_newer_version_is_left_alone(journal):
    with contextlib.closing(sqlite3.connect(journal)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    damaged.damage_page(journal, "seen", -1, bytes(PAGE))
    before = journal.read_bytes()

    found = examine(journal)
    with pytest.raises(JournalVersionError, match="newer drumwatch"):
        repair(journal)

    assert "newer drumwatch" in found.findings[0].what
    assert journal.read_bytes() == before


def test_nothing_is_repaired_while_a_daemon_runs(journal):
    daemon = Lock(journal.with_name("daemon.lock"))
    assert daemon.take()
    try:
        with pytest.raises(JournalInUseError, match=r"process \d+\): stop it first"):
            repair(journal)
    finally:
        daemon.release()

    assert sorted(path.name for path in journal.parent.iterdir()) == ["daemon.lock", "journal.db"]


def test_nothing_is_repaired_while_another_program_has_the_journal_open(journal):
    program = (
        "import pathlib, sys; from drumwatch.journal import Journal;"
        "journal = Journal(pathlib.Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(JournalInUseError, match="end it, then say this again"):
            repair(journal)

    repair(journal)


def test_a_journal_that_cannot_be_replaced_stays_as_it_is(sound_bytes, folder_of_a_plain_user):
    journal = folder_of_a_plain_user / "journal.db"
    journal.write_bytes(sound_bytes)
    (folder_of_a_plain_user / "daemon.lock").touch()
    overwrite(journal, 0, rubbish(100))
    before = journal.read_bytes()
    folder_of_a_plain_user.chmod(0o500)
    try:
        with pytest.raises(RepairFailedError, match="is as it was"):
            repair(journal)
    finally:
        folder_of_a_plain_user.chmod(0o700)

    assert journal.read_bytes() == before
    assert sorted(path.name for path in journal.parent.iterdir()) == ["daemon.lock", "journal.db"]


def test_a_journal_that_may_not_be_read_is_named_with_what_to_do(sound_bytes, folder_of_a_plain_user):
    journal = folder_of_a_plain_user / "journal.db"
    journal.write_bytes(sound_bytes)
    journal.chmod(0)

    (found,) = examine(journal).findings
    with pytest.raises(RepairFailedError, match="allow yourself to read"):
        repair(journal)

    assert "access is not permitted" in found.what
    assert "chmod u+rw" in found.remedy


def test_a_folder_in_which_nothing_can_be_written_does_not_keep_a_journal_from_being_checked(
    sound_bytes, folder_of_a_plain_user
):
    journal = folder_of_a_plain_user / "journal.db"
    journal.write_bytes(sound_bytes)
    folder_of_a_plain_user.chmod(0o500)

    assert examine(journal).sound


class Killed(BaseException):
    """Stands for a kill."""


def test_a_kill_at_any_step_leaves_the_old_journal_or_the_new_one_in_place(with_log, tmp_path, monkeypatch):
    steps = 0

    def counted(call, last):
        def step(*arguments, **more):
            nonlocal steps
            steps += 1
            if steps > last:
                raise Killed
            return call(*arguments, **more)

        return step

    for last in range(50):
        folder = tmp_path / str(last)
        folder.mkdir()
        journal = copy_of(with_log, folder)
        overwrite(journal, 3 * PAGE, bytes(PAGE))
        before = extract(Image(journal.read_bytes(), Path(f"{journal}-wal").read_bytes()))
        steps = 0
        with monkeypatch.context() as patch:
            for name in ("link", "replace", "rename"):
                patch.setattr(replace_file.os, name, counted(getattr(os, name), last))
            patch.setattr(replace_file.Path, "unlink", counted(Path.unlink, last))
            patch.setattr(replace_file, "_sync_folder", counted(replace_file._sync_folder, last))
            try:
                repair(journal)
            except Killed:
                pass
            else:
                assert last > 5
                return
        log = Path(f"{journal}-wal")
        now = extract(Image(journal.read_bytes(), log.read_bytes() if log.exists() else b""))
        assert now.rows("entry") == before.rows("entry")
        assert repair(journal).entries == len(before.rows("entry"))
        assert examine(journal).sound
    pytest.fail("the steps have no end")


def test_every_error_of_a_repair_is_one_for_the_user(journal):
    journal.write_bytes(b"")
    (journal.parent / ".journal-repair-new").mkdir()

    with pytest.raises(DrumwatchError):
        repair(journal)

    assert journal.read_bytes() == b""
