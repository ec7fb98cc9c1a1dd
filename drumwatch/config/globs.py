"""Patterns for names: `*` and `?`, upper and lower case alike, and brackets that may simply be brackets."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path, PurePath

    from drumwatch.config.settings import Watch


def like(text: str, pattern: str) -> bool:
    """Whether a name fits a pattern; `[24bit]` in it fits itself too, because packs are called so."""
    text, pattern = _folded(text), _folded(pattern)
    return fnmatchcase(text, pattern) or fnmatchcase(text, pattern.replace("[", "[[]"))


def excluded(watch: Watch, path: Path) -> bool:
    """Whether a path below the watch is left out by its `exclude`, by its own name or a folder's on the way."""
    return path.is_relative_to(watch.folder) and left_out(path.relative_to(watch.folder), watch.exclude)


def left_out(inside: PurePath, patterns: Sequence[str]) -> bool:
    """A pattern with a slash is compared with the path from the watch down, one without with each name in it."""
    steps = [inside, *inside.parents][:-1]
    return any(
        like(step.as_posix() if "/" in pattern else step.name, pattern)
        for step in steps
        for pattern in patterns
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
