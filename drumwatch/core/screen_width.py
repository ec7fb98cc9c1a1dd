"""Text on a screen: some letters take two columns, and a line is broken between words."""

from __future__ import annotations

import re
import shutil
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_COMMAND = re.compile(r"`[^`]*`")
_GLUE = "\0"  # instead of a space at which a line must not be broken


def cell_len(text: str) -> int:
    """Return how many columns a text takes."""
    from rich.cells import cell_len as columns  # noqa: PLC0415  only where something is shown

    return columns(text)


def fit(text: str, width: int) -> str:
    """Cut a text to a number of columns; a cut text ends with an ellipsis."""
    from rich.cells import set_cell_size  # noqa: PLC0415  only where something is shown

    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Break a text into lines between words, but not within a `command`, which a person may copy.

    What is longer than a line is left to the terminal. `indent` begins each line but the first.
    """
    glued = _COMMAND.sub(lambda found: found[0].replace(" ", _GLUE), text)
    lines = textwrap.wrap(
        glued, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_GLUE, " ") for line in lines]


def for_stream(text: str, stream: TextIO, *, indent: str = "") -> str:
    """Return a sentence with line breaks between words, if the stream is a terminal; else the sentence."""
    if not stream.isatty():
        return text
    return "\n".join(wrapped(text, shutil.get_terminal_size().columns, indent=indent))
