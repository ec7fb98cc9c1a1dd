"""Describe errors of the disk in sentences for the user."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, DiskUnavailable
from drumwatch.core.os_reasons import NAME_REFUSED, reason
from drumwatch.core.portable_names import portable
from drumwatch.system import cloud_files, macos_permissions

if TYPE_CHECKING:
    from pathlib import Path

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM}
_LOCKED = stat.UF_IMMUTABLE | stat.SF_IMMUTABLE
_UNLOCK = "Take the lock off in the Finder (Get Info, Locked), and it can be tried again."
_WAITING = "What belongs there is still where it was, and is tried again by itself."


def failure(exc: OSError, sound: Path, place: Path | None, library: Path) -> ActionFailed:
    """Return the error to raise: DiskUnavailable if every other sound would fail in the same way."""
    text = sentence(exc, sound, place)
    where = library if place else mount_point(sound.parent)
    if exc.errno in _NO_SPACE:
        return of_the_disk(text, "is full", where, "Make room there.")
    if exc.errno == errno.EROFS:
        return of_the_disk(text, "can only be read", where, _advice(exc.errno))
    return ActionFailed(text)


def of_the_disk(text: str, is_so: str, where: Path, advice: str) -> DiskUnavailable:
    """Return the error for a disk that is full or read-only."""
    return DiskUnavailable(text, trouble=f"The disk of {where} {is_so}. {advice} {_WAITING}", where=where)


def mount_point(folder: Path) -> Path:
    """Return the mount point of the folder's disk."""
    return next((place for place in (folder, *folder.parents) if os.path.ismount(place)), folder)


def sentence(exc: OSError, sound: Path, place: Path | None = None) -> str:
    """Return what went wrong on the way to `place`, and that the sound is safe where it was."""
    if exc.errno in _FORBIDDEN and (
        locked := _locked(sound, sound.parent, *([place.parent] if place else ()))
    ):
        return f"{locked} is locked: {sound.name} is still in {sound.parent}. {_UNLOCK}"
    around = (place or sound).parent
    if _refused_name(exc, place):
        advice = "Give it a plainer name."
    elif exc.errno in _FORBIDDEN and macos_permissions.needs_permission(around):
        advice = macos_permissions.advice(around)
    else:
        advice = _advice(exc.errno)
    return f"{_cause(exc, sound, place)}: {sound.name} is still in {sound.parent}. {advice}"


def _locked(*paths: Path) -> Path | None:
    """Return the first of these paths that the Finder shows as locked (macOS)."""
    for path in paths:
        with contextlib.suppress(OSError):
            if getattr(os.lstat(path), "st_flags", 0) & _LOCKED:
                return path
    return None


def folder_sentence(exc: OSError, folder: Path) -> str:
    """Return why folders could not be made again, and that nothing was changed."""
    return f"{_cause(exc, folder, folder)}: the folders there were not made again. {_REPAIRS.get(exc.errno, 'Undo again later.')}"


_REPAIRS: dict[int | None, str] = {
    errno.ENOSPC: "Make room there, and undo again.",
    errno.EDQUOT: "Make room there, and undo again.",
    errno.EROFS: "Mount it for writing, and undo again.",
    errno.EACCES: "Change the folder's permissions, and undo again.",
    errno.EPERM: "Change the folder's permissions, and undo again.",
}


def _cause(exc: OSError, sound: Path, goal: Path | None = None) -> str:
    place = goal or sound
    if exc.errno in _NO_SPACE:
        return f"The disk of {place.parent} is full"
    if exc.errno == errno.EROFS:
        return f"The disk of {place.parent} can only be read"
    if about_name := _about_the_name(exc, place, goal):
        return about_name
    return f"{_where(exc, place)}{_ending(exc, place)}"


def _ending(exc: OSError, place: Path) -> str:
    if exc.errno in _FORBIDDEN:
        return " may not be changed by this user"
    if exc.errno in {errno.ENOENT, errno.ESTALE, errno.ENODEV, errno.ENXIO}:
        return " is not there any more"
    if exc.errno == cloud_files.NOT_HERE:
        return f" is in {cloud_files.provider(place)}, not on this Mac yet"
    return f" cannot be used, because {reason(exc)}"


def _about_the_name(exc: OSError, place: Path, goal: Path | None) -> str:
    if exc.errno == errno.ENAMETOOLONG:
        return f"The name {place.name} is too long for the disk of {place.parent}"
    refused = _refused_name(exc, goal)
    return f"The disk of {refused.parent} does not take the name {refused.name}" if refused else ""


def _refused_name(exc: OSError, goal: Path | None) -> Path | None:
    """Return the file or folder that is not there because the disk refuses its name, or None if that is not the cause."""
    if goal is None or exc.errno not in NAME_REFUSED:
        return None
    missing = (path for path in (*reversed(goal.parents), goal) if not os.path.lexists(path))
    return next((path for path in missing if portable(path.name) != path.name), None)


def _advice(code: int | None) -> str:
    if code in _NO_SPACE:
        return "Make room there, and it can be tried again."
    if code in _FORBIDDEN:
        return "Change the folder's permissions, or choose another library."
    return _ADVICE.get(code, "It can be tried again.")


_ADVICE: dict[int | None, str] = {
    errno.EROFS: "Mount it for writing, or choose another library.",
    errno.ENAMETOOLONG: "Shorten the name, or the layout.",
    errno.EIO: "The disk may be failing: check it.",
    cloud_files.NOT_HERE: "Download it, and it can be tried again.",
}


def _where(exc: OSError, place: Path) -> str:
    """Return the path in the system's error, or `place` if that is a name without its folder."""
    named = exc.filename if isinstance(exc.filename, str) else ""
    return named if os.path.isabs(named) else str(place)
