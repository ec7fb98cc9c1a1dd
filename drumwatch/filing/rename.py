"""Rename a file to a free name without replacing another, by the best method that the file system supports."""

from __future__ import annotations

import contextlib
import errno
from typing import TYPE_CHECKING

from drumwatch.filing import disk

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from drumwatch.filing.disk import Folder


class Renames:
    """Renames, and remembers for each disk which of the methods worked there."""

    def __init__(self) -> None:
        self._method_by_device: dict[int, int] = {}

    def rename(self, source: Folder, name: str, target: Folder, new_name: str) -> None:
        """Rename without replacing: raises FileExistsError if the new name is taken, OSError with EXDEV across file systems."""
        device = disk.device(target)
        for number in range(self._method_by_device.get(device, 0), len(METHODS)):
            try:
                METHODS[number](source, name, target, new_name)
            except OSError as exc:
                if exc.errno not in disk.UNSUPPORTED or number == len(METHODS) - 1:
                    raise
            else:
                self._method_by_device[device] = number
                return


def _by_rename(source: Folder, name: str, target: Folder, new_name: str) -> None:
    disk.rename_noreplace(source, name, target, new_name)


def _by_link(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Make a hard link, which fails if the name is taken, then remove the first name."""
    disk.link(source, name, target, new_name)
    try:
        drop_first_name(source, name, target, new_name)
    except OSError:
        disk.unlink(target, new_name)
        raise


def drop_first_name(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Remove the first of two names of one file; if another file has that name by now, it stays."""
    if _same_file(disk.status(source, name), disk.status(target, new_name)):
        disk.unlink(source, name)


def _by_placeholder(source: Folder, name: str, target: Folder, new_name: str) -> None:
    """Reserve the name with an empty file and replace that: works on exFAT, which has no hard links."""
    with disk.created(target, new_name) as fd:
        ours = disk.file_status(fd)
    try:
        if not _still_empty(ours, target, new_name):
            raise FileExistsError(errno.EEXIST, "another file has come to that name", str(target / new_name))
        disk.replace(source, name, target, new_name)
    except OSError:
        with contextlib.suppress(OSError):
            if _still_empty(ours, target, new_name):
                disk.unlink(target, new_name)
        raise


def _still_empty(ours: os.stat_result, folder: Folder, name: str) -> bool:
    now = disk.status(folder, name)
    return now is not None and _same_file(ours, now) and now.st_size == 0


def _same_file(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    return one is not None and other is not None and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


METHODS: tuple[Callable[[Folder, str, Folder, str], None], ...] = (_by_rename, _by_link, _by_placeholder)
