"""Copies of the journal: one for each day, of which three are kept. A damaged journal never takes the place of a good copy."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from drumwatch.core.errors import DrumwatchError, StateUnavailable
from drumwatch.core.formatting import home_short
from drumwatch.journal.connection import connect
from drumwatch.journal.integrity import (
    BUSY,
    CANNOT_OPEN,
    DATABASE_ERRORS,
    DISK_FULL,
    IO_ERROR,
    READ_ONLY,
    JournalDamagedError,
    examine,
    newest_entry,
    result_code,
)
from drumwatch.system import power_safe
from drumwatch.system.disk_space import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = "backups"  # beside the journal
KEPT = 3
NAME = re.compile(r"journal-(\d{4}-\d\d-\d\d)(?: (\d+))?\.db")
UNFINISHED = re.compile(r"\.journal-\d+\.tmp(-journal)?")  # with the number of the process that writes it
ABANDONED = 3600.0  # seconds after which an unfinished copy was left by a process that was killed
PAGES_AT_ONCE = 256
SPARE_BYTES = 64 << 20  # that stay free on the disk of the copies
LOCKED_SECONDS = 10.0


class Backup(NamedTuple):
    """A copy of the journal, when it was made, and the day and the number in its name."""

    path: Path
    made: float
    day: str
    number: int


class BackupFailedError(DrumwatchError):
    """No copy could be made, for a reason outside of the journal; the earlier copies stay."""


class BackupStopped(DrumwatchError):  # noqa: N818  named after the state
    """The copy was given up because the program ends."""


def backups(journal: Path) -> list[Backup]:
    """Return the copies of a journal, the newest first."""
    try:
        with os.scandir(journal.parent / FOLDER) as files:
            found = [_as_backup(file) for file in files]
    except OSError:  # there is none yet
        return []
    return sorted(filter(None, found), key=lambda backup: (backup.day, backup.number), reverse=True)


def _as_backup(file: os.DirEntry[str]) -> Backup | None:
    match = NAME.fullmatch(file.name)
    if match is None or not file.is_file():
        return None
    return Backup(Path(file.path), file.stat().st_mtime, match[1], int(match[2] or 1))


def newest_sound_backup(journal: Path) -> Backup | None:
    """Return the newest copy of a journal that has no damage, or None."""
    return next((backup for backup in backups(journal) if examine(backup.path).sound), None)


def is_due(journal: Path, now: float) -> bool:
    """Return whether there is a journal without a copy of this day."""
    return os.path.isfile(journal) and all(backup.day != _day(now) for backup in backups(journal))


def back_up_if_due(journal: Path, now: float) -> str:
    """Make a copy if there is none of this day; return why that was not possible, for the user, or an empty string.

    Nothing is returned for a journal that cannot be opened: whoever opens it next tells that.
    """
    if not is_due(journal, now) or not _can_be_opened(journal):
        return ""
    try:
        back_up(journal, now)
    except DrumwatchError as exc:
        return str(exc)
    return ""


def _can_be_opened(journal: Path) -> bool:
    if os.path.getsize(journal) == 0:  # SQLite takes that for a database, and deletes its log
        return True
    try:
        with contextlib.closing(connect(journal, lock_seconds=0.0)) as connection:
            connection.execute("SELECT 1 FROM entry LIMIT 1").fetchone()
    except StateUnavailable:
        return False
    return True


def back_up(journal: Path, now: float, *, between_steps: Callable[[], None] = lambda: None) -> Path:
    """Copy the journal by SQLite's own interface, and return the path of the copy, which is whole or not there at all.

    The copy is checked before it takes its name, and then all but the newest three are removed. Other processes may go on
    writing meanwhile. `between_steps` is called after every few pages; what it raises ends the copying.
    """
    folder = journal.parent / FOLDER
    unfinished = folder / f".journal-{os.getpid()}.tmp"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _remove_unfinished(folder, now)
        size = journal.stat().st_size
        _require_space(folder, size)
        if size == 0:  # SQLite takes that for a database, and deletes its log
            raise _damaged(journal)
        try:
            _copy(journal, unfinished, between_steps)
            if not examine(unfinished).sound:
                raise _damaged(journal)
            return _keep(unfinished, folder, _day(now))
        finally:
            unfinished.unlink(missing_ok=True)
    except (OSError, *DATABASE_ERRORS) as exc:
        raise _explained(exc, journal) from exc


def _day(now: float) -> str:
    return dt.datetime.fromtimestamp(now).astimezone().date().isoformat()


def _copy(journal: Path, copy: Path, between_steps: Callable[[], None]) -> None:
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    address = f"file:{quote(os.fsencode(journal.absolute()))}?mode=ro"
    with (
        contextlib.closing(
            sqlite3.connect(address, uri=True, isolation_level=None, timeout=LOCKED_SECONDS)
        ) as source,
        contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target,
    ):
        for connection in (source, target):
            connection.execute("PRAGMA cache_size = -512")
        source.execute("BEGIN")  # one state of the journal, however often others write meanwhile
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(target, pages=PAGES_AT_ONCE, progress=lambda *_: between_steps())
        target.execute("PRAGMA journal_mode = DELETE")  # a copy is one file
        found = [text for (text,) in target.execute("PRAGMA integrity_check(1)")]
        if found != ["ok"]:
            raise _damaged(journal)
    between_steps()
    _sync(copy)


def _require_space(folder: Path, size: int) -> None:
    """Raise an error where a copy would leave too little space for the journal itself."""
    if free_bytes(folder) < size + SPARE_BYTES:
        raise BackupFailedError(
            f"No backup of the journal was made, as little space is left on the disk of {home_short(folder)}: free some."
        )


def _damaged(journal: Path) -> JournalDamagedError:
    return JournalDamagedError(
        f"The journal {home_short(journal)} is damaged, so no backup of it was made, and the earlier ones are kept."
        " `drumwatch journal check` tells what is wrong, `drumwatch journal repair` saves what can be read."
    )


def _keep(unfinished: Path, folder: Path, day: str) -> Path:
    """Give the copy its name, and remove the copies that are too many.

    A copy that has later entries is of a journal that was lost since: it is neither replaced nor removed.
    """
    last = newest_entry(unfinished)
    number, path = 1, folder / f"journal-{day}.db"
    while path.exists() and newest_entry(path) > last:
        number += 1
        path = folder / f"journal-{day} {number}.db"
    os.replace(unfinished, path)
    _sync(folder)
    of_this_journal = [
        backup for backup in backups(folder.parent / "journal.db") if newest_entry(backup.path) <= last
    ]
    for backup in of_this_journal[KEPT:]:
        backup.path.unlink()
    return path


def _remove_unfinished(folder: Path, now: float) -> None:
    for path in folder.iterdir():
        if UNFINISHED.fullmatch(path.name) and now - path.stat().st_mtime > ABANDONED:
            path.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        power_safe.sync(handle)
    finally:
        os.close(handle)


def _explained(exc: Exception, journal: Path) -> DrumwatchError:
    name, folder = home_short(journal), home_short(journal.parent / FOLDER)
    if isinstance(exc, OSError):
        return BackupFailedError(
            f"No backup of the journal was made, as {folder} cannot be written: free some space on its disk,"
            " or allow yourself to write there."
        )
    match result_code(exc):
        case n if n == BUSY:
            return BackupFailedError(f"No backup was made, as another program uses {name}: try again later.")
        case n if n == DISK_FULL:
            return BackupFailedError(f"No backup was made, as the disk of {folder} is full: free some space.")
        case n if n in (CANNOT_OPEN, READ_ONLY):
            return BackupFailedError(
                f"No backup was made, as {name} cannot be opened: allow yourself to read it and to write in {folder}."
            )
        case n if n == IO_ERROR:
            return BackupFailedError(f"No backup was made, as the disk of {name} fails: check it.")
    return _damaged(journal)
