"""Room for a pack as a whole: half a pack is worse than none."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from typing import TYPE_CHECKING

from drumwatch.filing import disk
from drumwatch.intake.arrivals import is_sound
from drumwatch.intake.pack_documents import belongs_to_a_pack
from drumwatch.intake.scan import scan
from drumwatch.intake.stability import stamp_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import FileStamp

    IsDone = Callable[[Path, FileStamp], bool]


def space_lacking(folder: Path, watch: Watch, min_free: int, is_done: IsDone) -> str:
    """Why a pack that came as a folder is not begun: it would not fit as a whole. Empty where it fits, or takes no space.

    What `is_done` already takes no more. The sentence does not say how much is free, so that it stays the same, and is told once.
    """
    library = next(place for place in (watch.library, *watch.library.parents) if place.exists())
    if not _takes_space(watch.action, folder, library):
        return ""
    room = max(0, shutil.disk_usage(library).free - min_free)
    if _size(folder) <= room or (needed := _size(folder, is_done)) <= room or _shares_blocks(folder, library):
        return ""
    return (
        f"{folder.name} takes {math.ceil(needed / 1e6)} MB, and the disk of {library} has less to spare (min_free):"
        " nothing of it was filed. Make room there"
    )


def _takes_space(action: str, folder: Path, library: Path) -> bool:
    """Links take none, nor does a move within a disk."""
    return action == "copy" or (action == "move" and os.stat(folder).st_dev != os.stat(library).st_dev)


def _size(folder: Path, is_done: IsDone | None = None) -> int:
    """Bytes of the sounds and of what follows them."""
    size = 0
    for path, status in scan(folder, wanted=lambda name: is_sound(name) or belongs_to_a_pack(name)):
        mark = stamp_from(status)
        if not (is_done and mark and is_done(path, mark)):
            size += status.st_size
    return size


def _shares_blocks(folder: Path, library: Path) -> bool:
    """Whether a copy takes no space there, tried with one sound, as on Btrfs and on XFS."""
    for path, _ in scan(folder, wanted=is_sound):
        with contextlib.suppress(OSError), disk.opened(path.parent) as source, disk.opened(library) as target:
            return disk.shares_blocks(source, path.name, target)
    return False
