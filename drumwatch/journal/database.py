"""The database file: how it is opened and migrated, its transactions, and the lock that lets one process act at a time."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.system.file_lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

NO_FILE = (":memory:", "")  # "": a temporary file if it grows large, deleted when it is closed


class JournalVersionError(DrumwatchError):
    """A newer version of drumwatch wrote this journal."""


class Database:
    """One connection to the journal."""

    def __init__(self, path: Path | str) -> None:
        self._lock_file = None if path in NO_FILE else Path(path).with_suffix(".turn")
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=30.0)
        if path not in NO_FILE:
            os.chmod(path, 0o600)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("PRAGMA cache_size = -1024")  # 1 MiB: the daemon has to stay small
        self._migrate(path)

    def copy_from(self, path: Path) -> None:
        """Copy everything from another journal's file into this one, if that file exists."""
        if path.exists():
            with contextlib.closing(sqlite3.connect(path)) as original:
                original.backup(self.connection)
            self._migrate(path)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _migrate(self, path: Path | str) -> None:
        """Bring the file to the newest version, one step in each transaction."""
        version = self._version()
        if version > len(MIGRATIONS):
            self.close()
            raise JournalVersionError(
                f"The journal {path} was written by a newer drumwatch: please update this one. Nothing was changed."
            )
        while (version := self._version()) < len(MIGRATIONS):
            with self.transaction():
                if self._version() == version:  # another process may have migrated it meanwhile
                    MIGRATIONS[version](self.connection)
                    self.connection.execute(f"PRAGMA user_version = {version + 1}")

    def _version(self) -> int:
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the block as a whole, or roll it back; inside another transaction it becomes part of that."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextlib.contextmanager
    def without_sync(self) -> Iterator[None]:
        """Do not wait for the disk in this block: a power cut may lose what is written, a crash of this process does not."""
        self.connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self.connection.execute("PRAGMA synchronous = FULL")

    def acting(self) -> AbstractContextManager[None]:
        """Hold the lock that only one process may hold, from the plan of an action to its end.

        Under this lock, an entry of an earlier action that is still planned was interrupted by a crash.
        """
        return exclusive(self._lock_file) if self._lock_file else contextlib.nullcontext()

    def check(self) -> str:
        """Return what SQLite finds wrong with the file; empty if nothing."""
        found = "; ".join(row[0] for row in self.connection.execute("PRAGMA quick_check(3)"))
        return "" if found == "ok" else found


class Part:
    """One part of the journal: its own tables, over the connection that all parts share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._db = database.connection
