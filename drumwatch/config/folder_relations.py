"""Folders on the disk: their absolute and real paths, and which one is inside which, through links too."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

Identity = tuple[int, int]


def absolute(text: str, home: Path) -> Path:
    """Return the folder in a text, with `~` as the home folder; raises ValueError if it is relative."""
    if "\0" in text:
        raise ValueError("has a null character in it")
    if text == "~" or text.startswith(("~/", "~" + os.sep)):
        return home / text[2:]
    if not Path(text).is_absolute():
        inside = text.partition("/")[2] if text.startswith(("~", "$")) else text.lstrip("./")
        raise ValueError(f'is not an absolute folder: begin with / or ~/, as in "~/{inside or "Downloads"}"')
    return Path(text)


def is_something_else(folder: Path) -> bool:
    """Return whether the path exists and is no folder; unlike pathlib, for names of any length."""
    return os.path.exists(folder) and not os.path.isdir(folder)


def real(folder: Path) -> Path:
    """Return the path with all links resolved, as far as it exists."""
    return Path(os.path.realpath(folder))


def below(inner: Path, outer: Path) -> PurePath | None:
    """Return the path of the inner folder relative to the outer one (`.` if they are the same), or None if it is not inside."""
    start, goal = real(inner), real(outer)
    known = identity(goal)
    for step in (start, *start.parents):
        if step == goal or (known and identity(step) == known):
            return start.relative_to(step)
    return None


def identity(folder: Path) -> Identity | None:
    """Return device and inode, which are equal for all names of a folder (case on macOS, bind mounts), or None if unknown."""
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if status.st_ino else None
