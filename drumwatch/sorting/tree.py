"""A tree of folders with their numbers of files and a few names, in memory that does not grow with the library."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.core.screen_width import cell_len, fit

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
    packs: set[str] = field(
        default_factory=set
    )  # that they came in; kept for the folders directly in a library

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

    def add(self, library: Path, path: Path, pack: str = "") -> None:
        """Count a file in the tree of its library."""
        folder = top = self._roots.setdefault(library, Folder())
        *parents, name = path.relative_to(library).parts if path.is_relative_to(library) else path.parts
        folder.files += 1
        for parent in parents:
            folder = folder.folders.setdefault(parent, Folder())
            folder.files += 1
        if pack and parents:
            top.folders[parents[0]].packs.add(pack)
        if len(folder.names) < NAMES_SHOWN:
            folder.names.append(name)

    def lines(self) -> Iterator[str]:
        """Give the lines of the trees for a terminal."""
        for root, folder in self._roots.items():
            yield f"{home_short(root)} ({folder.files:,})"
            yield from _branches(folder, "")

    def folded(self, width: int = 80) -> Iterator[str]:
        """Give one line for each folder directly in a library: how many files go there, and from how many packs."""
        for root, folder in self._roots.items():
            yield fit(f"{home_short(root)} ({folder.files:,})", width)
            yield from (fit(f"  {row}", width) for row in _folded_rows(folder))

    def as_json(self) -> list[FolderJson]:
        """Return the trees with every folder, for a page that unfolds."""
        return [_as_json(home_short(root), folder) for root, folder in self._roots.items()]


def _folded_rows(top: Folder) -> Iterator[str]:
    fullest = sorted(top.folders, key=lambda name: (-top.folders[name].files, name))[:FOLDERS_SHOWN]
    rows = [(printable(name), top.folders[name].files, _from_packs(top.folders[name])) for name in fullest]
    if rest := [inner for name, inner in top.folders.items() if name not in fullest]:
        files = sum(inner.files for inner in rest)
        rows.append((f"… and {count_of(len(rest), 'more folder')}", files, ""))
    if directly := top.files - sum(inner.files for inner in top.folders.values()):
        rows.append(("in no folder", directly, ""))
    wide = max((cell_len(name) for name, *_ in rows), default=0)
    high = max((len(f"{files:,}") for _, files, _ in rows), default=0)
    for name, files, packs in rows:
        yield f"{name}{' ' * (wide - cell_len(name))}  {files:>{high},} file{'s' * (files != 1)}{packs}"


def _from_packs(folder: Folder) -> str:
    return f" from {count_of(len(folder.packs), 'pack')}" if folder.packs else ""


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
