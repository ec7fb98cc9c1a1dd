"""Checks whether a journal is sound: its file, its pages and indexes, and whether every row can be read. Changes nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import count_of, home_short
from drumwatch.journal.migrations import MIGRATIONS
from drumwatch.journal.table_rows import tables
from drumwatch.journal.write_ahead_log import read_log

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"SQLite format 3\0"
BUSY, IO_ERROR, DISK_FULL, CANNOT_OPEN, READ_ONLY = 5, 10, 13, 14, 8  # SQLite's result codes
# Python cannot decode SQLite's message about a damaged name, and says so instead
DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
LOCKED_SECONDS = 10.0
MOST_PROBLEMS = 100  # that SQLite reports before it gives up
NAMED = 5  # rows, in one sentence
REPAIR = "`drumwatch journal repair` saves what can be read, and keeps the file as it is now."
REWRITE_SECONDS = 0.1  # another process may be writing the header of the log


class JournalDamagedError(DrumwatchError):
    """The journal is damaged; the text says what to do."""


class Finding(NamedTuple):
    """The result of one check in a sentence, and what to do if something is wrong."""

    fine: bool
    what: str
    remedy: str = ""


class Examination(NamedTuple):
    """What is known about a journal after it has been checked."""

    findings: tuple[Finding, ...]
    entries: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.fine for finding in self.findings)


def examine(path: Path, *, thorough: bool = True) -> Examination:
    """Return what is right and what is wrong with a journal, which is only read; call it where no journal is open in this process.

    That is because the system drops all locks of a process on a file, SQLite's as well, when the process closes the file once.
    Without `thorough`, indexes are not compared with their tables, and only the file and its pages are checked.
    """
    refused = _wrong_with_file(path)
    if refused:
        return Examination((refused,))
    findings = [finding for finding in [_wrong_with_log(path)] if finding]
    entries = 0
    try:
        with _read_only(path) as connection:
            about, entries = _about(connection, path)
            findings.insert(0, about)
            if about.fine:
                findings += _structure(connection, thorough=thorough)
                findings += _rows(connection) if thorough else ()
    except DATABASE_ERRORS as exc:
        findings.append(_as_finding(exc, path))
    except OSError:
        findings.append(_disk_fails(home_short(path)))
    return Examination(tuple(findings), entries)


def newest_entry(path: Path) -> int:
    """Return the highest number that a journal ever gave to an entry; 0 if there is none or it cannot be read."""
    try:
        with _read_only(path) as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
            return int(row[0]) if row else 0
    except (sqlite3.Error, OSError, ValueError, TypeError):
        return 0


def entries_in_words(count: int) -> str:
    """Return a number of entries: "1 entry", "2,312 entries"."""
    return "1 entry" if count == 1 else f"{count:,} entries"


# The file


def _wrong_with_file(path: Path) -> Finding | None:
    """What keeps the file from being a database at all."""
    name = home_short(path)
    if path.is_dir():
        return Finding(False, f"In place of the journal {name} there is a folder.", REPAIR)
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except FileNotFoundError:
        return Finding(False, f"There is no journal at {name}.", REPAIR)
    except PermissionError:
        allow = f"Allow yourself to read and write it: chmod u+rw {name}."
        return Finding(False, f"The journal {name} cannot be read: access is not permitted.", allow)
    except OSError:
        return _disk_fails(name)
    return None if start == MAGIC else _no_database(name, start)


def _no_database(name: str, start: bytes) -> Finding:
    if not start:  # SQLite must not open it: it deletes the log of an empty file
        return Finding(False, f"The journal {name} is empty.", REPAIR)
    what = f"The journal {name} does not begin as one: its beginning was overwritten, or it is another file."
    return Finding(False, what, REPAIR)


def _disk_fails(name: str) -> Finding:
    return Finding(False, f"The journal {name} cannot be read from its disk.", f"Check the disk. {REPAIR}")


def _has_log(path: Path) -> bool:
    """Whether there is a log, and anything in it."""
    log = log_of(path)
    return log.is_file() and log.stat().st_size > 0


def log_of(path: Path) -> Path:
    """Return the path of SQLite's write-ahead log of a journal."""
    return path.with_name(f"{path.name}-wal")


def _wrong_with_log(path: Path) -> Finding | None:
    """Damage in the write-ahead log, over which SQLite passes in silence, with all that comes after it."""
    for pause in (REWRITE_SECONDS, 0.0):
        try:
            if not _has_log(path) or not read_log(log_of(path).read_bytes(), _page_size(path)).damaged:
                return None
        except OSError:
            break
        time.sleep(pause)
    what = (
        f"The log of the latest changes, {home_short(log_of(path))}, is damaged: some of them are not seen."
    )
    return Finding(False, what, REPAIR)


def _page_size(path: Path) -> int:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:])
    return 65536 if size == 1 else max(size, 512)


@contextlib.contextmanager
def _read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write; where SQLite may make no files beside the journal, one that needs none, or one to a copy."""
    with contextlib.ExitStack() as stack:
        try:
            connection = _connect(path, stack)
        except sqlite3.OperationalError as exc:
            if result_code(exc) not in (CANNOT_OPEN, READ_ONLY):
                raise
            if _has_log(path):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                connection = _connect(_copy(path, folder), stack)
            else:
                connection = _connect(path, stack, "immutable=1")
        yield connection


def _connect(path: Path, stack: contextlib.ExitStack, mode: str = "mode=ro") -> sqlite3.Connection:
    address = f"file:{quote(os.fsencode(path.absolute()))}?{mode}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=LOCKED_SECONDS)
    stack.callback(connection.close)
    connection.execute("PRAGMA cache_size = -1024")  # 1 MiB: the daemon has to stay small
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # opens the file
    return connection


def _copy(path: Path, folder: Path) -> Path:
    shutil.copyfile(log_of(path), log_of(folder / path.name))
    return Path(shutil.copyfile(path, folder / path.name))


def _as_finding(exc: Exception, path: Path) -> Finding:
    name = home_short(path)
    code = result_code(exc)
    if code == BUSY:
        return Finding(False, f"The journal {name} is in use by another program.", "Try again in a moment.")
    if code in (CANNOT_OPEN, READ_ONLY):
        allow = f"Allow yourself to read and write {name} and the files beside it."
        return Finding(False, f"The journal {name} cannot be opened.", allow)
    if code == IO_ERROR:
        return _disk_fails(name)
    return Finding(False, f"The journal {name} is so damaged that SQLite cannot read it.", REPAIR)


def result_code(exc: Exception) -> int:
    """Return SQLite's primary result code of an error; 0 if it does not come from SQLite itself."""
    return int(getattr(exc, "sqlite_errorcode", 0)) & 0xFF


# What is in it


def _about(connection: sqlite3.Connection, path: Path) -> tuple[Finding, int]:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    name = home_short(path)
    if version > len(MIGRATIONS):
        update = "Update drumwatch here: this version does not touch the journal."
        return Finding(False, f"The journal {name} was written by a newer drumwatch.", update), 0
    if version == 0:
        if _tables_in(connection):
            return Finding(False, f"{name} is a database, but no journal of drumwatch.", REPAIR), 0
        return Finding(True, f"journal {name}, nothing is in it yet"), 0
    known = tables().items()
    if missing := sorted({name for name, table in known if table.since <= version} - _tables_in(connection)):
        what = f"The journal {name} lacks {count_of(len(missing), 'table')}: {', '.join(missing)}."
        return Finding(False, what, REPAIR), 0
    (entries,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    old = (
        ""
        if version == len(MIGRATIONS)
        else ", of an earlier version, which the next command brings up to date"
    )
    return Finding(True, f"journal {name}, {entries_in_words(entries)}{old}"), int(entries)


def _tables_in(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _structure(connection: sqlite3.Connection, *, thorough: bool) -> Iterator[Finding]:
    pragma = "integrity_check" if thorough else "quick_check"
    found = [str(text) for (text,) in connection.execute(f"PRAGMA {pragma}({MOST_PROBLEMS})")]
    if found == ["ok"]:
        yield Finding(True, "every page and every index is whole" if thorough else "every page is whole")
        return
    about_indexes = [match for text in found if (match := re.search(r"(?:from|in) index (\w+)", text))]
    if about_indexes:
        names = ", ".join(sorted({match[1] for match in about_indexes}))
        yield Finding(False, f"An index does not agree with its table: {names}.", REPAIR)
    if others := len(found) - len(about_indexes):
        more = " or more" if len(found) >= MOST_PROBLEMS else ""
        yield Finding(
            False, f"Pages of the journal are damaged, in {count_of(others, 'place')}{more}.", REPAIR
        )


def _rows(connection: sqlite3.Connection) -> Iterator[Finding]:
    unreadable = [*_unreadable_rows(connection)]
    if unreadable:
        more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
        names = f"{', '.join(unreadable[:NAMED])}{more}"
        yield Finding(False, f"{count_of(len(unreadable), 'row')} cannot be read: {names}.", REPAIR)
    dangling = len(connection.execute("PRAGMA foreign_key_check").fetchall())
    if dangling:
        yield Finding(False, f"What {count_of(dangling, 'row')} refer to is missing.", REPAIR)
    if not unreadable and not dangling:
        yield Finding(True, "every row can be read, and what it refers to is there")


def _unreadable_rows(connection: sqlite3.Connection) -> Iterator[str]:
    there = _tables_in(connection)
    for name, table in tables().items():
        if name not in there:
            continue
        for number, *values in connection.execute(f"SELECT rowid, * FROM {name}"):
            lacking = [column.default for column in table.columns[len(values) :]]
            if table.readable([*values, *lacking]) is None:
                yield f"{name} {number}"
