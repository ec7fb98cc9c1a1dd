"""Shows on stderr how far the work is, if that is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from drumwatch.sorting.plain_bar import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


@contextmanager
def progress_bar(doing: str, total: int) -> Iterator[ProgressBar]:
    """Give a bar with the title `doing`; nothing is shown where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield ProgressBar()
        return
    from drumwatch.sorting.terminal_bar import shown_bar  # noqa: PLC0415  rich is loaded only for a terminal

    with shown_bar(doing, total) as bar:
        yield bar


def with_progress(doing: str, total: int, results: Iterable[T]) -> list[T]:
    """Return all results, with a bar that counts them while they come."""
    found = []
    with progress_bar(doing, total) as bar:
        for result in results:
            found.append(result)
            bar.step()
    return found


@contextmanager
def elapsed_time(doing: str) -> Iterator[None]:
    """Show that work of unknown length goes on, and for how long; nothing is shown where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from drumwatch.sorting.terminal_bar import shown_time  # noqa: PLC0415  rich is loaded only for a terminal

    with shown_time(doing):
        yield
