"""Divide a tree into units that arrived together, and decide whether a unit is a pack or a program. Pure: the folders are listed before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.intake.pack_names import is_category_folder
from drumwatch.intake.projects.folder_names import is_pack_folder_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.intake.projects.walk import Folder

SOURCES_OF_A_PROGRAM = 3
SHARE_OF_A_PROGRAM = 0.02  # of sources among sources and sounds
FEW_SOUNDS, NOT_MANY_SOUNDS, SHARE_AMONG_NOT_MANY = 50, 100, 0.03
_CODE_FOLDERS = frozenset(
    ["src", "lib", "include", "test", "tests", "scripts", "source", "js", "css", "app", "bin"]
)


def units_of(root: Folder, *, root_is_unit: bool) -> list[Folder]:
    """Return the folders that are judged separately, because each of them arrived as one thing."""
    if root_is_unit:
        return _parts(root, is_collection=_is_collection) if root.project is None else []
    return [
        part
        for child in root.children
        if child.project is None
        for part in _parts(child, is_collection=_is_shop)
    ]


def _parts(folder: Folder, is_collection: Callable[[Folder], bool]) -> list[Folder]:
    """Return the folder, or its subfolders if it is only a collection of packs."""
    inner = folder
    while not inner.listing.files and len(inner.children) == 1 and inner.children[0].project is None:
        if is_collection(inner):
            break
        inner = inner.children[0]
    if not inner.listing.files and is_collection(inner):
        return [child for child in inner.children if child.project is None]
    return [folder]


def _is_collection(folder: Folder) -> bool:
    """Return whether a folder is a collection of packs: it holds only folders, and not those that divide one pack."""
    shown = [child for child in folder.children if child.project is None]
    if any(child.name.casefold() in _CODE_FOLDERS for child in shown):
        return False
    return len(folder.children) > 1 and any(
        not is_category_folder(child.name) and not is_pack_folder_name(child.name) for child in shown
    )


def _is_shop(folder: Folder) -> bool:
    """Return whether this is the folder in which Splice and similar services keep packs."""
    return folder.name.casefold() == "packs"


@dataclass(slots=True)
class Count:
    """The numbers of files in a folder and below it."""

    sounds: int = 0
    files: int = 0
    sources: int = 0
    patches: int = 0


def count_files(root: Folder) -> dict[Folder, Count]:
    """Count the files of each folder with those below it, without marked projects."""
    order = list(root.below())
    counts: dict[Folder, Count] = {}
    for folder in reversed(order):
        listing = folder.listing
        count = Count(len(listing.sounds), listing.files, len(listing.sources), listing.patches)
        for child in folder.children:
            if inner := counts.get(child):
                count.sounds += inner.sounds
                count.files += inner.files
                count.sources += inner.sources
                count.patches += inner.patches
        counts[folder] = count
    return counts


def is_program(sounds: int, sources: int, patches: int = 0) -> bool:
    """Return whether so many source files beside so many sounds are a program, and not a pack with a script."""
    if not sounds:
        return False
    share = sources / (sources + sounds)
    return (
        (sources >= SOURCES_OF_A_PROGRAM and share >= SHARE_OF_A_PROGRAM)
        or (sources >= 1 and sounds < FEW_SOUNDS)
        or (sources >= 1 and sounds < NOT_MANY_SOUNDS and share >= SHARE_AMONG_NOT_MANY)
        or patches > sounds
    )


def is_pack(unit: Folder, counts: dict[Folder, Count]) -> bool:
    """Return whether most files of the unit are sounds, and each folder either holds some or has a usual name of a pack's folder."""
    if 2 * counts[unit].sounds <= counts[unit].files:
        return False
    pending = list(unit.children)
    while pending:
        folder = pending.pop()
        if folder.project is None and not is_pack_folder_name(folder.name) and counts[folder].files:
            if not counts[folder].sounds:
                return False
            pending.extend(folder.children)
    return True
