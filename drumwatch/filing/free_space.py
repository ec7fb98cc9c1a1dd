"""Keep a minimum of free space on a disk, for other programs and the system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.filing import disk, os_errors

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.filing.disk import Folder
    from drumwatch.filing.held_file import HeldFile


def require(sound: HeldFile, folder: Folder, min_free: int, where: Path) -> None:
    """Raise DiskUnavailable about the disk of `where` if a copy of the sound would leave less than `min_free` bytes free.

    The message does not name the free space, so that it stays the same while that changes, and is reported once.
    """
    if min_free and disk.free_bytes(folder) - sound.stamp.size_bytes < min_free:
        too_little = f"would have less than {_in_words(min_free)} left (min_free)"
        raise os_errors.of_the_disk(
            f"The disk of {folder.path} {too_little}: {sound.name} is still in {sound.folder.path}. Make room there or lower"
            " min_free; it will be tried again.",
            too_little,
            where,
            "Make room there or lower min_free.",
        )


def _in_words(size_bytes: int) -> str:
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:g} {unit}"
    return f"{size_bytes} bytes"
