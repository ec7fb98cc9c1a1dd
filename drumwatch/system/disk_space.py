"""How much may still be written to a disk."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from drumwatch.system import macos_calls

if TYPE_CHECKING:
    from os import PathLike

COUNTS_RIGHT = (
    3,
    13,
)  # before, Python cut the number of blocks off at 32 bits on macOS: 16 TB of an APFS disk


def free_bytes(place: int | str | PathLike[str]) -> int:
    """Return the bytes that a user may still write to the disk of a path or an open file, however large that disk is."""
    system: str = sys.platform
    if system == "darwin" and sys.version_info < COUNTS_RIGHT and (found := macos_calls.file_system(place)):
        return found.block_bytes * found.blocks_available
    return shutil.disk_usage(place).free
