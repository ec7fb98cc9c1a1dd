"""Check whether a whole pack fits on the library's disk, because half a pack is worse than none."""

from __future__ import annotations

import contextlib
import math
import os
from typing import TYPE_CHECKING

from drumwatch.filing import disk
from drumwatch.intake.ignore import is_sound
from drumwatch.intake.pack_documents import belongs_to_a_pack
from drumwatch.intake.scan import scan
from drumwatch.intake.stability import stamp_from
from drumwatch.system.disk_space import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import FileStamp

    IsDone = Callable[[Path, FileStamp], bool]


def space_lacking(folder: Path, watch: Watch, min_free: int, is_done: IsDone) -> str:
    """Return why no file of a pack folder is filed yet: the whole pack does not fit. Empty if it fits or takes no space.

    Files that `is_done` take no space. The sentence does not say how much is free, so that it is always the same and reported once.
    """
    library = next(place for place in (watch.library, *watch.library.parents) if place.exists())
    if not _takes_space(watch.action, folder, library):
        return ""
    free = max(0, free_bytes(library) - min_free)
    if _size(folder) <= free or (needed := _size(folder, is_done)) <= free or _shares_blocks(folder, library):
        return ""
    return (
        f"{folder.name} takes {math.ceil(needed / 1e6)} MB, and the disk of {library} has less to spare (min_free):"
        " nothing of it was filed. Make room there"
    )


def _takes_space(action: str, folder: Path, library: Path) -> bool:
    """Return False for links and for a move within a disk."""
    return action == "copy" or (action == "move" and os.stat(folder).st_dev != os.stat(library).st_dev)


def _size(folder: Path, is_done: IsDone | None = None) -> int:
    """Return the bytes of the sounds and of the documents that follow them."""
    size = 0
    for path, status in scan(folder, wanted=lambda name: is_sound(name) or belongs_to_a_pack(name)):
        stamp = stamp_from(status)
        if not (is_done and stamp and is_done(path, stamp)):
            size += status.st_size
    return size


def _shares_blocks(folder: Path, library: Path) -> bool:
    """Return whether a copy takes no space, as on Btrfs and XFS; tried with one sound."""
    for path, _ in scan(folder, wanted=is_sound):
        with contextlib.suppress(OSError), disk.opened(path.parent) as source, disk.opened(library) as target:
            return disk.shares_blocks(source, path.name, target)
    return False
