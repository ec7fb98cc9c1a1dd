"""Count sounds that were moved out of a tree recently as if they were still there, because a marker may arrive after its sounds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drumwatch.intake.projects.listing import Listing
from drumwatch.intake.projects.resolve import is_below
from drumwatch.intake.projects.walk import LOOKED_INTO, Folder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from drumwatch.intake.projects.walk import Tree


def add_moved(tree: Tree, moved: Mapping[str, Collection[str]]) -> None:
    """Add these sounds, names by folder, to the listings of the tree; missing folders are added too.

    A sound that is there again is not counted twice, and nothing is added to a project whose content does not matter.
    """
    if tree.root is None or not moved:
        return
    folders = {folder.path: folder for folder in tree.folders}
    closed = {os.fspath(project.root) for project in tree.projects}.difference(folders)
    for path, names in moved.items():
        if is_below(path, tree.root.path) and (folder := _folder_at(path, tree, folders, closed)):
            listing = folder.listing
            if gone := sorted(set(names).difference(listing.sounds)):
                sounds = (*listing.sounds, *gone)
                folder.listing = listing._replace(sounds=sounds, files=listing.files + len(gone))


def _folder_at(path: str, tree: Tree, folders: dict[str, Folder], closed: set[str]) -> Folder | None:
    """Return the folder at this path, added to the tree if it is gone; None inside of a project whose content does not matter."""
    known = folders.get(path)
    if known is None:
        parent = None if path in closed else _folder_at(os.path.dirname(path), tree, folders, closed)
        if parent is None:
            return None
        known = folders[path] = Folder(path, Listing(0, 0), parent, project=parent.project)
        parent.children.append(known)
        tree.folders.append(known)
    return known if known.project is None or known.project.kind in LOOKED_INTO else None
