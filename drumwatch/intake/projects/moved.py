"""Sounds that were moved out of a tree a short while ago count as if they still lay there: a marker may come after its sounds."""

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
    """Add these sounds, names by folders, to the listings of the tree; folders that went with them are added, too.

    What lies there again is not counted twice, and a project that nobody looks into has no more sounds by it.
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
    """The folder at this path, made anew where it has gone; None inside of a project that is not looked into."""
    known = folders.get(path)
    if known is None:
        parent = None if path in closed else _folder_at(os.path.dirname(path), tree, folders, closed)
        if parent is None:
            return None
        known = folders[path] = Folder(path, Listing(0, 0), parent, project=parent.project)
        parent.children.append(known)
        tree.folders.append(known)
    return known if known.project is None or known.project.kind in LOOKED_INTO else None
