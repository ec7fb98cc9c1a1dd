"""Decide which folders of a tree are projects, which are packs with instruments, and which single sounds are needed.

Pure: the folders are listed and the documents are read before. When in doubt, the decision is to leave a folder or to copy a sound: a
wrong copy costs disk space, a wrong move breaks a song.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.projects.majorities import MOSTLY, ClaimedFolders, Document
from drumwatch.intake.projects.records import Project, Survey
from drumwatch.intake.projects.resolve import is_below
from drumwatch.intake.projects.units import count_files, is_pack, is_program, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.intake.projects.walk import Folder, Tree

_SOURCE = "a program's source code"


def judge(tree: Tree, root: Folder, documents: list[Document], *, root_is_unit: bool) -> Survey:
    """Return the survey of a tree, from its markers, its source files, and the references in its documents."""
    judgement = _Judgement(tree, root, documents, root_is_unit=root_is_unit)
    judgement.run()
    return Survey(
        Path(root.path),
        tuple(_outermost(judgement.projects)),
        judgement.needed,
        judgement.kept_whole,
        complete=tree.is_complete,
    )


class _Judgement:
    """One decision about one tree; `run` fills `projects`, `needed` and `kept_whole`."""

    def __init__(self, tree: Tree, root: Folder, documents: list[Document], *, root_is_unit: bool) -> None:
        self.projects = list(tree.projects)
        self.needed: dict[Path, Path] = {}
        self.kept_whole: dict[Path, Path] = {}
        self._documents = documents
        self._counts = count_files(root)
        self._claimed_folders = ClaimedFolders(root, self._counts, root_is_unit=root_is_unit)
        self._units = units_of(root, root_is_unit=root_is_unit)
        self._taken = {os.fspath(project.root) for project in tree.projects}

    def run(self) -> None:
        """Find programs first, then instruments and songs, then packs; at last the sounds outside of them that documents need."""
        for unit in self._units:
            self._find_programs(unit)
        majorities = self._claimed_folders.majorities(one for one in self._documents if self._may_claim(one))
        for unit in self._units:
            self._judge_unit(unit, majorities)
        for folder, document in majorities.items():
            self._take(folder, document)
        for document in self._documents:
            self._collect_needed(document)

    def _is_taken(self, path: str) -> bool:
        return _around(path, self._taken) is not None

    def _add(self, root: str, project: Project) -> None:
        self.projects.append(project)
        self._taken.add(root)

    def _find_programs(self, unit: Folder) -> None:
        """Find programs by their source files: the unit itself, else the topmost folders in it that hold enough of them."""
        page = unit.listing.index_page
        if page and self._counts[unit].sounds:
            self._add(unit.path, Project(Path(unit.path), "code", "a web page", Path(unit.path, page)))
            return
        pending = [unit]
        while pending:
            folder = pending.pop()
            count = self._counts.get(folder)
            if count is None or not (count.sources or count.patches):
                continue
            if is_program(count.sounds, count.sources, count.patches):
                self._add(folder.path, self._program(folder))
            else:
                pending.extend(folder.children)

    def _program(self, folder: Folder) -> Project:
        """Return the program with its first source file as the marker, or a patch if there is no source file."""
        for inner in folder.below():
            if inner.listing.sources:
                return Project(Path(folder.path), "code", _SOURCE, Path(inner.path, inner.listing.sources[0]))
        patches = (
            one
            for one in self._documents
            if one.references.kind == "program" and is_below(one.path, folder.path)
        )
        first_patch = next(patches, None)
        display_name = first_patch.references.display_name if first_patch else "a patch"
        return Project(
            Path(folder.path), "program", display_name, Path(first_patch.path if first_patch else folder.path)
        )

    def _may_claim(self, document: Document) -> bool:
        is_list = document.references.kind == "playlist"
        return not is_list and not self._is_taken(document.path)

    def _judge_unit(self, unit: Folder, majorities: dict[Folder, Document]) -> None:
        """Keep a pack whole if instruments use less than half of its sounds; then they are no projects of their own."""
        is_part_of_one = any(folder in majorities for folder in unit.with_parents())
        if is_part_of_one or not is_pack(unit, self._counts):
            return
        inside = [folder for folder in majorities if is_below(folder.path, unit.path)]
        if sum(self._counts[folder].sounds for folder in inside) >= MOSTLY * self._counts[unit].sounds:
            return
        if tied := self._tied_to(unit):
            self.kept_whole[Path(unit.path)] = Path(tied.path)
        for folder in inside:
            del majorities[folder]

    def _tied_to(self, unit: Folder) -> Document | None:
        """Return the first document in the unit that refers to sounds of the unit, or may do so."""
        inside = (one for one in self._documents if is_below(one.path, unit.path) and self._may_claim(one))
        tied = (
            one
            for one in inside
            if one.references.opaque or any(is_below(sound, unit.path) for sound in one.sounds)
        )
        return next(tied, None)

    def _take(self, folder: Folder, document: Document) -> None:
        kind = document.references.kind
        if kind and kind != "playlist":
            display_name = document.references.display_name
            self._add(folder.path, Project(Path(folder.path), kind, display_name, Path(document.path)))

    def _collect_needed(self, document: Document) -> None:
        kept = {os.fspath(unit) for unit in self.kept_whole}
        for sound in self._needed_by(document):
            unit = _around(sound, kept)
            is_kept_with_it = unit is not None and is_below(document.path, unit)
            if not is_kept_with_it and not self._is_taken(sound):
                self.needed.setdefault(Path(sound), Path(document.path))

    def _needed_by(self, document: Document) -> Iterator[str]:
        """Yield the sounds that a document refers to; for one that cannot be read, all sounds around it."""
        yield from sorted(document.sounds)
        if document.references.opaque and self._may_claim(document):
            area = self._claimed_folders.area(document)
            yield from area.sounds_below() if area else ()


def _around(path: str, folders: set[str]) -> str | None:
    """Return the innermost of these folders that contains the path or is the path."""
    while path not in folders:
        path, before = os.path.dirname(path), path
        if path == before:
            return None
    return path


def _outermost(projects: list[Project]) -> list[Project]:
    """Return the projects that lie in no other project, sorted by path."""
    kept: list[Project] = []
    for project in sorted(projects, key=lambda one: one.root.parts):
        if not kept or not project.root.is_relative_to(kept[-1].root):
            kept.append(project)
    return kept
