"""`sort --dry-run`: a table of what would happen, and a tree of what would be where."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from drumwatch.commands.tree import Trees
from drumwatch.records import LABELS
from drumwatch.words import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.commands.sorter import Done

FATES = ("would be filed", "would stay", "cannot be heard")


class Preview:
    """Adds up what comes by, in memory that does not grow with the library."""

    def __init__(self) -> None:
        self._trees = Trees()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, done: Done) -> None:
        for entry in done.entries:
            fate = _fate(entry.state, entry.action)
            self._counts[entry.label or "beside the sounds", fate] += 1
            if fate == "would be filed" and entry.destination:
                self._trees.add(done.case.watch.library, entry.destination)

    def show(self) -> None:
        """Print both, the table first."""
        for line in (*self._table(), "", *self._trees.lines()):
            click.echo(line)

    def _table(self) -> Iterator[str]:
        others = sorted({label for label, _ in self._counts} - set(LABELS))
        rows = [(label, [self._counts[label, fate] for fate in FATES]) for label in (*LABELS, *others)]
        rows = [(label, counts) for label, counts in rows if any(counts)]
        if len(rows) > 1:
            rows.append(
                ("in all", [sum(column) for column in zip(*(counts for _, counts in rows), strict=True)])
            )
        width = max((len(label) for label, _ in rows), default=0)
        yield " " * width + "".join(f"  {fate}" for fate in FATES)
        for label, counts in rows:
            yield f"{printable(label):<{width}}{_cells(counts)}"


def _cells(counts: Sequence[int]) -> str:
    return "".join(f"  {count:>{len(fate)}}" for count, fate in zip(counts, FATES, strict=True))


def _fate(state: str, action: str) -> str:
    if state == "failed":
        return "cannot be heard"
    return "would stay" if action == "leave" else "would be filed"
