"""Repairs a journal: reads what can be read, page by page, into a new file, and keeps the damaged one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import home_short
from drumwatch.journal.backup import newest_sound_backup
from drumwatch.journal.database import JournalVersionError
from drumwatch.journal.integrity import DATABASE_ERRORS, examine, log_of
from drumwatch.journal.repair.completion import complete
from drumwatch.journal.repair.extraction import extract, newer_version
from drumwatch.journal.repair.pages import Image
from drumwatch.journal.repair.rebuild import write_journal
from drumwatch.journal.repair.replace_file import remove_temporary_files, replace, temporary_name
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.journal.backup import Backup
    from drumwatch.journal.repair.completion import Completed

SHARED_FIRST, SHARED_SIZE = 0x40000002, 510  # the bytes that whoever has the database open holds a lock on


class JournalInUseError(UsageError):
    """Another process has the journal open, so it cannot be replaced."""


class RepairFailedError(DrumwatchError):
    """The journal could not be repaired, and is as it was."""


class Repaired(NamedTuple):
    """What a repair has saved and lost."""

    kept: Path | None  # the journal as it was
    entries: int
    entries_from_backup: int
    lost_entries: tuple[range, ...]  # at most these: a withdrawn entry leaves a gap as well
    open_end: bool  # entries after the last one may be lost as well
    labels: int
    lost_labels: int  # at most
    watches_forgotten: bool  # what is in the watched folders counts as old now
    backup: Backup | None  # that missing rows were looked for in
    backup_of_other_journal: bool


def repair_journal(journal: Path, lock_file: Path, now: float) -> Repaired:
    """Replace a damaged journal by one that has all that can be read, or raise an error with everything unchanged.

    What is missing is taken from the newest backup. The damaged journal is kept under a name with date and time.
    """
    # SQLite's log is beside the file itself, not beside a link to it; the backups are beside the link
    file = Path(os.path.realpath(journal))
    with _alone(file, lock_file):
        try:
            return _repair(file, newest_sound_backup(journal), now)
        except (OSError, *DATABASE_ERRORS) as exc:
            raise RepairFailedError(
                f"The journal was not repaired, and {home_short(journal)} is as it was: {home_short(journal.parent)} cannot be"
                " read or written. Free some space on its disk, or allow yourself to read and write there, and try again."
            ) from exc


def _repair(journal: Path, backup: Backup | None, now: float) -> Repaired:
    remove_temporary_files(journal)
    image = _image(journal)
    if image is not None and newer_version(image):
        raise JournalVersionError(
            f"The journal {home_short(journal)} was written by a newer drumwatch: please update this one. Nothing was changed."
        )
    if image is None and backup is None and not journal.is_dir():
        raise UsageError(
            f"There is no journal at {home_short(journal)}, and no backup of one: nothing to repair."
        )
    stored = extract(Image(backup.path.read_bytes())) if backup else None
    content = complete(extract(image or Image(b"")), stored)
    new = temporary_name(journal, "new")
    try:
        try:
            write_journal(new, content)
        except sqlite3.IntegrityError as exc:
            raise _makes_no_journal(journal) from exc
        if not examine(new).sound:
            raise _makes_no_journal(journal)
        kept = replace(journal, new, image, now)
    finally:
        new.unlink(missing_ok=True)
    return _report(content, kept, backup)


def _makes_no_journal(journal: Path) -> RepairFailedError:
    return RepairFailedError(
        f"The journal {home_short(journal)} was not repaired, and is as it was: what could be read makes no journal."
        " Please keep the file, and report this."
    )


def _image(journal: Path) -> Image | None:
    """What is at the journal's path, with its log; None if that is no file."""
    if not journal.is_file():
        return None
    log = log_of(journal)
    return Image(journal.read_bytes(), log.read_bytes() if log.is_file() else b"")


def _report(content: Completed, kept: Path | None, backup: Backup | None) -> Repaired:
    return Repaired(
        kept,
        entries=len(content.tables["entry"]),
        entries_from_backup=content.from_backup.get("entry", 0),
        lost_entries=content.missing["entry"],
        open_end=content.open_end,
        labels=len(content.tables["confirmed"]),
        lost_labels=sum(map(len, content.missing["confirmed"])),
        watches_forgotten=content.watches_forgotten,
        backup=backup,
        backup_of_other_journal=content.other_journal,
    )


@contextlib.contextmanager
def _alone(journal: Path, lock_file: Path) -> Iterator[None]:
    """Hold the daemon's lock; raise an error if a daemon holds it, or another program has the journal open."""
    lock = Lock(lock_file)
    if not lock.take():
        raise JournalInUseError(
            f"The daemon is running (process {lock.holder()}): stop it first, by `drumwatch service stop`, or by Ctrl-C where"
            " `drumwatch run` was started. Then say this again."
        )
    try:
        if _is_open_elsewhere(journal):
            raise JournalInUseError(
                f"Another program has {home_short(journal)} open, perhaps `drumwatch sort`, `drumwatch review` or"
                " `drumwatch log --follow`: end it, then say this again."
            )
        yield
    finally:
        lock.release()


def _is_open_elsewhere(journal: Path) -> bool:
    """Whether another process holds SQLite's lock on the file, which every open journal does in WAL mode."""
    import fcntl  # noqa: PLC0415  POSIX

    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(journal.open("r+b"))
        except OSError:  # no file, or one that may not be read: that is said later
            return False
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
        except (BlockingIOError, PermissionError):
            return True
        except OSError:  # no locks on this disk
            return False
    return False
