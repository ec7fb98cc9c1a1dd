"""Find folders that are an instrument or a song because documents in them refer to most of their sounds. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.intake.projects.resolve import is_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drumwatch.intake.projects.references import References
    from drumwatch.intake.projects.units import Count
    from drumwatch.intake.projects.walk import Folder

MOSTLY = 0.5  # share of a folder's sounds; a document that refers to so many makes the folder its project
SOUNDS_BESIDE_A_CLOSED_SONG = (
    30  # beside more sounds, a song that cannot be read is one of a pack and does not claim them
)
SOUNDS_BESIDE_A_FULL_DOCUMENT = 8  # beside a self-contained document, fewer sounds than these belong to it
_CONTAINERS = frozenset(  # names of folders in which programs keep a document's sounds
    [
        "samples",
        "sample",
        "sounds",
        "audio",
        "audio files",
        "wav",
        "wavs",
        "data",
        "media",
        "imported",
        "recorded",
    ]
)


@dataclass(slots=True, eq=False)
class Document:
    """A document that was read, and the sounds of the tree that it refers to."""

    path: str
    folder: Folder
    references: References
    sounds: frozenset[str]


_Claim = tuple[Document, frozenset[str]]


class ClaimedFolders:
    """The folders of a tree in which documents claim sounds."""

    def __init__(self, root: Folder, counts: dict[Folder, Count], *, root_is_unit: bool) -> None:
        self._root = root
        self._counts = counts
        self._root_is_unit = root_is_unit

    def majorities(self, documents: Iterable[Document]) -> dict[Folder, Document]:
        """Return the topmost folders in which documents claim most of the sounds, each with the document that claims the most."""
        claims = [(one, sounds) for one in documents if (sounds := self._claimed(one))]
        inside: dict[Folder, list[_Claim]] = {}
        for claim in claims:
            if top := self._lowest_common(*claim):
                inside[top] = []
        for claim in claims:
            for folder in claim[0].folder.with_parents():
                if folder in inside:
                    inside[folder].append(claim)
        found: dict[Folder, Document] = {}
        for folder in sorted(inside, key=_depth):
            is_apart = not any(other in found for other in folder.with_parents())
            if is_apart and self._is_mostly(folder, inside[folder]):
                found[folder] = max(inside[folder], key=lambda claim: len(claim[1]))[0]
        return found

    def area(self, document: Document) -> Folder | None:
        """Return the nearest folder around the document that holds sounds, but no general folder; None if there is none."""
        folders = (folder for folder in self._around(document) if self._counts[folder].sounds)
        return next(folders, None)

    def _around(self, document: Document) -> Iterator[Folder]:
        for folder in document.folder.with_parents():
            if self._root_is_unit or folder is not self._root:
                yield folder

    def _claimed(self, document: Document) -> frozenset[str]:
        """Return the sounds that the document refers to, and those that lie where such a document keeps its sounds."""
        if document.references.opaque:
            return document.sounds | self._beside(document)
        if document.references.is_self_contained:
            is_few = self._counts[document.folder].sounds < SOUNDS_BESIDE_A_FULL_DOCUMENT
            return frozenset(document.folder.sounds_below()) if is_few else frozenset()
        return document.sounds

    def _beside(self, document: Document) -> frozenset[str]:
        """Return the likely sounds of a document that cannot be read: beside it, or in a folder with a name of `_CONTAINERS`."""
        area = self.area(document)
        is_song = document.references.kind == "song"
        if area is None or (is_song and self._counts[area].sounds > SOUNDS_BESIDE_A_CLOSED_SONG):
            return frozenset()
        stem = os.path.splitext(os.path.basename(document.path))[0].casefold()
        names = _CONTAINERS | {stem, f"{stem} samples"}
        found = set(document.folder.sounds())
        for child in (*area.children, *document.folder.children):
            if child.name.casefold() in names:
                found.update(child.sounds_below())
        return frozenset(found)

    def _lowest_common(self, document: Document, sounds: frozenset[str]) -> Folder | None:
        """Return the lowest folder that holds the document and its sounds, or a lower one if only few of them lie elsewhere."""
        nearer: Folder | None = None
        for folder in self._around(document):
            inside = sum(is_below(sound, folder.path) for sound in sounds)
            is_mostly = self._share(folder, sounds) >= MOSTLY
            if inside == len(sounds):
                return folder if nearer is None or is_mostly else nearer
            if nearer is None and inside >= MOSTLY * len(sounds) and is_mostly:
                nearer = folder
        return nearer

    def _is_mostly(self, folder: Folder, claims: list[_Claim]) -> bool:
        union = frozenset[str]().union(*(sounds for _, sounds in claims))
        return self._share(folder, union) >= MOSTLY

    def _share(self, folder: Folder, sounds: frozenset[str]) -> float:
        total = self._counts[folder].sounds
        return sum(is_below(sound, folder.path) for sound in sounds) / total if total else 0.0


def _depth(folder: Folder) -> tuple[int, str]:
    return folder.path.count(os.sep), folder.path
