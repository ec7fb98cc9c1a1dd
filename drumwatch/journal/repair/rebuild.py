"""Writes rows into a new journal."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from drumwatch.journal.columns import placeholders
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.journal.table_rows import column_names, tables

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.journal.repair.completion import Completed
    from drumwatch.journal.table_rows import Row

FIRST_TABLES = ("batch", "entry")  # others refer to these


def write_journal(path: Path, content: Completed) -> None:
    """Write a journal of the content's version into a new file, which is on the disk when this returns."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS; elsewhere it does nothing
        connection.execute("BEGIN IMMEDIATE")
        for migrate in MIGRATIONS[: content.version]:
            migrate(connection)
        connection.execute(f"PRAGMA user_version = {content.version}")
        for name in sorted(content.tables, key=lambda name: (name not in FIRST_TABLES, name)):
            _write_table(connection, name, list(content.tables[name].values()))
        for name, highest in content.highest.items():
            _set_highest(connection, name, highest)
        connection.execute("COMMIT")


def _write_table(connection: sqlite3.Connection, name: str, rows: list[Row]) -> None:
    known = column_names(connection, name)  # of this version
    indexes = [index for index, column in enumerate(tables()[name].columns) if column.name in known]
    if not indexes:
        return
    columns = [tables()[name].columns[index].name for index in indexes]
    connection.executemany(
        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({placeholders(columns)})",
        [tuple(row[index] for index in indexes) for row in rows],
    )


def _set_highest(connection: sqlite3.Connection, name: str, highest: int) -> None:
    """No number is given a second time, also not that of an entry that is lost."""
    if highest and column_names(connection, name):
        connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, highest))
