"""Resolve references to the sounds of a tree, in the order in which programs search: exact path, other case, unique name, unique stem.

Pure: an index over paths; nothing is read from the disk.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from drumwatch.core.records import SOUND_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_PARENTS = 12


class SoundIndex:
    """The sounds of one tree by path, name and stem; paths are as the operating system returns them, without `..`."""

    def __init__(self, root: str, sounds: Iterable[str]) -> None:
        self._root = root
        self._exact: set[str] = set()
        self._by_path: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for sound in sounds:
            folded = fold(sound)
            name = os.path.basename(folded)
            self._exact.add(sound)
            self._by_path.setdefault(folded, sound)
            self._by_name[name].append(sound)
            self._by_stem[os.path.splitext(name)[0]].append(sound)

    def find(self, reference: str, document: str, within: str | None = None) -> str | None:
        """Return the sound that a reference in this document denotes, or None.

        A path is tried relative to the document's folder and each folder above it. A name alone must be unique in the folder `within`,
        else in the whole tree; a stem must be unique in `within`.
        """
        folder = os.path.dirname(document)
        if os.path.splitext(reference)[1].lower() not in SOUND_SUFFIXES:
            return self._by_stem_beside(reference, folder, within)
        return (
            self._by_exact_path(reference, folder)
            or self._by_folded_path(reference, folder)
            or self._unique(self._by_name, os.path.basename(fold(reference)), reference, within)
            or self._unique(self._by_name, os.path.basename(fold(reference)), reference, None)
            or self._unique(self._by_stem, _stem(reference), reference, within or self._root)
        )

    def _by_exact_path(self, reference: str, folder: str) -> str | None:
        return next((path for path in self._candidates(reference, folder) if path in self._exact), None)

    def _by_folded_path(self, reference: str, folder: str) -> str | None:
        folded = (self._by_path.get(fold(path)) for path in self._candidates(reference, folder))
        return next((path for path in folded if path), None)

    def _candidates(self, reference: str, folder: str) -> Iterator[str]:
        """Yield the possible paths: an absolute path as it is, and any path relative to the document's folder and those above it."""
        if reference.startswith("/"):
            yield os.path.normpath(reference)
        relative = reference.lstrip("/")
        for _ in range(MOST_PARENTS):
            yield os.path.normpath(os.path.join(folder, relative))
            if folder == self._root or not folder.startswith(self._root):
                return
            folder = os.path.dirname(folder)

    def _by_stem_beside(self, reference: str, folder: str, within: str | None) -> str | None:
        """Return the sound for a name without ending, as MPC samplers write it: beside the document, else the only one."""
        stem = os.path.basename(fold(reference))
        found = _inside(self._by_stem.get(stem, []), within or self._root)
        beside = [sound for sound in found if os.path.dirname(sound) == folder]
        return beside[0] if beside else found[0] if len(found) == 1 else None

    def _unique(
        self, index: dict[str, list[str]], key: str, reference: str, within: str | None
    ) -> str | None:
        """Return the only sound with this key; of several, the one that shares the most parent folders with the reference, if it is one."""
        found = _inside(index.get(key, []), within) if within else index.get(key, [])
        if len(found) <= 1:
            return found[0] if found else None
        wanted = fold(reference).split("/")[-2::-1]
        likeness = [_common_prefix_length(wanted, fold(sound).split("/")[-2::-1]) for sound in found]
        best = max(likeness)
        return found[likeness.index(best)] if best and likeness.count(best) == 1 else None


def fold(path: str) -> str:
    """Return a path for comparisons that ignore case and the Unicode form of accents, with "/" as separator."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def _stem(reference: str) -> str:
    return os.path.splitext(os.path.basename(fold(reference)))[0]


def _inside(sounds: list[str], folder: str) -> list[str]:
    return [sound for sound in sounds if is_below(sound, folder)]


def is_below(path: str, folder: str) -> bool:
    """Return whether the path is the folder or lies in it."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def _common_prefix_length(one: list[str], other: list[str]) -> int:
    count = 0
    for mine, its in zip(one, other, strict=False):
        if mine != its:
            break
        count += 1
    return count
