"""Rename a file to a free name without replacing another, by the best method that the file system supports."""

from __future__ import annotations

import contextlib
import errno
import itertools
from typing import TYPE_CHECKING

from drumwatch.filing import disk
from drumwatch.filing.aside_names import HIDDEN, aside_name
from drumwatch.filing.naming import numbered

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from drumwatch.filing.disk import Folder


class Renames:
    """Renames, and remembers for each disk which of the methods worked there."""

    def __init__(self) -> None:
        self._method_by_device: dict[int, int] = {}

    def rename(self, source: Folder, name: str, target: Folder, new_name: str, entry_id: int = 0) -> None:
        """Rename without replacing: raises FileExistsError if the new name is taken, OSError with EXDEV across file systems.

        `entry_id` names what has to be set aside for a moment, so that recovery finds it; a hidden name of ours needs none.
        """
        device = disk.device(target)
        for number in range(self._method_by_device.get(device, 0), len(METHODS)):
            try:
                METHODS[number](source, name, target, new_name, entry_id)
            except OSError as exc:
                if exc.errno not in disk.UNSUPPORTED or number == len(METHODS) - 1:
                    raise
            else:
                self._method_by_device[device] = number
                return

    def to_free_name(self, source: Folder, name: str, target: Folder, wanted: str, entry_id: int = 0) -> str:
        """Rename without replacing to the wanted name, or to one with a number if that is taken; return the name."""
        for number in itertools.count(1):
            free = numbered(wanted, number)
            with contextlib.suppress(FileExistsError):
                self.rename(source, name, target, free, entry_id)
                return free
        raise AssertionError("numbers do not end")


def put_back(folder: Folder, aside: str, name: str) -> str:
    """Give a file that was set aside its name again, or one with a number if that is taken; return the name."""
    return Renames().to_free_name(folder, aside, folder, name)


def _by_rename(source: Folder, name: str, target: Folder, new_name: str, _: int) -> None:
    disk.rename_noreplace(source, name, target, new_name)


def _by_link(source: Folder, name: str, target: Folder, new_name: str, entry_id: int) -> None:
    """Make a hard link, which fails if the name is taken, then remove the first name."""
    disk.link(source, name, target, new_name)
    try:
        _drop_name(source, name, target, new_name, entry_id)
    except OSError:
        with contextlib.suppress(OSError):
            _drop_name(target, new_name, source, name, entry_id)
        raise


def _drop_name(folder: Folder, name: str, other: Folder, other_name: str, entry_id: int) -> None:
    """Remove one of two names of a file; if another file has that name by now, it stays.

    Raises FileExistsError if the name is a hidden one of ours, and another file has the other name by now.
    """
    is_same = _same_file(disk.status(folder, name), disk.status(other, other_name))
    if name.startswith(HIDDEN):  # nobody else puts a file there
        if not is_same:
            raise FileExistsError(errno.EEXIST, "another file has come to that name", str(other / other_name))
        disk.unlink(folder, name)
        return
    if not is_same:
        return
    aside = aside_name(entry_id, name)
    disk.replace(folder, name, folder, aside)
    try:
        is_same = _same_file(disk.status(folder, aside), disk.status(other, other_name))
        if is_same:
            disk.unlink(folder, aside)
    except OSError:
        put_back(folder, aside, name)
        raise
    if not is_same:
        put_back(folder, aside, name)


def _by_placeholder(source: Folder, name: str, target: Folder, new_name: str, _: int) -> None:
    """Reserve the name with an empty file and replace that: works on exFAT, which has no hard links."""
    with disk.created(target, new_name) as fd:
        ours = disk.file_status(fd)
        try:
            if not _still_empty(ours, target, new_name):
                raise FileExistsError(
                    errno.EEXIST, "another file has come to that name", str(target / new_name)
                )
            disk.replace(source, name, target, new_name)
        except OSError:
            with contextlib.suppress(OSError):
                if _still_empty(ours, target, new_name):
                    disk.unlink(target, new_name)
                    _keep_content(fd, target, new_name)
            raise
        _keep_content(fd, target, new_name)


def _keep_content(fd: int, folder: Folder, name: str) -> None:
    """Keep, under a name with a number, what another program wrote into our empty file at the last moment."""
    if disk.file_status(fd).st_size == 0:
        return
    for number in itertools.count(2):
        with contextlib.suppress(FileExistsError), disk.created(folder, numbered(name, number)) as copy:
            disk.copy_bytes(fd, copy)
            return


def _still_empty(ours: os.stat_result, folder: Folder, name: str) -> bool:
    now = disk.status(folder, name)
    return now is not None and _same_file(ours, now) and now.st_size == 0


def _same_file(one: os.stat_result | None, other: os.stat_result | None) -> bool:
    return one is not None and other is not None and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


METHODS: tuple[Callable[[Folder, str, Folder, str, int], None], ...] = (_by_rename, _by_link, _by_placeholder)
