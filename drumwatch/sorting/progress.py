"""Shows a progress bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress


class ProgressBar:
    """A progress bar that shows nothing."""

    def step(self) -> None:
        """Count one file that is done."""

    def more(self, count: int) -> None:
        """Raise the total, as this many more files were found in an archive."""


class _ShownBar(ProgressBar):
    """A progress bar with the rate and the time left."""

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
    """Give a bar with the title `doing`; nothing is shown where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield ProgressBar()
        return
    from rich.console import Console  # noqa: PLC0415  loaded only for a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _ShownBar(progress, doing, total)
