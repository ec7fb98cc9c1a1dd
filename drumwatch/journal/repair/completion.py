"""Completes the rows that could be read: from a backup, and so that whatever a row refers to is there. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drumwatch.journal.table_rows import tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from drumwatch.journal.repair.extraction import Extracted
    from drumwatch.journal.table_rows import Row, Value

# These hold what is going on, not what was: what a backup says of it is out of date.
PASSING = frozenset({"retry", "status", "unpacked", "leftover"})
NUMBERED = ("batch", "entry", "confirmed")  # tables whose numbers are never given twice
REFERENCES = (
    ("entry", "undoes"),
    ("sound", "entry"),
    ("place", "entry"),
    ("confirmed", "entry"),
)  # to an entry
# Facts of the table `status` that hold until they are changed.
LASTING_FACTS = ("mounted", "last_lesson")
LARGEST_GAP = 1_000_000  # between two numbers of a table: a number beyond it is damage
NOT_KNOWN = "rebuilt by `drumwatch journal repair`: only what took it back could be read"

Fields = dict[str, Any]


@dataclass(slots=True)
class Completed:
    """The rows of a repaired journal by table and key, and what was done to complete them."""

    tables: dict[str, dict[Value, Row]]
    version: int
    highest: dict[str, int]
    from_backup: dict[str, int] = field(default_factory=dict)  # by table
    missing: dict[str, tuple[range, ...]] = field(default_factory=dict)  # numbers by table, at most
    open_end: bool = False  # later entries than the last one may be lost
    watches_forgotten: bool = False
    other_journal: bool = False  # the backup is of another journal, so nothing was taken from it


def complete(found: Extracted, backup: Extracted | None) -> Completed:
    """Return the rows of both, of which those of the backup only fill gaps; every reference between rows holds afterwards."""
    _drop_implausible(found)
    rows = {name: dict(found.rows(name)) for name in found.tables}
    done = Completed(rows, 0, _highest(found))
    if backup and not _is_same_journal(found, backup):
        done.other_journal, backup = True, None
    done.missing = _missing(found, backup)
    done.open_end = not found.end_known
    if backup:
        _fill_gaps(done, found, backup)
        done.highest = {name: max(number, _highest(backup)[name]) for name, number in done.highest.items()}
    _forget_watches(done, found)
    _add_undone_entries(rows)
    done.missing = {name: _without(done.missing[name], rows[name]) for name in done.missing}
    _add_batches(rows)
    _drop_references(rows)
    done.version = found.version or _lowest_version(rows, found.named)
    return done


# From the backup


def _is_same_journal(found: Extracted, backup: Extracted) -> bool:
    """Whether the entries that both have were written at the same time, which never changes."""
    ours, theirs = found.rows("entry"), backup.rows("entry")
    common = ours.keys() & theirs.keys()
    same = sum(_time(ours[key]) == _time(theirs[key]) for key in common)
    return not common or 2 * same > len(common)


def _time(entry: Row) -> Value:
    return entry[1]


def _fill_gaps(done: Completed, found: Extracted, backup: Extracted) -> None:
    for name, rows in done.tables.items():
        if found.tables[name].whole:
            continue  # what is missing there was removed since
        theirs = backup.rows(name)
        if name == "status":
            theirs = {key: row for key, row in theirs.items() if key in LASTING_FACTS}
        elif name in PASSING:
            continue
        lacking = {key: row for key, row in theirs.items() if key not in rows}
        rows.update(lacking)
        done.from_backup[name] = len(lacking)
        if name == "entry":
            _mark_undone(rows, lacking.keys())


def _mark_undone(entries: dict[Value, Row], keys: Collection[Value]) -> None:
    """Mark entries of the backup that were undone after it was made."""
    undone = {_fields("entry", row)["undoes"] for row in entries.values() if _is_done(row)}
    for key in undone & set(keys):
        entries[key] = _row("entry", _fields("entry", entries[key]) | {"state": "undone"})


def _is_done(entry: Row) -> bool:
    return bool(_fields("entry", entry)["state"] == "done")


# What is missing


def _highest(one: Extracted) -> dict[str, int]:
    """The highest number that each table has ever given, as far as it is known: none is given twice."""
    referred = {"entry": _referred(one, REFERENCES), "batch": _referred(one, (("entry", "batch"),))}
    return {
        name: _end([one.highest.get(name, 0), *_numbers(one.rows(name)), *referred.get(name, ())])
        for name in NUMBERED
    }


def _numbers(keys: Iterable[Value]) -> list[int]:
    return [key for key in keys if isinstance(key, int)]


def _referred(one: Extracted, references: Iterable[tuple[str, str]]) -> list[int]:
    return _numbers(
        _fields(name, row)[column] for name, column in references for row in one.rows(name).values()
    )


def _end(numbers: Iterable[int]) -> int:
    """The highest number before a gap that is too large to be true; 0 if there is none."""
    end = 0
    for number in sorted(set(numbers)):
        if end and number - end > LARGEST_GAP:
            break
        end = max(end, number)
    return end


def _drop_implausible(found: Extracted) -> None:
    """Drop rows with a number, or a reference to a number, that is far beyond all others: these are damaged."""
    highest = _highest(found)
    for name in NUMBERED:
        table = found.tables[name]
        plausible = {key: row for key, row in table.by_key.items() if _is_plausible(name, row, highest)}
        table.whole = table.whole and len(plausible) == len(table.by_key)
        table.by_key = plausible


def _is_plausible(name: str, row: Row, highest: Mapping[str, int]) -> bool:
    fields = _fields(name, row)
    numbers = [(name, fields["id"])]
    if name == "entry":
        numbers += [("batch", fields["batch"]), ("entry", fields["undoes"])]
    return all(number is None or 0 < number <= highest[table] for table, number in numbers)


def _missing(found: Extracted, backup: Extracted | None) -> dict[str, tuple[range, ...]]:
    """The numbers of rows that may have been in a table and could not be read; an entry that was withdrawn leaves a gap as well."""
    missing: dict[str, tuple[range, ...]] = {}
    highest = _highest(found)
    for name in ("entry", "confirmed"):
        if found.tables[name].whole:
            missing[name] = ()
            continue
        never = _never(backup, name) if backup else range(0)
        there = found.rows(name).keys()
        missing[name] = _ranges(
            number for number in range(1, highest[name] + 1) if number not in there and number not in never
        )
    return missing


def _never(backup: Extracted, name: str) -> Collection[int]:
    """Numbers that were gaps already when the backup was made."""
    there = backup.rows(name).keys()
    last = max(_numbers(there), default=0)
    return {number for number in range(1, last + 1) if number not in there}


def _without(ranges: Iterable[range], rows: Mapping[Value, Row]) -> tuple[range, ...]:
    return _ranges(number for numbers in ranges for number in numbers if number not in rows)


def _ranges(numbers: Iterable[int]) -> tuple[range, ...]:
    """The numbers, which ascend, as ranges."""
    found: list[range] = []
    for number in numbers:
        if found and found[-1].stop == number:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return tuple(found)


# References


def _forget_watches(done: Completed, found: Extracted) -> None:
    """Let every watched folder begin anew where known files may be missing: else old files would count as new, and be moved."""
    if found.tables["seen"].whole and found.tables["watch"].whole:
        return
    done.watches_forgotten = True
    done.tables["watch"].clear()


def _add_undone_entries(rows: dict[str, dict[Value, Row]]) -> None:
    """Rebuild each missing entry from the one that undid it, which has source and destination exchanged."""
    entries = rows["entry"]
    for row in sorted(entries.values(), key=lambda row: not _is_done(row)):
        undo = _fields("entry", row)
        number = undo["undoes"]
        if number is None or number in entries:
            continue
        source, destination = undo["source"], undo["destination"]
        entries[number] = _row(
            "entry",
            undo
            | {
                "id": number,
                "undoes": None,
                "source": destination or source,
                "destination": source if destination else None,
                "state": "undone" if undo["state"] == "done" else "done",
                "reason": NOT_KNOWN,
                "error": "",
                "detail": "{}",
            },
        )


def _add_batches(rows: dict[str, dict[Value, Row]]) -> None:
    """Rebuild each missing batch from its entries; its pack's name is lost."""
    members: dict[int, list[Fields]] = {}
    for row in rows["entry"].values():
        entry = _fields("entry", row)
        if entry["batch"] not in rows["batch"]:
            members.setdefault(entry["batch"], []).append(entry)
    for number, entries in members.items():
        sources = [entry["source"] for entry in entries if entry["undoes"] is None]
        times = [entry["time"] for entry in entries]
        rows["batch"][number] = _row(
            "batch",
            {
                "id": number,
                "origin": _common_folder(sources or [entries[0]["source"]]),
                "pack": "",
                "started": min(times),
                "latest": max(times),
            },
        )


def _common_folder(paths: list[str | bytes]) -> str | bytes:
    folders = [os.path.dirname(os.fsencode(path)) for path in paths]
    try:
        common = os.path.commonpath(folders) or b"/"
    except ValueError:  # some are relative, or on other drives
        common = folders[0] or b"/"
    try:
        return common.decode()
    except UnicodeDecodeError:
        return common


def _drop_references(rows: dict[str, dict[Value, Row]]) -> None:
    """Drop digests of entries that are lost; a label that the user gave stays, without its entry."""
    entries = rows["entry"]
    for name in ("sound", "place"):
        rows[name] = {key: row for key, row in rows[name].items() if key in entries}
    for key, row in rows["confirmed"].items():
        confirmed = _fields("confirmed", row)
        if confirmed["entry"] not in entries:
            rows["confirmed"][key] = _row("confirmed", confirmed | {"entry": None})


# Rows and versions


def _fields(table: str, row: Row) -> Fields:
    return {column.name: value for column, value in zip(tables()[table].columns, row, strict=True)}


def _row(table: str, fields: Fields) -> Row:
    return tuple(fields[column.name] for column in tables()[table].columns)


def _lowest_version(rows: Mapping[str, Mapping[Value, Row]], named: Collection[str]) -> int:
    """The first version that can hold all of this: the steps from there to the newest one lose nothing."""
    needed = [tables()[name].since for name in rows if rows[name] or name in named]
    added = [
        column.since
        for name, table in tables().items()
        for index, column in enumerate(table.columns)
        if any(row[index] != column.default for row in rows[name].values())
    ]
    return max([1, *needed, *added])
