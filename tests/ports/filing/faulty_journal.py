"""SQLite as it fails: statements of the journal can be made to raise what SQLite raises on a full, locked, failing or read-only disk."""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from drumwatch.journal import connection

if TYPE_CHECKING:
    import pytest

WRITES = ("INSERT", "UPDATE", "DELETE")
# Of each kind: the error, its text, the statements that meet it, and whether SQLite rolls the transaction back by itself
KINDS: dict[str, tuple[int, str, tuple[str, ...], bool]] = {
    "full": (sqlite3.SQLITE_FULL, "database or disk is full", (*WRITES, "COMMIT"), True),
    "locked": (sqlite3.SQLITE_BUSY, "database is locked", (*WRITES, "BEGIN"), False),
    "failing": (sqlite3.SQLITE_IOERR_WRITE, "disk I/O error", (*WRITES, "BEGIN", "COMMIT", "SELECT"), True),
    "read-only": (sqlite3.SQLITE_READONLY, "attempt to write a readonly database", WRITES, False),
}


class JournalFault(NamedTuple):
    """What goes wrong, at which of the statements that meet it, and whether it does so from then on."""

    kind: str
    at: int
    lasts: bool


class FaultyJournal:
    """Lets the statements of every open journal fail; the connection itself is real, and so is what translates the error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._fault: JournalFault | None = None
        self._met = 0
        self.raised = 0
        harness = self

        class FaultySqlite(sqlite3.Cursor):
            def execute(self, sql: str, parameters: Any = (), /) -> Self:
                harness._meet(sql, self.connection)
                return super().execute(sql, parameters)

            def executemany(self, sql: str, parameters: Any, /) -> Self:
                harness._meet(sql, self.connection)
                return super().executemany(sql, parameters)

        class FaultyCursor(connection.Cursor, FaultySqlite):
            """The journal's cursor, with the faulty SQLite below it."""

        monkeypatch.setattr(connection, "Cursor", FaultyCursor)

    def begin(self, fault: JournalFault) -> None:
        """From now on the journal has this fault."""
        self._fault, self._met = fault, 0

    def end(self) -> None:
        """The disk is well again."""
        self._fault = None

    def _meet(self, sql: str, db: sqlite3.Connection) -> None:
        if self._fault is None:
            return
        code, text, statements, rolls_back = KINDS[self._fault.kind]
        if not sql.lstrip().startswith(statements):
            return
        self._met += 1
        if self._met not in range(self._fault.at, sys.maxsize if self._fault.lasts else self._fault.at + 1):
            return
        self.raised += 1
        if rolls_back and db.in_transaction:
            sqlite3.Cursor(db).execute("ROLLBACK")
        error = sqlite3.OperationalError(text)
        error.sqlite_errorcode = code
        raise error
