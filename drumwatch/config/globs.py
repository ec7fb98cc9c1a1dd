"""Patterns for file and folder names: `*` and `?`, without regard to case; brackets may also match themselves."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path, PurePath

    from drumwatch.config.settings import Watch


def like(text: str, pattern: str) -> bool:
    """Return whether a name matches a pattern; `[24bit]` also matches itself, because packs have such names."""
    text, pattern = folded(text), folded(pattern)
    return fnmatchcase(text, pattern) or fnmatchcase(text, pattern.replace("[", "[[]"))


def excluded(watch: Watch, path: Path) -> bool:
    """Return whether the `exclude` of a watch matches a path in it, by the path's own name or by that of a folder above it."""
    return path.is_relative_to(watch.folder) and left_out(path.relative_to(watch.folder), watch.exclude)


def left_out(inside: PurePath, patterns: Sequence[str]) -> bool:
    """Return whether a pattern matches a path: one with a slash the path below the watch, one without any name in it."""
    steps = [inside, *inside.parents][:-1]
    return any(
        like(step.as_posix() if "/" in pattern else step.name, pattern)
        for step in steps
        for pattern in patterns
    )


def folded(text: str) -> str:
    """Return the form of a name in which upper and lower case, and the Unicode forms, are equal."""
    return unicodedata.normalize("NFC", text).casefold()
