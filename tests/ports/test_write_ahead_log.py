"""The log of SQLite is read as SQLite reads it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3

import pytest

from drumwatch.journal.write_ahead_log import read_log


def rows_by_sqlite(path, copy):
    for ending in ("", "-wal"):
        shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return copy.read_bytes()


def with_log_applied(path):
    data = bytearray(path.read_bytes())
    content = read_log(path.with_name("a.db-wal").read_bytes(), 4096)
    for number, page in content.pages.items():
        data[(number - 1) * 4096 : number * 4096] = page
    return bytes(data), content.damaged


@pytest.fixture
def db(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = 10")
        connection.execute("CREATE TABLE t (x TEXT)")
        yield connection


def fill(db, rows):
    db.executemany("INSERT INTO t VALUES (?)", [(f"{number}" * 300,) for number in range(rows)])


def test_what_is_committed_is_read(db, tmp_path):
    fill(db, 50)

    assert with_log_applied(tmp_path / "a.db") == (
        rows_by_sqlite(tmp_path / "a.db", tmp_path / "b.db"),
        False,
    )


def test_what_was_rolled_back_is_neither_read_nor_taken_for_damage(db, tmp_path):
    fill(db, 5)
    db.execute("BEGIN")
    fill(db, 400)  # more than the cache holds, so a part of it is in the log already
    db.execute("ROLLBACK")
    fill(db, 3)

    assert with_log_applied(tmp_path / "a.db") == (
        rows_by_sqlite(tmp_path / "a.db", tmp_path / "b.db"),
        False,
    )


def test_the_frames_of_an_earlier_log_are_not_read(db, tmp_path):
    fill(db, 100)
    db.execute("PRAGMA wal_checkpoint(RESTART)")
    fill(db, 1)

    assert with_log_applied(tmp_path / "a.db") == (
        rows_by_sqlite(tmp_path / "a.db", tmp_path / "b.db"),
        False,
    )


def test_the_frames_of_an_earlier_log_are_not_read_without_its_header_either(db, tmp_path):
    fill(db, 100)
    db.execute("PRAGMA wal_checkpoint(RESTART)")
    fill(db, 1)
    log = (tmp_path / "a.db-wal").read_bytes()

    content = read_log(bytes(32) + log[32:], 4096)

    whole = read_log(log, 4096)
    assert content.damaged
    assert content.pages.items() <= whole.pages.items()
