"""Walk a folder tree: list its folders, and find the markers in them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.projects.markers import proven, rows_for
from drumwatch.intake.projects.records import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.intake.projects.listing import FolderLister, Listing
    from drumwatch.intake.projects.markers import Marker

MOST_ENTRIES = 200_000
LOOKED_INTO = frozenset({"song", "instrument"})  # their documents may refer to sounds outside of them


@dataclass(slots=True, eq=False)
class Folder:
    """A folder of the tree with its content."""

    path: str
    listing: Listing
    parent: Folder | None = None
    children: list[Folder] = field(default_factory=list)
    project: Project | None = None  # the marked project that contains it

    @property
    def name(self) -> str:
        """The folder's name without its path."""
        return os.path.basename(self.path)

    def sounds(self) -> Iterator[str]:
        """Return the paths of the sounds that lie directly in the folder."""
        return (os.path.join(self.path, name) for name in self.listing.sounds)

    def below(self) -> Iterator[Folder]:
        """Yield the folder itself and those below it that are in no marked project."""
        pending = [self]
        while pending:
            folder = pending.pop()
            if folder.project is None:
                yield folder
                pending.extend(reversed(folder.children))

    def sounds_below(self) -> Iterator[str]:
        """Return the sounds in the folder and below it that are in no marked project."""
        return (sound for folder in self.below() for sound in folder.sounds())

    def with_parents(self) -> Iterator[Folder]:
        """Yield the folder itself and all folders of the tree that contain it, from the inside out."""
        step: Folder | None = self
        while step is not None:
            yield step
            step = step.parent


@dataclass(slots=True)
class Tree:
    """The result of a walk."""

    root: Folder | None
    folders: list[Folder] = field(default_factory=list)  # a folder precedes its subfolders
    projects: list[Project] = field(default_factory=list)  # by markers
    is_complete: bool = True


def walk(lister: FolderLister, root: str, *, root_is_unit: bool, until: float, is_flat: bool = False) -> Tree:
    """Walk a tree from the top, until MOST_ENTRIES are listed or `time.monotonic()` reaches `until`.

    With `is_flat`, only the root itself is listed.
    """
    tree = Tree(None)
    own = own_marker(root) if root_is_unit else None
    pending: list[tuple[str, Folder | None, Marker | None]] = [(root, None, own)]
    entries = 0
    while pending:
        if entries > MOST_ENTRIES or time.monotonic() > until:
            tree.is_complete = False
            break
        path, parent, bundle = pending.pop()
        project = parent.project if parent else None
        if project is None and bundle:
            project = _add(tree, path, bundle, path)
            if bundle.kind not in LOOKED_INTO:
                continue
        listing = lister.listing(path)
        if listing is None:
            continue
        entries += listing.entries
        folder = Folder(path, listing, parent, project=project)
        is_limited = parent is None and not root_is_unit
        if project is None and (
            found := lister.marker_in(path, listing, is_root=False, only_anywhere=is_limited)
        ):
            folder.project = _add(tree, path, found[0], os.path.join(path, found[1]))
        _enter(tree, folder)
        if not is_flat:
            pending.extend(_next(lister, folder, is_limited=is_limited))
    return tree


def _add(tree: Tree, root: str, marker: Marker, shown_by: str) -> Project:
    project = Project(Path(root), marker.kind, marker.name, Path(shown_by))
    tree.projects.append(project)
    return project


def _enter(tree: Tree, folder: Folder) -> None:
    if folder.parent is None:
        tree.root = folder
    else:
        folder.parent.children.append(folder)
    tree.folders.append(folder)


def _next(
    lister: FolderLister, folder: Folder, *, is_limited: bool
) -> Iterator[tuple[str, Folder, Marker | None]]:
    """Yield the folders to walk after this one, each with the marker that makes it a project itself."""
    if folder.project:
        if folder.project.kind in LOOKED_INTO:
            yield from (
                (os.path.join(folder.path, name), folder, None) for name in reversed(folder.listing.folders)
            )
        return
    bundles = lister.bundles_in(folder.path, folder.listing)
    if is_limited:
        bundles |= _markers_as_projects(folder, bundles)
    for name in sorted({*folder.listing.folders, *bundles}, reverse=True):
        yield os.path.join(folder.path, name), folder, bundles.get(name)


def _markers_as_projects(folder: Folder, bundles: dict[str, Marker]) -> dict[str, Marker]:
    """Return the marker folders in a general folder: there they mark only themselves."""
    found: dict[str, Marker] = {}
    for name, form in folder.listing.candidates:
        if form == "folder" and name not in bundles:
            rows = tuple(row for row in rows_for(name) if not row.is_root and row.is_folder)
            if marker := proven(rows, folder.path, name, form):
                found[name] = marker
    return found


def own_marker(path: str) -> Marker | None:
    """Return the row of the table by which this folder is a project by its own name, or None."""
    rows = tuple(row for row in rows_for(os.path.basename(path)) if row.is_root)
    return proven(rows, os.path.dirname(path), os.path.basename(path), "folder")
