"""The database file: how it is opened and migrated, its transactions, and the lock that lets one process act at a time."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError, StateFault, StateUnavailable
from drumwatch.journal.connection import NAME, connect, damaged, translated
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.system import state_errors
from drumwatch.system.file_lock import exclusive, identity
from drumwatch.system.volumes import Volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.core.records import FileStamp
    from drumwatch.system.file_lock import FileIdentity

NO_FILE = (":memory:", "")  # "": a temporary file if it grows large, deleted when it is closed
LOCK_SECONDS = 30.0  # how long a lock of another program is waited for, unless it is given
PRIVATE = 0o700


class JournalVersionError(DrumwatchError):
    """A newer version of drumwatch wrote this journal."""


class Database:
    """One connection to the journal; what SQLite cannot do is raised as StateUnavailable.

    With `only`, the file has to be this one; nothing is created if it is not there.
    """

    def __init__(
        self, path: Path | str, *, lock_seconds: float | None = None, only: FileIdentity | None = None
    ) -> None:
        self.volumes = Volumes()
        self._path = None if path in NO_FILE else Path(path)
        self._lock_file = self._path and self._path.with_suffix(".turn")
        self._guards: list[Callable[[], None]] = []
        self._files: dict[Path, FileIdentity] = {}
        if only and self._path:
            self._files = {self._path: only}
            self.require_in_place()
        self.connection = connect(path, LOCK_SECONDS if lock_seconds is None else lock_seconds)
        try:
            self._prepare(path)
        except BaseException:
            self.close()
            raise

    def _prepare(self, path: Path | str) -> None:
        if self._path:
            _hide_from_others(self._path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        # On macOS a plain sync leaves the data in the drive's own memory; elsewhere these two do nothing
        self.connection.execute("PRAGMA fullfsync = ON")
        self.connection.execute("PRAGMA checkpoint_fullfsync = ON")
        self.connection.execute("PRAGMA foreign_keys = ON")
        self.connection.execute("PRAGMA cache_size = -1024")  # 1 MiB: the daemon has to stay small
        self._migrate(path)
        self.require_in_place()
        if self._path:
            # Without its WAL, a journal lacks what was written last
            files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
            self._files |= {file: found for file in files if (found := identity(file))}

    def copy_from(self, path: Path) -> None:
        """Copy everything from another journal's file into this one, if that file exists."""
        self.connection.file = path  # which an error of what was copied is about
        with state_errors.translated(path, NAME):
            is_there = path.exists()
        if is_there:
            with contextlib.closing(connect(path, LOCK_SECONDS)) as original, translated(path):
                # `backup` would wait for ever for a lock of another program
                original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                original.backup(self.connection)
            self._migrate(path)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    # Whether it is still the same file

    @property
    def identity(self) -> FileIdentity | None:
        """What tells this file from another one at the same path; None for a journal in memory."""
        return self._files.get(self._path) if self._path else None

    def require_in_place(self) -> None:
        """Raise StateUnavailable unless the open file is the one at its path, and every guard agrees.

        A file that was deleted or replaced still takes what is written to it, but nobody finds that again.
        """
        for path, known in self._files.items():
            if identity(path) != known:
                raise state_errors.unavailable(StateFault.REPLACED, self._path or path, NAME)
        for guard in self._guards:
            guard()

    def require_writable(self) -> None:
        """Raise StateUnavailable if nothing can be written to the file, as far as that shows without writing."""
        self.connection.execute("DELETE FROM status WHERE key IS NULL")  # there is none

    def add_guard(self, guard: Callable[[], None]) -> None:
        """Let `require_in_place` call this function, which raises StateUnavailable if nothing may be done."""
        self._guards.append(guard)

    # Migration

    def _migrate(self, path: Path | str) -> None:
        """Bring the file to the newest version, one step in each transaction."""
        version = self._version()
        if version > len(MIGRATIONS):
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

    # Transactions

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit the block as a whole, or roll it back; inside another transaction it becomes part of that."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        """Roll back, unless SQLite has done so itself, as it does on a full disk; the first error is the one to report."""
        with contextlib.suppress(StateUnavailable):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def without_sync(self) -> Iterator[None]:
        """Do not wait for the disk in this block: a power cut may lose what is written, a crash of this process does not."""
        self.connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self.connection.execute("PRAGMA synchronous = FULL")

    @contextlib.contextmanager
    def acting(self) -> Iterator[None]:
        """Hold the lock that only one process may hold, from the plan of an action to its end.

        Under this lock, an entry of an earlier action that is still planned was interrupted by a crash. Raises StateUnavailable
        where the journal was deleted or replaced.
        """
        if self._lock_file is None:
            yield
            return
        self.require_in_place()
        with exclusive(self._lock_file):
            self.require_in_place()
            yield

    # Checks

    def check(self) -> str:
        """Return what SQLite finds wrong with the file; empty if nothing."""
        found = "; ".join(row[0] for row in self.connection.execute("PRAGMA quick_check(3)"))
        return "" if found == "ok" else found

    @contextlib.contextmanager
    def reading_rows(self) -> Iterator[None]:
        """Raise StateUnavailable if a row that is read in this block holds something else than drumwatch writes."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise damaged(self.connection.file) from exc


class Part:
    """One part of the journal: its own tables, over the connection that all parts share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._db = database.connection

    def _volume_of(self, path: Path, stamp: FileStamp) -> str:
        """Return the volume of a file that is at this path now; "" if it cannot be determined."""
        return stamp.volume or self._database.volumes.volume_of(path, stamp.device)


def _hide_from_others(path: Path) -> None:
    """Take the file's permissions from other users; a file that its owner may only read stays so."""
    with contextlib.suppress(OSError):  # SQLite says what cannot be done with it
        mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, mode & PRIVATE)
