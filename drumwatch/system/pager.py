"""Shows lines on a terminal: at once if they fit, else in the user's pager."""

from __future__ import annotations

import itertools
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

# What has a counterpart in ASCII, for terminals that show nothing else.
_IN_ASCII = str.maketrans({"→": "->", "…": "...", "–": "-", "—": "-", "’": "'"})  # noqa: RUF001  these are meant


def is_terminal() -> bool:
    """Return whether a person reads what is printed."""
    return sys.stdout.isatty()


def columns() -> int | None:
    """Return the width of the terminal; None where none reads what is printed."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def takes(text: str) -> bool:
    """Return whether the standard output can show these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def plain(text: str) -> str:
    """Return the text in characters that the standard output can show."""
    if takes(text):
        return text
    encoding = sys.stdout.encoding or "ascii"
    return text.translate(_IN_ASCII).encode(encoding, "replace").decode(encoding)


def show(lines: Iterable[str], *, paged: bool) -> None:
    """Print the lines; with `paged`, in the pager that PAGER names, else `less -R`, if they are more than the terminal is high."""
    left = iter(lines)
    shown: list[str] = []
    if paged and is_terminal():
        shown = list(itertools.islice(left, shutil.get_terminal_size().lines - 1))
        if (after := next(left, None)) is not None:
            first, *others = [plain(line) for line in (*shown, after)]
            # click ends the text with a line break of its own
            click.echo_via_pager(
                itertools.chain(
                    [first], (f"\n{line}" for line in others), (f"\n{plain(line)}" for line in left)
                )
            )
            return
    for line in itertools.chain(shown, left):
        click.echo(plain(line))
