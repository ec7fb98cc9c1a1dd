"""Describe errors of drumwatch's own files: what happened, to which file, and what to do."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from drumwatch.core.errors import StateFault, StateUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FAULTS: dict[int | None, StateFault] = {
    errno.ENOSPC: StateFault.FULL,
    errno.EDQUOT: StateFault.FULL,
    errno.EFBIG: StateFault.FULL,
    errno.EROFS: StateFault.READ_ONLY,
    errno.EACCES: StateFault.FORBIDDEN,
    errno.EPERM: StateFault.FORBIDDEN,
    errno.EEXIST: StateFault.BLOCKED,
    errno.EISDIR: StateFault.BLOCKED,
    errno.ENOTDIR: StateFault.BLOCKED,
    errno.ENOENT: StateFault.REPLACED,
    errno.ESTALE: StateFault.FAILING,
    errno.EIO: StateFault.FAILING,
    errno.ENXIO: StateFault.FAILING,
}


def unavailable(fault: StateFault, path: Path, name: str = "drumwatch's file") -> StateUnavailable:
    """Return the error for a file of drumwatch's own; `name` says what it is, as in "the journal"."""
    it = f"{name} {path}"
    match fault:
        case StateFault.FULL:
            what, remedy = f"The disk of {it} is full", "make room there, and it can go on"
        case StateFault.LOCKED:
            what = f"Another program keeps {it} locked"
            remedy = "close that program, perhaps a database viewer or a backup, and it can go on"
        case StateFault.FAILING:
            what = f"The disk of {it} reports errors"
            remedy = "check the disk and its connection, and then the journal with `drumwatch journal check`"
        case StateFault.READ_ONLY:
            what = f"{_capital(it)} can only be read"
            remedy = "make it and its folder writable, or mount its disk for writing"
        case StateFault.FORBIDDEN:
            closed = _closed_folder(path)
            what = f"This user may not open {f'the folder {closed}' if closed else it}"
            remedy = f"give yourself the permission: chmod u+rwX {closed or path}"
        case StateFault.DAMAGED:
            what = f"{_capital(it)} is damaged"
            remedy = (
                "`drumwatch journal check` says how far, and `drumwatch journal repair` recovers what can be"
                " read and keeps the old file"
            )
        case StateFault.BLOCKED:
            what = f"{_capital(it)} cannot be used, because something else is in its place"
            remedy = f"move {_in_the_way(path)} away, and put the right one back if you have it"
        case StateFault.REPLACED:
            what = f"{_capital(it)} was deleted or replaced"
            remedy = (
                "put it back; or restart drumwatch, which goes on with what is there, or begins a new journal"
            )
        case StateFault.OTHER:
            what, remedy = (
                f"{_capital(it)} cannot be used",
                "`drumwatch doctor` and `drumwatch journal check` tell more",
            )
    return StateUnavailable(what, remedy, fault=fault, path=path)


def of_os_error(exc: OSError, path: Path, name: str = "drumwatch's file") -> StateUnavailable:
    """Return the error that says what an OSError means for this file."""
    return unavailable(_FAULTS.get(exc.errno, StateFault.OTHER), path, name)


@contextlib.contextmanager
def translated(path: Path, name: str = "drumwatch's file") -> Iterator[None]:
    """Raise StateUnavailable for an OSError of the block, which reads or writes this file."""
    try:
        yield
    except OSError as exc:
        raise of_os_error(exc, path, name) from exc


def fault_of_place(path: Path) -> StateFault | None:
    """Return what keeps a file at this path from being opened or written, as far as its disk and permissions show."""
    folder = path.parent
    try:
        disk = os.statvfs(folder)
        there = path.exists()
        checks = (
            (StateFault.BLOCKED, path.is_dir() or not folder.is_dir()),
            (StateFault.FORBIDDEN, not _may(folder, os.X_OK)),
            (StateFault.FORBIDDEN, there and not _may(path, os.R_OK)),
            (StateFault.READ_ONLY, bool(disk.f_flag & os.ST_RDONLY)),
            (StateFault.FULL, disk.f_bavail == 0 or disk.f_favail == 0 < disk.f_files),
            (StateFault.READ_ONLY, not _may(folder, os.W_OK)),
            (StateFault.READ_ONLY, there and not _may(path, os.W_OK)),
        )
    except OSError as exc:
        return _FAULTS.get(exc.errno)
    return next((fault for fault, is_so in checks if is_so), None)


def _closed_folder(path: Path) -> Path | None:
    """Return the folder above that this user may not enter, if there is one."""
    for folder in reversed(path.parents):
        if os.path.lexists(folder) and not _may(folder, os.X_OK):
            return folder
    return None


def _may(path: Path, mode: int) -> bool:
    """Return whether this process may do that with the file or folder."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _in_the_way(path: Path) -> str:
    """Return the first file or folder on the way to this path that is of the wrong kind, and what it is."""
    for above in reversed(path.parents):
        if above.exists() and not above.is_dir():
            return f"the file {above}"
    return f"the {'folder' if path.is_dir() else 'file'} {path}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
