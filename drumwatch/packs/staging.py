"""Where archives lie unpacked for a while: a hidden folder in the library, with the number of the process that unpacks in its name."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# In the library: one disk, so that filing is a rename; hidden, so that no scan enters.
STAGING = ".drumwatch-unpacked"


def sweep(staging: Path, known: set[Path]) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(staging):
            if staging / name not in known and is_abandoned(staging / name):
                shutil.rmtree(staging / name, ignore_errors=True)
        os.rmdir(staging)


def is_abandoned(folder: Path) -> bool:
    """Whether the process that unpacked there, whose number is in the name, has ended."""
    number = folder.name.partition("-")[0]
    if not number.isdigit() or int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def holds_files(folder: Path) -> bool:
    return any(files for _, _, files in os.walk(folder))


def count_files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))


def remove(folder: Path) -> None:
    """An unpacked archive's folder, and the ones above it that held nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    for above in (folder.parent, folder.parent.parent):
        with contextlib.suppress(OSError):
            os.rmdir(above)
