"""The final check before a file counts as arrived: unchanged, complete, and not open for writing."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.containers import FOREIGN, HEAD_BYTES, NotWhole, inspect, sniff
from drumwatch.core.os_reasons import reason
from drumwatch.core.records import FileStamp
from drumwatch.intake.ignore import has_av, is_audio_name, siblings_of, waits_for
from drumwatch.system import cloud_files
from drumwatch.system.file_lease import has_writer

if TYPE_CHECKING:
    from pathlib import Path

# Seconds without a change after which nothing more is expected of a file that lacks something and that nobody writes to.
ENDED_AFTER = 60.0

_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)

_KINDS = (
    (stat.S_ISLNK, "is a symbolic link; drumwatch leaves links alone"),
    (stat.S_ISDIR, "is a folder in spite of its name"),
    (stat.S_ISFIFO, "is a named pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
)


@dataclass(frozen=True, slots=True)
class NotStable:
    """Check again later: the reason, and the new stamp if the file has changed."""

    reason: str
    stamp: FileStamp | None = None
    incomplete: bool = False  # unchanged and not open for writing, but incomplete
    elsewhere: bool = False  # its content is only in a cloud, and is waited for however long that takes


@dataclass(frozen=True, slots=True)
class NotASample:
    """The file is no sample until it changes: the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class NeedsExtra:
    """The file is whole, but only the extra `formats` decodes what is in it; `form` is its format."""

    form: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The file does not exist any more."""


def stamp_of(path: Path) -> FileStamp | None:
    """Return the present stamp of a regular file, or None if there is none."""
    try:
        return stamp_from(os.lstat(path))
    except (OSError, ValueError):  # ValueError: a name with a NUL in it
        return None


def stamp_from(status: os.stat_result) -> FileStamp | None:
    """Return the stamp in an lstat result, or None for links, folders, pipes and devices."""
    if not stat.S_ISREG(status.st_mode):
        return None
    return FileStamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def untouched_for(status: os.stat_result, wall: float) -> float:
    """Return the seconds since the file last changed, at wall clock time `wall`.

    ctime is used because `cp -p`, rsync and unpackers set an old mtime on a new file.
    """
    return max(0.0, wall - max(status.st_mtime, status.st_ctime))


def why_not_regular(status: os.stat_result) -> str | None:
    """Return why this is no regular file, or None if it is one."""
    if stat.S_ISREG(status.st_mode):
        return None
    return next((text for is_kind, text in _KINDS if is_kind(status.st_mode)), "is a device, not a file")


def check_stable(path: Path, known: FileStamp) -> NotStable | NotASample | NeedsExtra | Gone | None:
    """Return None if the file is complete, unchanged since `known` and not open for writing; else the obstacle."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return Gone()
    except OSError as exc:
        return NotStable(f"{path.name} cannot be looked at, because {reason(exc)}")
    if odd := why_not_regular(status):
        return NotASample(f"{path.name} {odd}")
    if cloud_files.is_dataless(status):  # before anything opens it, which would fetch it
        return NotStable(cloud_files.why_not_here(path), elsewhere=True)
    now = stamp_from(status)
    if now != known:
        return NotStable(f"{path.name} is still changing", now)
    return _in_progress(path) or _unready(path, untouched_for(status, time.time()))


def _in_progress(path: Path) -> NotStable | None:
    folder, own_name = os.path.split(path)
    for name in siblings_of(own_name):
        if os.path.lexists(os.path.join(folder, name)):
            return NotStable(f"{path.name} is still being downloaded: {name} lies beside it")
    if (final := waits_for(own_name)) and os.path.lexists(os.path.join(folder, final)):
        return NotStable(f"{path.name} is still being converted: {final} lies beside it")
    return None


def _unready(path: Path, untouched: float) -> NotStable | NotASample | NeedsExtra | Gone | None:
    try:
        handle = os.open(path, _READ_FLAGS)
        try:
            writes = has_writer(handle)
            if writes:
                return NotStable(f"{path.name} is open for writing in another program")
            head = os.read(handle, HEAD_BYTES)
        finally:
            os.close(handle)
        if not is_audio_name(path.name):
            return None
        is_old = untouched >= ENDED_AFTER
        return _unfinished(path, head, is_old=is_old, is_closed=is_old or writes is False)
    except FileNotFoundError:
        return Gone()
    except OSError as exc:
        if exc.errno == cloud_files.NOT_HERE:
            return NotStable(cloud_files.why_not_here(path), elsewhere=True)
        return NotStable(f"{path.name} cannot be opened, because {reason(exc)}")


def _unfinished(
    path: Path, head: bytes, *, is_old: bool, is_closed: bool
) -> NotStable | NotASample | NeedsExtra | None:
    """Judge the content: what is missing may come for a while; what decoders forgive only matters if somebody may write."""
    try:
        form = inspect(path)
    except NotWhole as exc:
        is_preallocated = not any(head)  # torrent clients reserve the whole size before they write
        may_come = not is_old and (is_preallocated or sniff(head))
        return NotStable(str(exc), incomplete=True) if may_come else NotASample(str(exc))
    if form.oddity and not is_closed:
        return NotStable(f"{path.name} {form.oddity}")
    return NeedsExtra(form.name) if form.name in FOREIGN and not has_av() else None
