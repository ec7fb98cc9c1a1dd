"""A progress bar on stderr, where somebody is looking."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress


class ProgressBar:
    """A bar where nobody is looking."""

    def step(self) -> None:
        """One file is done."""

    def more(self, count: int) -> None:
        """So many more have turned up, in an archive."""


class _Shown(ProgressBar):
    """A bar with rate and time left."""

    def __init__(self, progress: Progress, doing: str, total: int) -> None:
        self._progress, self._total = progress, total
        self._task = progress.add_task(doing, total=total, rate="")

    def step(self) -> None:
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate=f"{speed:.0f} a second" if speed else "")

    def more(self, count: int) -> None:
        self._total += count
        self._progress.update(self._task, total=self._total)


@contextmanager
def progress_bar(doing: str, total: int) -> Iterator[ProgressBar]:
    """The bar, named after what is being done; nothing is shown where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield ProgressBar()
        return
    from rich.console import Console  # noqa: PLC0415  only where a person looks
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Shown(progress, doing, total)
