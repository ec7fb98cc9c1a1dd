"""A connection to SQLite whose errors are StateUnavailable: a sentence that names the file, and what to do."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from drumwatch.core.errors import StateFault, StateUnavailable
from drumwatch.system.state_errors import fault_of_place, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "the journal"
MOVED = 1032  # SQLITE_READONLY_DBMOVED
PRIMARY = 0xFF  # the bits of the primary result code
# Python cannot decode SQLite's message about a damaged name, and says so instead
ERRORS = (sqlite3.Error, UnicodeDecodeError)
_FAULTS = {
    sqlite3.SQLITE_FULL: StateFault.FULL,
    sqlite3.SQLITE_BUSY: StateFault.LOCKED,
    sqlite3.SQLITE_LOCKED: StateFault.LOCKED,
    sqlite3.SQLITE_PROTOCOL: StateFault.LOCKED,
    sqlite3.SQLITE_IOERR: StateFault.FAILING,
    sqlite3.SQLITE_READONLY: StateFault.READ_ONLY,
    sqlite3.SQLITE_PERM: StateFault.FORBIDDEN,
    sqlite3.SQLITE_AUTH: StateFault.FORBIDDEN,
    sqlite3.SQLITE_CORRUPT: StateFault.DAMAGED,
    sqlite3.SQLITE_NOTADB: StateFault.DAMAGED,
    sqlite3.SQLITE_FORMAT: StateFault.DAMAGED,
}
# For these, disk and permissions of the place tell more than SQLite does
_UNCLEAR = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
_BUGS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError)
_NO_JOURNAL = ("no such table", "no such column", "Could not decode")  # a database, but not ours, or damaged


class Cursor(sqlite3.Cursor):
    """A cursor that raises StateUnavailable where the file is to blame."""

    def execute(self, sql: str, parameters: Any = (), /) -> Self:  # noqa: ANN401  as sqlite3 has it
        """Execute one statement."""
        try:
            return super().execute(sql, parameters)
        except ERRORS as exc:
            _raise(exc, self.connection)

    def executemany(self, sql: str, seq_of_parameters: Iterable[Any], /) -> Self:
        """Execute one statement for each of the parameters."""
        try:
            return super().executemany(sql, seq_of_parameters)
        except ERRORS as exc:
            _raise(exc, self.connection)

    def __next__(self) -> Any:  # noqa: ANN401  as above
        """Return the next row."""
        try:
            return super().__next__()
        except ERRORS as exc:
            _raise(exc, self.connection)

    def fetchone(self) -> Any:  # noqa: ANN401  as above
        """Return the next row, or None."""
        try:
            return super().fetchone()
        except ERRORS as exc:
            _raise(exc, self.connection)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        try:
            return super().fetchall()
        except ERRORS as exc:
            _raise(exc, self.connection)


class Connection(sqlite3.Connection):
    """A connection whose cursors raise StateUnavailable; `file` is the path of the database."""

    file = Path()

    def cursor(self, *_: Any) -> Cursor:  # type: ignore[override]  # noqa: ANN401  as above
        """Return a cursor, by which every statement is executed."""
        return super().cursor(Cursor)

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:  # noqa: ANN401  as above
        """Execute one statement in a new cursor."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Execute one statement for each of the parameters in a new cursor."""
        return self.cursor().executemany(sql, parameters)


def connect(path: Path | str, lock_seconds: float) -> Connection:
    """Open a database; a lock of another program is waited for so many seconds."""
    with translated(Path(path)):
        connection = sqlite3.connect(path, isolation_level=None, timeout=lock_seconds, factory=Connection)
    connection.file = Path(path)
    return connection


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise StateUnavailable for an error of SQLite in the block that the file is to blame for."""
    try:
        yield
    except ERRORS as exc:
        raise state_error(exc, path) from exc


def state_error(exc: sqlite3.Error | UnicodeDecodeError, path: Path) -> Exception:
    """Return the StateUnavailable for this error; the error itself if it is a mistake in a statement."""
    if isinstance(exc, UnicodeDecodeError):
        return damaged(path)
    if isinstance(exc, _BUGS):
        return exc
    code = getattr(exc, "sqlite_errorcode", None)
    if code is None or code == sqlite3.SQLITE_ERROR:
        is_damaged = str(exc).startswith(_NO_JOURNAL)
        return unavailable(StateFault.DAMAGED, path, NAME) if is_damaged else exc
    return unavailable(_fault(code, path), path, NAME)


def damaged(path: Path) -> StateUnavailable:
    """Return the error for a journal in which something else stands than drumwatch has written."""
    return unavailable(StateFault.DAMAGED, path, NAME)


def _fault(code: int, path: Path) -> StateFault:
    if code == MOVED:
        return StateFault.REPLACED
    primary = code & PRIMARY
    found = fault_of_place(path) if primary in _UNCLEAR else None
    return found or _FAULTS.get(primary, StateFault.OTHER)


def _raise(exc: sqlite3.Error | UnicodeDecodeError, connection: sqlite3.Connection) -> NoReturn:
    error = state_error(exc, connection.file if isinstance(connection, Connection) else Path())
    if error is exc:
        raise exc
    raise error from exc
