"""Tells whether a row can belong to a table of the journal and can be read; works on values, without the database that holds them."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from drumwatch.journal.columns import as_entry
from drumwatch.journal.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value = str | bytes | int | float | None
Row = tuple[Value, ...]

CHECK = re.compile(r"CHECK \((\w+) IN \(([^)]*)\)\)")
CONTENT_HASH = re.compile(r"[0-9a-f]{64}")
HIGHEST_ID = 2**40  # no journal has so many rows: a higher number is damage


class Column(NamedTuple):
    """A column as the newest version of the journal declares it."""

    name: str
    kind: str  # INTEGER, REAL, TEXT, or ANY for a path
    required: bool
    is_key: bool
    default: Value
    since: int  # the version that added it
    allowed: frozenset[str]  # values, by the table's CHECK; empty if there is none


class Table(NamedTuple):
    """A table as the newest version of the journal has it, and the version that added it."""

    name: str
    columns: tuple[Column, ...]
    since: int

    @property
    def key(self) -> int:
        """The index of the primary key."""
        return next(index for index, column in enumerate(self.columns) if column.is_key)

    @property
    def numbered(self) -> bool:
        """Whether the key is the number of the row."""
        return self.columns[self.key].kind == "INTEGER"

    def stored(self, number: int, record: Sequence[Value]) -> Row | None:
        """Return the values of a stored record; None if it is not of this table or cannot be read.

        SQLite does not store the number of a row in its record, nor columns that were added later.
        """
        if not 0 < number <= HIGHEST_ID or not 0 < len(record) <= len(self.columns):
            return None
        values = [*record, *(column.default for column in self.columns[len(record) :])]
        if self.numbered:
            if values[self.key] is not None:
                return None
            values[self.key] = number
        return self.readable(values)

    def readable(self, values: Sequence[Value]) -> Row | None:
        """Return the values in the types of their columns, or None if one of them cannot be read."""
        row = tuple(map(_fitted, self.columns, values))
        if not all(map(_is_allowed, self.columns, row)):
            return None
        if any(value is None and given is not None for value, given in zip(row, values, strict=True)):
            return None
        decodes = _DECODES.get(self.name)
        return row if decodes is None or decodes(row) else None


@functools.cache
def tables() -> Mapping[str, Table]:
    """Return every table of the newest version of the journal by its name."""
    since: dict[tuple[str, str], int] = {}
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for version, migrate in enumerate(MIGRATIONS, start=1):
            migrate(connection)
            for name in _names(connection):
                for column in column_names(connection, name):
                    since.setdefault((name, column), version)
        return {name: _table(connection, name, since) for name in _names(connection)}


def column_names(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that a table has in this database."""
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall()]


def _names(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    )
    return [name for (name,) in rows]


def _table(connection: sqlite3.Connection, table: str, since: Mapping[tuple[str, str], int]) -> Table:
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    allowed = {match[1]: frozenset(re.findall(r"'([^']*)'", match[2])) for match in CHECK.finditer(sql)}
    columns = []
    for _, name, kind, not_null, default, key in connection.execute(f"PRAGMA table_info({table})").fetchall():
        (value,) = connection.execute(f"SELECT {default or 'NULL'}").fetchone()
        required, values = bool(not_null or key), allowed.get(name, frozenset())
        columns.append(Column(name, kind, required, bool(key), value, since[table, name], values))
    return Table(table, tuple(columns), min(column.since for column in columns))


def _is_allowed(column: Column, value: Value) -> bool:
    if value is None:
        return not column.required
    return not column.allowed or value in column.allowed


def _fitted(column: Column, value: Value) -> Value:
    """The value in the type of its column, or None if it is of another one."""
    match column.kind, value:
        case "INTEGER", int():
            return value
        case "REAL", int() | float():  # SQLite stores a whole number without its fraction
            return float(value)
        case "TEXT", str() if value.isascii() or _is_unicode(value):
            return value
        case "ANY", str() if value and "\0" not in value and _is_unicode(value):
            return value
        case "ANY", bytes() if value and b"\0" not in value:
            return value
    return None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entry_decodes(row: Row) -> bool:
    try:
        as_entry((*row[:3], "", *row[3:]))  # the pack comes from another table
    except (ValueError, TypeError, AttributeError, msgspec.MsgspecError):
        return False
    return True


def _is_json(row: Row) -> bool:
    try:
        json.loads(str(row[1]))
    except ValueError:
        return False
    return True


def _is_absolute(path: Value) -> bool:
    return isinstance(path, str | bytes) and os.path.isabs(path)


# What SQL does not check when a row is written to a table
_DECODES: dict[str, Callable[[Row], bool]] = {
    "entry": _entry_decodes,
    "status": _is_json,
    "made": lambda row: row[1] in (0, 1) and _is_absolute(row[0]),
    "watch": lambda row: _is_absolute(row[0]),
    "starred": lambda row: CONTENT_HASH.fullmatch(str(row[0])) is not None,
}
