"""Collects the rows of each table of a journal from the pages of its file, whatever state the file is in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.journal.repair.pages import LEAF
from drumwatch.journal.table_rows import HIGHEST_ID, Table, tables

if TYPE_CHECKING:
    from drumwatch.journal.repair.pages import Image, Record
    from drumwatch.journal.table_rows import Row, Value

SCHEMA_COLUMNS = 5  # type, name, table, root page, SQL
SEQUENCE = "sqlite_sequence"  # SQLite's own table of the highest numbers that were ever given


@dataclass(slots=True)
class Rows:
    """The rows of one table by their key, and whether these are all that the table had."""

    by_key: dict[Value, Row] = field(default_factory=dict)
    whole: bool = False
    _numbers: dict[Value, int] = field(default_factory=dict)

    def add(self, key: Value, number: int, row: Row) -> None:
        """Add a row; of two with the same key, the one with the higher number was written later."""
        if number > self._numbers.get(key, -1):
            self._numbers[key] = number
            self.by_key[key] = row


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read: rows by table, the version of the journal if it is known, and the highest numbers ever given by table.

    `named` are the tables that the journal says it has; `end_known` says whether nothing that came later can be missing.
    """

    tables: dict[str, Rows]
    version: int | None
    highest: dict[str, int]
    named: frozenset[str] = frozenset()
    end_known: bool = True

    def rows(self, table: str) -> dict[Value, Row]:
        """Return the rows of a table by their key."""
        return self.tables[table].by_key


def extract(image: Image) -> Extracted:
    """Return all rows that can be read; pages that nothing leads to any more count as well."""
    found = {name: Rows() for name in tables()}
    roots, highest = _roots(image)
    seen = {1}
    for name, root in roots.items():
        if name in found:
            found[name].whole = _read_tree(image, tables()[name], root, found[name], seen)
    version = _version(image)
    for name, table in tables().items():
        if version is not None and version < table.since:
            found[name].whole = True  # this version had no such table
    if image.log_damaged:
        for rows in found.values():
            rows.whole = False  # what was written last may be missing
    damaged = [table for name, table in tables().items() if not found[name].whole]
    if damaged:
        highest = _read_stray_pages(image, damaged, found, seen) | highest
    end_known = found["entry"].whole or ("entry" in highest and not image.log_damaged)
    return Extracted(found, version, highest, frozenset(roots) & frozenset(found), end_known)


def _version(image: Image) -> int | None:
    version = image.header_number(60)
    return version if 0 < version <= len(MIGRATIONS) and image.has_header else None


def newer_version(image: Image) -> bool:
    """Return whether a newer drumwatch wrote this journal."""
    version = image.header_number(60)
    known = {str(record.values[1]) for record in _schema(image)}
    return len(MIGRATIONS) < version < 10 * len(MIGRATIONS) and "entry" in known


def _roots(image: Image) -> tuple[dict[str, int], dict[str, int]]:
    """The page where each table begins, and the highest numbers that were given."""
    roots: dict[str, int] = {}
    for record in _schema(image):
        kind, name, _, root, _ = record.values
        if kind == "table" and isinstance(name, str) and isinstance(root, int):
            roots[name] = root
    highest: dict[str, int] = {}
    if SEQUENCE in roots:
        for number in image.leaves_below(roots[SEQUENCE])[0]:
            highest |= _sequences(image.leaf(number).records)
    return roots, highest


def _schema(image: Image) -> list[Record]:
    leaves, _ = image.leaves_below(1)
    records = (record for number in leaves for record in image.leaf(number).records)
    return [record for record in records if len(record.values) == SCHEMA_COLUMNS]


def _sequences(records: tuple[Record, ...]) -> dict[str, int]:
    return {
        name: number
        for values in (record.values for record in records)
        if len(values) == 2  # noqa: PLR2004  table and number
        for name, number in [values]
        if name in tables()
        and isinstance(name, str)
        and isinstance(number, int)
        and 0 <= number <= HIGHEST_ID
    }


def _read_tree(image: Image, table: Table, root: int, rows: Rows, seen: set[int]) -> bool:
    """Add the rows of a table from where it begins; whether nothing of it is missing."""
    leaves, whole = image.leaves_below(root)
    for number in leaves:
        if number in seen:
            whole = False
            continue
        leaf = image.leaf(number)
        added = _add(table, leaf.records, rows)
        whole = whole and leaf.whole and added == len(leaf.records)
        # A page that has only rows of another kind belongs to another table: its row in the schema is damaged
        if added or not leaf.records:
            seen.add(number)
    return whole


def _read_stray_pages(
    image: Image, damaged: list[Table], found: dict[str, Rows], seen: set[int]
) -> dict[str, int]:
    """Add the rows of pages that belong to no tree any more, each page to the table that its rows fit.

    Returns the highest numbers ever given, if these were on such a page.
    """
    highest: dict[str, int] = {}
    unused = seen | image.free_pages()
    for number in range(1, image.count + 1):
        if number in unused or image.kind(number) != LEAF:
            continue
        records = image.leaf(number).records
        fits = Counter({table.name: _fitting(table, records) for table in damaged})
        (name, most) = fits.most_common(1)[0]
        if most:
            _add(tables()[name], records, found[name])
        else:
            highest |= _sequences(records)
    return highest


def _fitting(table: Table, records: tuple[Record, ...]) -> int:
    return sum(table.stored(record.number, record.values) is not None for record in records)


def _add(table: Table, records: tuple[Record, ...], rows: Rows) -> int:
    """Add those records that are rows of the table; their number."""
    added = 0
    for record in records:
        row = table.stored(record.number, record.values)
        if row is not None:
            rows.add(row[table.key], record.number, row)
            added += 1
    return added
