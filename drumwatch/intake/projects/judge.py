"""Which folders of a tree are somebody's work without a marker that says so, which are packs, and which sounds are needed.

Pure: it sees folders that were listed and documents that were read. When in doubt it leaves, or has a sound copied: a
wrong copy costs room on the disk, a wrong move costs a song.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.projects.records import Project, Survey
from drumwatch.intake.projects.resolve import is_below
from drumwatch.intake.projects.units import count_files, is_pack, is_program, units_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drumwatch.intake.projects.references import References
    from drumwatch.intake.projects.walk import Folder, Tree

MOSTLY = 0.5  # of the sounds of a folder: then what refers to them is what the folder is
SOUNDS_BESIDE_A_CLOSED_SONG = 30  # a song that cannot be read is not that of a pack's hundred sounds
SOUNDS_BESIDE_A_FULL_DOCUMENT = 8  # beside what holds its sounds itself, so few sounds are its own
_CONTAINERS = frozenset(  # where the sounds of a document lie
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
_SOURCE = "a program's source code"


@dataclass(slots=True, eq=False)
class Document:
    """A document that was read, and the sounds of the tree that it means."""

    path: str
    folder: Folder
    references: References
    sounds: frozenset[str]


@dataclass(slots=True)
class _Findings:
    projects: list[Project]
    needed: dict[Path, Path] = field(default_factory=dict)
    kept_whole: dict[Path, Path] = field(default_factory=dict)


def judge(tree: Tree, documents: list[Document], *, root_is_unit: bool) -> Survey:
    """What the tree is, by its markers, its source files, and what its documents refer to."""
    if tree.root is None:
        return Survey(Path())
    findings = _Findings(list(tree.projects))
    _Judgement(tree.root, documents, findings, root_is_unit=root_is_unit).run()
    return Survey(
        Path(tree.root.path),
        tuple(_outermost(findings.projects)),
        findings.needed,
        findings.kept_whole,
        complete=tree.is_complete,
    )


# --- the judgement --------------------------------------------------------------------------------------------------


class _Judgement:
    def __init__(
        self, root: Folder, documents: list[Document], findings: _Findings, *, root_is_unit: bool
    ) -> None:
        self._root = root
        self._documents = documents
        self._findings = findings
        self._root_is_unit = root_is_unit
        self._counts = count_files(root)
        self._units = units_of(root, root_is_unit=root_is_unit)
        self._taken: list[str] = [os.fspath(project.root) for project in findings.projects]

    def run(self) -> None:
        for unit in self._units:
            self._find_programs(unit)
        majorities = self._majorities()
        for unit in self._units:
            if not self._is_taken(unit.path):
                self._judge_unit(unit, majorities)
        for folder, document in majorities.items():  # above the units, or kept of a mixed one
            self._take(folder, document)
        self._collect_needed()

    def _is_taken(self, path: str) -> bool:
        return any(is_below(path, root) for root in self._taken)

    def _add(self, project: Project) -> None:
        if not self._is_taken(os.fspath(project.root)):
            self._findings.projects.append(project)
            self._taken.append(os.fspath(project.root))

    # programs

    def _find_programs(self, unit: Folder) -> None:
        """By source files: the unit, else the topmost folders in it that hold enough of them."""
        index_page = unit.listing.index_page
        if index_page and self._counts[unit].sounds:
            self._add(Project(Path(unit.path), "code", "a web page", Path(unit.path, index_page)))
            return
        pending = [unit]
        while pending:
            folder = pending.pop()
            count = self._counts.get(folder)
            if count is None or not (count.sources or count.patches):
                continue
            if is_program(count.sounds, count.sources, count.patches) and (shown := _first_source(folder)):
                self._add(self._program(folder, shown, patches=count.patches > count.sources))
            else:
                pending.extend(folder.children)

    def _program(self, folder: Folder, shown_by: str, *, patches: bool) -> Project:
        if patches:
            called = next(
                (one.references.called for one in self._documents if one.path == shown_by), "a patch"
            )
            return Project(Path(folder.path), "program", called, Path(shown_by))
        return Project(Path(folder.path), "code", _SOURCE, Path(shown_by))

    # majorities: folders that are an instrument or a song

    def _majorities(self) -> dict[Folder, Document]:
        """The topmost folders most of whose sounds documents in them refer to, each with the document that names the most."""
        claims = [
            (one, sounds)
            for one in self._documents
            if self._may_claim(one) and (sounds := self._claimed(one))
        ]
        found: dict[Folder, Document] = {}
        for folder in sorted(
            {top for one, sounds in claims if (top := self._common(one, sounds))}, key=_depth
        ):
            if not any(folder.is_in(other) for other in found) and (best := self._holds(folder, claims)):
                found[folder] = best
        return found

    def _may_claim(self, document: Document) -> bool:
        return (
            document.references.kind != "playlist"
            and document.folder.project is None
            and not self._is_taken(document.path)
        )

    def _claimed(self, document: Document) -> frozenset[str]:
        """The sounds that it refers to, or that lie where sounds of such a document lie."""
        if document.references.opaque:
            return document.sounds | self._beside(document, is_song=document.references.kind == "song")
        if document.references.is_self_contained:
            if self._counts[document.folder].sounds < SOUNDS_BESIDE_A_FULL_DOCUMENT:
                return frozenset(_sounds_below(document.folder))
            return frozenset()
        return document.sounds

    def _beside(self, document: Document, *, is_song: bool) -> frozenset[str]:
        """Where the sounds of a document lie that cannot be read: beside it, or in a folder of a name for that."""
        area = self._area(document)
        if area is None or (is_song and self._counts[area].sounds > SOUNDS_BESIDE_A_CLOSED_SONG):
            return frozenset()
        stem = os.path.splitext(os.path.basename(document.path))[0].casefold()
        names = _CONTAINERS | {stem, f"{stem} samples"}
        found = set(document.folder.sounds())
        for place in {area, document.folder}:
            for child in place.children:
                if child.project is None and child.name.casefold() in names:
                    found.update(_sounds_below(child))
        return frozenset(found)

    def _area(self, document: Document) -> Folder | None:
        """The nearest folder around the document that holds sounds, inside what came as one thing."""
        step: Folder | None = document.folder
        while step is not None and (self._root_is_unit or step is not self._root):
            if self._counts[step].sounds:
                return step
            step = step.parent
        return None

    def _common(self, document: Document, sounds: frozenset[str]) -> Folder | None:
        """The lowest folder that holds the document and its sounds; without far ones, where it holds half of them."""
        step: Folder | None = document.folder
        half: Folder | None = None
        while step is not None and (self._root_is_unit or step is not self._root):
            inside = sum(is_below(sound, step.path) for sound in sounds)
            if inside == len(sounds):
                return step if half is None or self._share(step, sounds) >= MOSTLY else half
            if half is None and inside >= MOSTLY * len(sounds) and self._share(step, sounds) >= MOSTLY:
                half = step
            step = step.parent
        return half

    def _share(self, folder: Folder, sounds: Iterable[str]) -> float:
        total = self._counts[folder].sounds
        return sum(is_below(sound, folder.path) for sound in sounds) / total if total else 0.0

    def _holds(self, folder: Folder, claims: list[tuple[Document, frozenset[str]]]) -> Document | None:
        inside = [(one, sounds) for one, sounds in claims if one.folder.is_in(folder)]
        union = frozenset[str]().union(*(sounds for _, sounds in inside))
        if not inside or self._share(folder, union) < MOSTLY:
            return None
        return max(inside, key=lambda claim: len(claim[1]))[0]

    # units

    def _judge_unit(self, unit: Folder, majorities: dict[Folder, Document]) -> None:
        """A pack with instruments as a minority is kept whole; then they are no projects of their own."""
        inside = [folder for folder in majorities if folder.is_in(unit)]
        if unit in majorities or not is_pack(unit, self._counts):
            return
        claimed = sum(self._counts[folder].sounds for folder in inside)
        if claimed >= MOSTLY * self._counts[unit].sounds:
            return
        minority = [majorities[folder] for folder in inside] or [
            one
            for one in self._documents
            if self._may_claim(one) and one.folder.is_in(unit) and _ties(one, unit)
        ]
        if minority:
            self._findings.kept_whole[Path(unit.path)] = Path(minority[0].path)
            for folder in inside:
                del majorities[folder]

    def _take(self, folder: Folder, document: Document) -> None:
        kind = document.references.kind
        if kind and kind != "playlist":
            self._add(Project(Path(folder.path), kind, document.references.called, Path(document.path)))

    # single sounds

    def _collect_needed(self) -> None:
        kept = [os.fspath(unit) for unit in self._findings.kept_whole]
        for document in self._documents:
            for sound in self._needed_by(document):
                is_kept_with_it = any(
                    is_below(sound, unit) and is_below(document.path, unit) for unit in kept
                )
                if not is_kept_with_it and not self._is_taken(sound):
                    self._findings.needed.setdefault(Path(sound), Path(document.path))

    def _needed_by(self, document: Document) -> Iterator[str]:
        yield from sorted(document.sounds)
        is_closed = document.references.opaque and document.folder.project is None
        if is_closed and not self._is_taken(document.path) and (area := self._area(document)):
            yield from _sounds_below(area)


def _ties(document: Document, unit: Folder) -> bool:
    """The document refers to sounds of the unit, or may do so."""
    return document.references.opaque or any(is_below(sound, unit.path) for sound in document.sounds)


def _sounds_below(folder: Folder) -> Iterator[str]:
    return (sound for inner in folder.below() for sound in inner.sounds())


def _first_source(folder: Folder) -> str | None:
    for inner in folder.below():
        names = inner.listing.sources or [
            name for name in inner.listing.documents if name.casefold().endswith((".pd", ".maxpat"))
        ]
        if names:
            return os.path.join(inner.path, names[0])
    return None


def _depth(folder: Folder) -> tuple[int, str]:
    return folder.path.count(os.sep), folder.path


def _outermost(projects: list[Project]) -> list[Project]:
    """Without those inside of others, sorted by path."""
    kept: list[Project] = []
    for project in sorted(projects, key=lambda one: one.root.parts):
        if not kept or not project.root.is_relative_to(kept[-1].root):
            kept.append(project)
    return kept
