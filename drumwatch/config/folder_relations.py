"""Folders on the disk: their absolute and real paths, and which one is inside which, through links too."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from drumwatch.core.pasted_paths import meant_path, unquoted

if TYPE_CHECKING:
    from collections.abc import Sequence

Identity = tuple[int, int]


def absolute(text: str, home: Path) -> Path:
    """Return the folder in a text, with `~` as the home folder; raises ValueError if it is relative."""
    if "\0" in text:
        raise ValueError("has a null character in it")
    meant = meant_path(text) if text.strip() else Path(text)
    if str(meant) != text and unquoted(text) != text:
        raise ValueError(f'has quotes or spaces around the path; did you mean "{unquoted(text)}"?')
    if text == "~" or text.startswith(("~/", "~" + os.sep)):
        return home / text[2:]
    if not Path(text).is_absolute():
        if meant.is_absolute():
            raise ValueError(f'is not an absolute folder; did you mean "{meant}"?')
        inside = text.partition("/")[2] if text.startswith(("~", "$")) else text.lstrip("./")
        raise ValueError(f'is not an absolute folder: begin with / or ~/, as in "~/{inside or "Downloads"}"')
    return Path(text)


def is_something_else(folder: Path) -> bool:
    """Return whether the path exists and is no folder; unlike pathlib, for names of any length."""
    return os.path.exists(folder) and not os.path.isdir(folder)


def real(folder: Path) -> Path:
    """Return the path with all links resolved, as far as it exists."""
    return Path(os.path.realpath(folder))


def below(inner: Path, outer: Path) -> PurePath | None:
    """Return the path of the inner folder relative to the outer one (`.` if they are the same), or None if it is not inside."""
    return FolderLookup().below(inner, outer)


class FolderLookup:
    """Compares many folders, and asks the disk about each folder once; for one check, as it does not notice changes."""

    def __init__(self) -> None:
        self._real: dict[Path, Path] = {}
        self._identities: dict[Path, Identity | None] = {}
        self._steps: dict[Path, tuple[Path, ...]] = {}

    def below(self, inner: Path, outer: Path) -> PurePath | None:
        """Return the same as the function `below`."""
        goal = self._real_path(outer)
        known = self._identity(goal)
        start, *_ = steps = self._steps_up(inner)
        for step in steps:
            if step == goal or (known and self._identity(step) == known):
                return start.relative_to(step)
        return None

    def nested(self, firsts: Sequence[Path], seconds: Sequence[Path]) -> list[tuple[int, int]]:
        """Return the positions of each first and second folder of which one is inside the other, in their order."""
        if not firsts or not seconds:
            return []
        found = set(self._inside(firsts, seconds))
        found.update((first, second) for second, first in self._inside(seconds, firsts))
        return sorted(found)

    def _inside(self, inner: Sequence[Path], outer: Sequence[Path]) -> list[tuple[int, int]]:
        """Return the positions of each inner folder and each outer one that is it or is above it."""
        at: dict[Path | Identity, list[int]] = {}
        for place, folder in enumerate(outer):
            for key in self._keys(self._real_path(folder)):
                at.setdefault(key, []).append(place)
        return [
            (number, place)
            for number, folder in enumerate(inner)
            for step in self._steps_up(folder)
            for key in self._keys(step)
            for place in at.get(key, ())
        ]

    def _keys(self, folder: Path) -> tuple[Path | Identity, ...]:
        known = self._identity(folder)
        return (folder, known) if known else (folder,)

    def _real_path(self, folder: Path) -> Path:
        if folder not in self._real:
            self._real[folder] = real(folder)
        return self._real[folder]

    def _steps_up(self, folder: Path) -> tuple[Path, ...]:
        """Return the real path of a folder and of each folder above it, innermost first."""
        if folder not in self._steps:
            start = self._real_path(folder)
            self._steps[folder] = (start, *start.parents)
        return self._steps[folder]

    def _identity(self, folder: Path) -> Identity | None:
        if folder not in self._identities:
            self._identities[folder] = identity(folder)
        return self._identities[folder]


def identity(folder: Path) -> Identity | None:
    """Return device and inode, which are equal for all names of a folder (case on macOS, bind mounts), or None if unknown."""
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if status.st_ino else None
