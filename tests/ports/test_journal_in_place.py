"""A journal that was deleted, replaced or overwritten is noticed: nothing is done on the word of a file that nobody finds again."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from drumwatch.core.errors import StateFault, StateUnavailable
from drumwatch.journal import Filter, Journal, Plan
from drumwatch.system.file_lock import Lock, exclusive


@pytest.fixture
def path(tmp_path):
    (tmp_path / "state").mkdir()
    return tmp_path / "state/journal.db"


def delete(path: Path) -> None:
    path.unlink()


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def delete_wal(path: Path) -> None:
    path.with_name("journal.db-wal").unlink()


def replace_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def replace_by_a_new_one(path: Path) -> None:
    delete_folder(path)
    path.parent.mkdir()
    Journal(path).close()


@pytest.mark.parametrize(
    "befall",
    [delete, delete_folder, delete_wal, replace_by_a_copy, replace_by_a_new_one],
    ids=lambda befall: befall.__name__,
)
def test_nothing_is_done_with_a_journal_that_is_not_at_its_path_any_more(path, befall):
    acted = False
    with Journal(path) as journal:
        befall(path)
        with (
            pytest.raises(StateUnavailable, match="was deleted or replaced: put it back") as told,
            journal.acting(),
        ):
            acted = True

    assert not acted
    assert (told.value.fault, told.value.path) == (StateFault.REPLACED, path)


def test_a_journal_that_is_put_back_is_in_its_place_again(path):
    with Journal(path) as journal:
        path.parent.rename(path.parent.with_name("elsewhere"))
        with pytest.raises(StateUnavailable):
            journal.require_in_place()
        path.parent.with_name("elsewhere").rename(path.parent)

        with journal.acting():
            journal.state.set(pid=1)


def test_another_process_that_opens_and_closes_the_journal_leaves_it_in_its_place(path):
    with Journal(path) as journal:
        journal.state.set(pid=1)
        with contextlib.closing(sqlite3.connect(path)) as other:
            other.execute("INSERT INTO status VALUES ('more', '1')")
            other.commit()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        journal.require_in_place()


def test_a_guard_is_asked_before_each_action(path):
    with Journal(path) as journal:
        lock = Lock(path.with_name("daemon.lock"))
        assert lock.take()
        journal.add_guard(lock.require_in_place)
        with journal.acting():
            pass
        lock.path.unlink()

        with pytest.raises(StateUnavailable, match=r"The lock .* was deleted or replaced"), journal.acting():
            pass
        lock.release()


def test_no_new_journal_is_begun_where_a_certain_one_is_wanted(path):
    with Journal(path) as journal:
        known = journal.identity
    path.unlink()

    with pytest.raises(StateUnavailable, match="was deleted or replaced"):
        Journal(path, only=known)

    assert not path.exists()


def test_a_lock_whose_file_is_deleted_while_somebody_waits_is_taken_at_its_path(path):
    lock_file = path.with_suffix(".turn")
    with exclusive(lock_file):
        lock_file.unlink()
        with exclusive(lock_file):  # nobody holds this one
            assert lock_file.exists()


def test_a_lock_with_rubbish_in_it_is_a_lock_of_an_unknown_process(path):
    lock = Lock(path)
    assert lock.take()
    path.write_bytes(b"\xffrubbish")

    assert Lock(path).holder() == 0
    lock.release()


@pytest.mark.parametrize(
    ("column", "content"),
    [("detail", "{not json"), ("verdict", '{"label": 1}'), ("detail", "7")],
)
def test_a_row_with_rubbish_in_it_is_told_as_damage(path, column, content):
    with Journal(path) as journal:
        batch = journal.batches.current(Path("/in"), "", 0.0)
        journal.entries.plan(Plan(batch, Path("/in/kick.wav"), None, "leave", "unsure", ""), 0.0)
        journal.entries._db.execute(f"UPDATE entry SET {column} = ?", (content,))

        with pytest.raises(StateUnavailable, match="is damaged: `drumwatch journal check`"):
            list(journal.entries.find(Filter()))


def test_text_that_is_not_utf8_is_told_as_damage(path):
    with Journal(path) as journal:
        journal.state.set(pid=1)
        journal.entries._db.execute("UPDATE status SET value = CAST(x'fffe' AS TEXT)")

        with pytest.raises(StateUnavailable, match="is damaged"):
            journal.state.get()


def test_a_mistake_in_a_statement_stays_a_mistake(path):
    with Journal(path) as journal:
        with pytest.raises(sqlite3.OperationalError, match="syntax error"):
            journal.entries._db.execute("SELEC 1")
        with pytest.raises(sqlite3.IntegrityError):
            journal.entries._db.execute("INSERT INTO status VALUES (NULL, NULL)")


def test_after_a_commit_that_failed_the_next_transaction_is_one_of_its_own(path):
    with Journal(path) as journal:
        db = journal.entries._db
        db.execute("PRAGMA max_page_count = 60")
        with pytest.raises(StateUnavailable, match="is full") as told, journal.transaction():
            journal.state.set(large="x" * 1_000_000)
        assert told.value.fault is StateFault.FULL
        assert not db.in_transaction
        db.execute("PRAGMA max_page_count = 100000")

        with journal.transaction():
            journal.state.set(pid=1)

        assert journal.state.get() == {"pid": 1}
