"""The folders of the libraries as a dry run would have filled them, so that it shows the same folders that filing would choose."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from typing import TYPE_CHECKING

from drumwatch.filing.folder_room import FolderRoom, counts

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Action


class ImaginedFolders:
    """What is on the disk, and what would be there besides."""

    def __init__(self) -> None:
        self._files: Counter[Path] = Counter()
        self._folders: dict[Path, set[str]] = {}
        self._on_disk: dict[Path, int | None] = {}

    def put(self, action: Action, place: Path, library: Path) -> Path:
        """Return the place that a file would get instead of the wanted one, and imagine it there."""
        if not action.max_per_folder or not place.is_relative_to(library):
            return place
        *wanted, name = place.relative_to(library).parts
        room = FolderRoom(
            lambda folders: self._count(library.joinpath(*folders)), action.max_per_folder, action.name_limit
        )
        steps = room.choose(tuple(wanted), lambda _: False)
        self._imagine(library, steps)
        self._files[library.joinpath(*steps)] += 1
        return library.joinpath(*steps, name)

    def _imagine(self, library: Path, steps: tuple[str, ...]) -> None:
        folder = library
        for step in steps:
            inside = self._folders.setdefault(folder, set())
            if step not in inside and not (folder / step).is_dir():
                inside.add(step)
            folder /= step
            self._folders.setdefault(folder, set())

    def _count(self, folder: Path) -> int | None:
        if folder not in self._on_disk:
            self._on_disk[folder] = _count_on_disk(folder)
        on_disk = self._on_disk[folder]
        if on_disk is None and folder not in self._folders:
            return None
        return (on_disk or 0) + self._files[folder] + len(self._folders.get(folder, ()))


def _count_on_disk(folder: Path) -> int | None:
    """Return how many sounds and folders are there; None if the folder is not, or cannot be read."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return sum(counts(entry.name, is_folder=entry.is_dir(follow_symlinks=False)) for entry in entries)
    return None
