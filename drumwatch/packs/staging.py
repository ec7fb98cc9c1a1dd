"""The hidden folder in the library in which archives are unpacked; each has a subfolder named after the process id."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# In the library, so that filing is a rename on one disk; hidden, so that no scan enters it.
STAGING = ".drumwatch-unpacked"


def sweep(staging: Path, known: set[Path]) -> None:
    """Remove the folders of processes that have ended, except the `known` ones."""
    with contextlib.suppress(OSError):
        for name in os.listdir(staging):
            if staging / name not in known and is_abandoned(staging / name):
                shutil.rmtree(staging / name, ignore_errors=True)
        os.rmdir(staging)


def is_abandoned(folder: Path) -> bool:
    """Return whether the process whose id is in the folder's name has ended."""
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
    """Return whether there is any file in the folder or below."""
    return any(files for _, _, files in os.walk(folder))


def count_files(folder: Path) -> int:
    """Return the number of files in the folder and below."""
    return sum(len(files) for _, _, files in os.walk(folder))


def remove(folder: Path) -> None:
    """Remove the folder of an unpacked archive, and the folders above it if they are empty then."""
    shutil.rmtree(folder, ignore_errors=True)
    for above in (folder.parent, folder.parent.parent):
        with contextlib.suppress(OSError):
            os.rmdir(above)
