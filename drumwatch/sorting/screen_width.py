"""Text on a screen, where some letters take two columns."""

from __future__ import annotations

import textwrap


def cell_len(text: str) -> int:
    """Return how many columns a text takes."""
    from rich.cells import cell_len as columns  # noqa: PLC0415  only where something is shown

    return columns(text)


def fit(text: str, width: int) -> str:
    """Cut a text to a number of columns; a cut text ends with an ellipsis."""
    from rich.cells import set_cell_size  # noqa: PLC0415  only where something is shown

    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines between words; a word that is longer than a line is left to the terminal."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
