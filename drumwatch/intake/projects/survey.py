"""Survey folder trees for projects; results are cached, so a second survey needs one `stat` per folder."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from drumwatch.intake.projects.judge import judge
from drumwatch.intake.projects.listing import FolderLister
from drumwatch.intake.projects.majorities import Document
from drumwatch.intake.projects.moved import add_moved
from drumwatch.intake.projects.records import Project, Survey
from drumwatch.intake.projects.references import NONE, References, read_references
from drumwatch.intake.projects.resolve import SoundIndex, is_below
from drumwatch.intake.projects.units import units_of
from drumwatch.intake.projects.walk import LOOKED_INTO, own_marker, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from drumwatch.intake.projects.walk import Folder, Tree

Stamp = tuple[int, int, int]

SECONDS = 20.0
NOTHING_MOVED: Mapping[str, Collection[str]] = MappingProxyType({})
MOST_CACHED = 300_000  # most cached folders, and most cached documents
_BACKUPS = frozenset(
    {"backup", "history", "auto-backups", "session file backups"}
)  # folders of backups beside a song
# General folders of a person: most markers in them do not mark the whole folder.
_FOR_EVERYTHING = frozenset({"desktop", "documents", "downloads", "music", "dropbox", "onedrive"})


class Surveyor:
    """Surveys trees repeatedly; only one thread may use it at a time."""

    def __init__(self) -> None:
        self._lister = FolderLister()
        self._references: dict[str, tuple[tuple[Stamp, tuple[Stamp | None, ...]], References]] = {}

    def survey(
        self,
        root: Path,
        *,
        root_is_unit: bool,
        is_flat: bool = False,
        seconds: float = SECONDS,
        moved: Mapping[str, Collection[str]] = NOTHING_MOVED,
    ) -> Survey:
        """Return the projects and needed sounds in the tree; never fails: what cannot be read is judged by its name, or left out.

        With `root_is_unit`, the root itself may be a project or a pack. Without, it is a general folder, and each of its entries is
        judged alone; with `is_flat`, only its files are. A survey that runs out of `seconds` returns `complete=False`; it is cached, so
        the next one gets further. Sounds that were `moved` away recently, names by folder, count as if they were still there.
        """
        until = time.monotonic() + seconds
        self._limit_caches()
        path = os.path.abspath(root)
        tree = walk(self._lister, path, root_is_unit=root_is_unit, is_flat=is_flat, until=until)
        if tree.root is None:
            return Survey(root, tuple(tree.projects), complete=tree.is_complete)
        add_moved(tree, {path: moved[path] for path in moved.keys() & {path}} if is_flat else moved)
        documents = self._documents(tree, tree.root, root_is_unit=root_is_unit, until=until)
        return judge(tree, tree.root, documents, root_is_unit=root_is_unit)

    def enclosing_project(self, path: Path, home: Path) -> Project | None:
        """Return the outermost marked project that is or contains this folder, below home or the file system's root, or None."""
        found: Project | None = None
        start = Path(os.path.abspath(path))
        for folder in (start, *start.parents):
            if folder in {home, home.resolve(), folder.parent}:
                break
            found = self._project_at(folder, home) or found
        return found

    def _project_at(self, folder: Path, home: Path) -> Project | None:
        place = os.fspath(folder)
        if bundle := own_marker(place):
            return Project(folder, bundle.kind, bundle.name, folder)
        listing = self._lister.listing(place)
        if listing is None:
            return None
        is_for_everything = folder.parent == home and folder.name.casefold() in _FOR_EVERYTHING
        marked = self._lister.marker_in(place, listing, is_root=False, only_anywhere=is_for_everything)
        return Project(folder, marked[0].kind, marked[0].name, folder / marked[1]) if marked else None

    # --- documents ---

    def _documents(self, tree: Tree, root: Folder, *, root_is_unit: bool, until: float) -> list[Document]:
        """Return the documents of the tree with the sounds that they refer to; none if the tree has no sounds."""
        if not any(folder.listing.sounds for folder in root.below()):
            return []
        read: list[tuple[str, Folder, References]] = []
        for path, folder in _paths_of_documents(tree):
            if time.monotonic() > until:
                tree.is_complete = False
                break
            references = self._read(path)
            if references.kind:
                read.append((path, folder, references))
        return _resolved(tree, root, read, root_is_unit=root_is_unit)

    def _read(self, path: str) -> References:
        known = self._references.get(path)
        stamp = _stamp(path)
        if stamp is None:
            return NONE
        if known is None or known[0] != (stamp, _stamps(known[1])):
            references = read_references(Path(path))
            known = self._references[path] = ((stamp, _stamps(references)), references)
        return known[1]

    def _limit_caches(self) -> None:
        self._lister.forget(MOST_CACHED)
        if len(self._references) > MOST_CACHED:
            self._references.clear()


def _stamp(path: str | Path) -> Stamp | None:
    """Return what changes with the file's content: inode, size and mtime; None if there is no such file."""
    try:
        status = os.stat(path, follow_symlinks=False)
    except (OSError, ValueError):  # ValueError: a name with a NUL in it
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _stamps(references: References) -> tuple[Stamp | None, ...]:
    """Return the stamps of the files that were read with a document."""
    return tuple(_stamp(part) for part in references.parts)


def _paths_of_documents(tree: Tree) -> Iterator[tuple[str, Folder]]:
    for folder in tree.folders:
        if folder.project is None or folder.project.kind in LOOKED_INTO:
            if folder.project and folder.name.casefold() in _BACKUPS:
                continue
            for name in folder.listing.documents:
                yield os.path.join(folder.path, name), folder


def _resolved(
    tree: Tree, root: Folder, read: list[tuple[str, Folder, References]], *, root_is_unit: bool
) -> list[Document]:
    if not any(references.names for _, _, references in read):
        return [Document(path, folder, references, frozenset()) for path, folder, references in read]
    index = SoundIndex(root.path, (sound for folder in tree.folders for sound in folder.sounds()))
    units = [unit.path for unit in units_of(root, root_is_unit=root_is_unit)]
    documents = []
    for path, folder, references in read:
        within = _within(path, folder, units, root.path)
        found = (index.find(name, path, within) for name in references.names)
        documents.append(Document(path, folder, references, frozenset(sound for sound in found if sound)))
    return documents


def _within(path: str, folder: Folder, units: list[str], root: str) -> str:
    """Return the folder in which a name alone is searched first: the document's project, or its unit."""
    if folder.project:
        return os.fspath(folder.project.root)
    return next((unit for unit in units if is_below(path, unit)), root)


def enclosing_project(path: Path, home: Path) -> Project | None:
    """Return the outermost marked project that is or contains this folder, below home or the file system's root, or None."""
    return Surveyor().enclosing_project(path, home)
