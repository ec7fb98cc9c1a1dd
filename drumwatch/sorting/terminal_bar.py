"""The progress bar on a terminal, drawn by rich; lines that are printed meanwhile stand above it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.constrain import Constrain
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from drumwatch.sorting.plain_bar import ProgressBar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType


ECHO = "^C^C"  # a terminal shows it behind the bar; in a full line it would move the bar, which could not be erased then


class _ProgressWithNote(Progress):
    """A progress display with a line of text below the bars, once it is set."""

    note = ""

    def __init__(self, console: Console, *columns: ProgressColumn) -> None:
        self._screen = console  # before the beginning of the display, which asks for the bars at once
        super().__init__(*columns, console=console, transient=True, expand=True)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Give the bars, and the note below them; none fills its line."""
        width = self._screen.width - len(ECHO)
        yield Constrain(self.make_tasks_table(self.tasks), width)
        if self.note:
            yield Constrain(Text(self.note, no_wrap=True, overflow="ellipsis"), width)


class TerminalBar(ProgressBar):
    """A progress bar with the rate and the time left."""

    def __init__(self, progress: _ProgressWithNote, doing: str, total: int) -> None:
        self._progress, self._total = progress, total
        self._task = progress.add_task(doing, total=total, rate="")

    def step(self) -> None:
        """Count one file that is done."""
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate=f"{speed:.0f} a second" if speed else "")

    def more(self, count: int) -> None:
        """Raise the total."""
        self._total += count
        self._progress.update(self._task, total=self._total)

    def echo(self, line: str, *, err: bool = False) -> None:
        """Print a line above the bar, or to stdout where that is no terminal."""
        if err or sys.stdout.isatty():
            # click writes past the console, which then does not know any more where its bar is
            self._progress.console.print(Text(line), soft_wrap=True)
        else:
            click.echo(line)

    def announce(self, text: str) -> None:
        """Show a line below the bar."""
        # The thread that draws finds it: a signal handler must not wait for the lock of that thread
        self._progress.note = text


@contextmanager
def shown_bar(doing: str, total: int) -> Iterator[TerminalBar]:
    """Show a bar on stderr until the block ends; then nothing of it is left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", table_column=Column(no_wrap=True)),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
    )
    with _ProgressWithNote(_console(), *columns) as progress:
        yield TerminalBar(progress, doing, total)


@contextmanager
def shown_time(doing: str) -> Iterator[None]:
    """Show on stderr for how long the block has run."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(), transient=True) as progress:
        progress.add_task(doing, total=None)
        yield


def _console() -> Console:
    return Console(stderr=True)
