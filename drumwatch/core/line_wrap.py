"""Wrap lines of two columns for a terminal."""

from __future__ import annotations

import textwrap


def fitted(line: str, columns: int | None, indent: int) -> str:
    """Return the line wrapped to this many columns, its further lines indented; long paths are not broken, and None wraps nothing."""
    if columns is None or len(line) <= columns:
        return line
    return textwrap.fill(
        line, columns, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )
