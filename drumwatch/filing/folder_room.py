"""Find a folder that has room, where a device shows only so many sounds of one; a full folder is followed by one with a number. Pure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from drumwatch.core.records import SOUND_SUFFIXES
from drumwatch.filing.naming import numbered_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Steps = tuple[str, ...]  # the names of the folders on the way down from the library
    Count = Callable[[Steps], int | None]


def counts(name: str, *, is_folder: bool) -> bool:
    """Return whether a device shows this name: sounds and folders, except hidden ones."""
    return not name.startswith(".") and (is_folder or _ending(name) in SOUND_SUFFIXES)


class FolderRoom:
    """Chooses among the folders `kick`, `kick 2`, `kick 3` on each level below the library, which itself is never split.

    `count` returns how many sounds and folders are in a folder, or None if there is no such folder; each is counted once.
    """

    def __init__(self, count: Count, limit: int, name_limit: int = 0) -> None:
        self._count = count
        self._limit = limit
        self._name_limit = name_limit
        self._known: dict[Steps, int | None] = {}

    def choose(self, steps: Steps, is_there: Callable[[Steps], bool]) -> Steps:
        """Return the steps to the folder for a file: where `is_there` says that it is already, else where there is room, else a new one."""
        existing = list(self._existing(steps))
        here = next((folder for folder in existing if is_there(folder)), None)
        if here is None:
            here = next((folder for folder in existing if self._has_room(folder)), None)
        return here if here is not None else self._new(steps) or steps

    def _existing(self, steps: Steps, above: Steps = ()) -> Iterator[Steps]:
        """Yield every folder for these steps that is there, with and without numbers."""
        if not steps:
            yield above
            return
        for folder in self._numbered(steps[0], above):
            if self._count_of(folder) is None:
                return
            yield from self._existing(steps[1:], folder)

    def _new(self, steps: Steps, above: Steps = ()) -> Steps | None:
        """Return the steps to a folder that has to be made; None if there is no room for it below `above`."""
        if not steps:
            return None
        for folder in self._numbered(steps[0], above):
            if self._count_of(folder) is None:
                return (*folder, *steps[1:]) if self._has_room(above) else None
            if (found := self._new(steps[1:], folder)) is not None:
                return found
        raise AssertionError("numbers do not end")

    def _numbered(self, step: str, above: Steps) -> Iterator[Steps]:
        return ((*above, numbered_folder(step, number, self._name_limit)) for number in itertools.count(1))

    def _has_room(self, folder: Steps) -> bool:
        return not folder or (self._count_of(folder) or 0) < self._limit

    def _count_of(self, folder: Steps) -> int | None:
        if folder not in self._known:
            self._known[folder] = self._count(folder)
        return self._known[folder]


def _ending(name: str) -> str:
    _, dot, ending = name.rpartition(".")
    return (dot + ending).lower()
