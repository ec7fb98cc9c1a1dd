"""`sort --dry-run`: a table of what would happen, and a tree of what would be where."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from drumwatch.records import LABELS
from drumwatch.words import home_short, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.commands.sorter import Done

NAMES_SHOWN = 3  # of each folder: a library has a hundred thousand


@dataclass(slots=True)
class _Folder:
    folders: dict[str, _Folder] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    files: int = 0  # here and below


class Preview:
    """Remembers folders, counts and a few names: as small for a library as for a pack."""

    def __init__(self) -> None:
        self._roots: dict[Path, _Folder] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, done: Done) -> None:
        for entry in done.entries:
            filed = entry.state != "failed" and entry.action != "leave"
            self._counts[entry.label or "beside the sounds", _fate(entry.state, entry.action)] += 1
            if filed and entry.destination:
                self._put(done.case.watch.library, entry.destination)

    def _put(self, library: Path, place: Path) -> None:
        here = self._roots.setdefault(library, _Folder())
        *folders, name = place.relative_to(library).parts if place.is_relative_to(library) else place.parts
        here.files += 1
        for folder in folders:
            here = here.folders.setdefault(folder, _Folder())
            here.files += 1
        if len(here.names) < NAMES_SHOWN:
            here.names.append(name)

    def show(self) -> None:
        """Print both, the table first."""
        for line in (*self._table(), "", *self._trees()):
            click.echo(line)

    def _table(self) -> Iterator[str]:
        fates = ("would be filed", "would stay", "cannot be heard")
        labels = [*LABELS, *sorted({label for label, _ in self._counts} - set(LABELS))]
        width = max(len(label) for label in labels)
        yield " " * width + "".join(f"  {fate}" for fate in fates)
        for label in labels:
            counts = [self._counts[label, fate] for fate in fates]
            if any(counts):
                cells = "".join(f"  {count:>{len(fate)}}" for count, fate in zip(counts, fates, strict=True))
                yield f"{printable(label):<{width}}{cells}"

    def _trees(self) -> Iterator[str]:
        for root, folder in self._roots.items():
            yield f"{home_short(root)} ({folder.files})"
            yield from _branches(folder, "")


def _fate(state: str, action: str) -> str:
    if state == "failed":
        return "cannot be heard"
    return "would stay" if action == "leave" else "would be filed"


def _branches(folder: _Folder, indent: str) -> Iterator[str]:
    lines: list[tuple[str, _Folder | None]] = [
        (f"{printable(name)}{os.sep} ({inner.files})", inner)
        for name, inner in sorted(folder.folders.items())
    ]
    lines += [(printable(name), None) for name in folder.names]
    here = folder.files - sum(inner.files for inner in folder.folders.values())
    if here > len(folder.names):
        lines.append((f"… and {here - len(folder.names)} more", None))
    for number, (text, inner) in enumerate(lines, 1):
        last = number == len(lines)
        yield f"{indent}{'└── ' if last else '├── '}{text}"
        if inner:
            yield from _branches(inner, indent + ("    " if last else "│   "))
