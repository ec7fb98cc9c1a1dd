"""A tree of folders with their numbers of files and a few names, in memory that does not grow with the library."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from drumwatch.core.formatting import count_of, home_short, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES_SHOWN = 3  # of each folder, as a library has a hundred thousand files
FOLDERS_SHOWN = 8  # the fullest in each folder, on a terminal


@dataclass(slots=True)
class Folder:
    """A folder and what is below it."""

    folders: dict[str, Folder] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    files: int = 0  # in this folder and below

    @property
    def unnamed(self) -> int:
        """The number of files directly in this folder whose names are not kept."""
        return self.files - sum(inner.files for inner in self.folders.values()) - len(self.names)


class FolderJson(TypedDict):
    """A folder in the page of `sort --report`."""

    name: str
    files: int
    folders: list[FolderJson]
    names: list[str]
    more: int


class Trees:
    """One tree for each library."""

    def __init__(self) -> None:
        self._roots: dict[Path, Folder] = {}

    def add(self, library: Path, path: Path) -> None:
        """Count a file in the tree of its library."""
        folder = self._roots.setdefault(library, Folder())
        *parents, name = path.relative_to(library).parts if path.is_relative_to(library) else path.parts
        folder.files += 1
        for parent in parents:
            folder = folder.folders.setdefault(parent, Folder())
            folder.files += 1
        if len(folder.names) < NAMES_SHOWN:
            folder.names.append(name)

    def lines(self) -> Iterator[str]:
        """Give the lines of the trees for a terminal."""
        for root, folder in self._roots.items():
            yield f"{home_short(root)} ({folder.files:,})"
            yield from _branches(folder, "")

    def as_json(self) -> list[FolderJson]:
        """Return the trees with every folder, for a page that unfolds."""
        return [_as_json(home_short(root), folder) for root, folder in self._roots.items()]


def _branches(folder: Folder, indent: str) -> Iterator[str]:
    fullest = sorted(folder.folders, key=lambda name: -folder.folders[name].files)[:FOLDERS_SHOWN]
    lines: list[tuple[str, Folder | None]] = [
        (f"{printable(name)}{os.sep} ({folder.folders[name].files:,})", folder.folders[name])
        for name in sorted(fullest)
    ]
    if rest := [inner.files for name, inner in folder.folders.items() if name not in fullest]:
        lines.append((f"… and {count_of(len(rest), 'more folder')} ({sum(rest):,})", None))
    lines += [(printable(name), None) for name in folder.names]
    if folder.unnamed:
        lines.append((f"… and {folder.unnamed:,} more", None))
    for number, (text, inner) in enumerate(lines, 1):
        last = number == len(lines)
        yield f"{indent}{'└── ' if last else '├── '}{text}"
        if inner:
            yield from _branches(inner, indent + ("    " if last else "│   "))


def _as_json(name: str, folder: Folder) -> FolderJson:
    inner = [_as_json(printable(name), folder) for name, folder in sorted(folder.folders.items())]
    names = [printable(name) for name in folder.names]
    return {"name": name, "files": folder.files, "folders": inner, "names": names, "more": folder.unnamed}
