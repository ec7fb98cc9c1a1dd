"""Folders on the disk: absolute ones, and which lies inside which, whatever links lead there."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

Identity = tuple[int, int]


def absolute(text: str, home: Path) -> Path:
    """The folder that the text means, with `~` as the home folder; a relative one is a ValueError."""
    if "\0" in text:
        raise ValueError("has a null character in it")
    if text == "~" or text.startswith(("~/", "~" + os.sep)):
        return home / text[2:]
    if not Path(text).is_absolute():
        inside = text.partition("/")[2] if text.startswith(("~", "$")) else text.lstrip("./")
        raise ValueError(f'is not an absolute folder: begin with / or ~/, as in "~/{inside or "Downloads"}"')
    return Path(text)


def is_something_else(folder: Path) -> bool:
    """Whether there is something at the place that is no folder; unlike pathlib, for names of any length."""
    return os.path.exists(folder) and not os.path.isdir(folder)


def real(folder: Path) -> Path:
    """The folder behind all links, as far as it exists."""
    return Path(os.path.realpath(folder))


def below(inner: Path, outer: Path) -> PurePath | None:
    """The way from the outer folder down to the inner one (`.` when they are one), or None when it is not inside."""
    start, goal = real(inner), real(outer)
    known = identity(goal)
    for step in (start, *start.parents):
        if step == goal or (known and identity(step) == known):
            return start.relative_to(step)
    return None


def identity(folder: Path) -> Identity | None:
    """Tells folders apart where names cannot: upper and lower case on a Mac, bind mounts. None where the disk gives none."""
    try:
        status = folder.stat()
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if status.st_ino else None
