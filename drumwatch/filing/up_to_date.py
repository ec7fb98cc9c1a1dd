"""Check whether an earlier action is still in effect, so that a second run has nothing to do and nothing to record."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from drumwatch.filing.actions import numbered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Action, Entry


def is_up_to_date(entry: Entry, wish: Action) -> bool:
    """Return whether the entry did what is wanted now, and its result is still in place."""
    made, wanted = entry.destination, wish.destination
    if entry.state != "done" or entry.action != wish.kind or made is None or wanted is None:
        return False
    return _is_name_for(made, wanted) and _is_there(entry, made)


def _is_name_for(made: Path, wanted: Path) -> bool:
    """Return whether this is the wanted name, or that name with a number."""
    number = re.search(r" (\d+)$", made.stem)
    names = {wanted.name, numbered(wanted.name, int(number[1])) if number else ""}
    return made.parent == wanted.parent and made.name in names


def _is_there(entry: Entry, made: Path) -> bool:
    try:
        if entry.action == "symlink":
            return os.readlink(made) == str(entry.source)
        status = os.lstat(made)
    except OSError:
        return False
    mark = entry.stamp
    if mark is None or not stat.S_ISREG(status.st_mode):
        return False
    return status.st_size == mark.size_bytes and (entry.action == "copy" or status.st_ino == mark.inode)
