"""Packages of macOS (`Song.logicx`) that arrive: no file in them is ever looked at, so they are waited for as a whole.

Time is an argument, in seconds of a clock that never jumps.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST = 600.0  # seconds: a song that is recorded into never rests
SLOWEST = 60.0  # seconds between two looks at one that grows
MOST_ENTRIES = 20_000  # what lies beyond them is not waited for


class TreeState(NamedTuple):
    """How a folder tree looks: it changes with each file that comes to it or grows."""

    entries: int
    size_bytes: int
    changed_ns: int


@dataclass(slots=True)
class _Package:
    watch: Path
    state: TreeState | None
    since: float
    delay: float
    due: float


class Packages:
    """Packages that have come, until nothing changes in them any more."""

    def __init__(self, quiet: float, state_of: Callable[[Path], TreeState | None]) -> None:
        self._quiet = quiet
        self._state_of = state_of
        self._packages: dict[Path, _Package] = {}

    def noticed(self, path: Path, watch: Path, now: float) -> None:
        """It is there; one that is waited for already goes on as it was."""
        if path not in self._packages:
            state = self._state_of(path)
            self._packages[path] = _Package(watch, state, now, self._quiet, now + self._quiet)

    def forget(self, path: Path) -> None:
        """It is gone, or the folder around it."""
        for package in [one for one in self._packages if one.is_relative_to(path)]:
            del self._packages[package]

    def at_rest(self, now: float) -> Iterator[tuple[Path, Path]]:
        """Those in which nothing has changed for the quiet time, each with its watch; they are not waited for any longer."""
        for path, package in list(self._packages.items()):
            if package.due > now:
                continue
            state = self._state_of(path)
            if state == package.state or now - package.since >= LONGEST:
                del self._packages[path]
                if state is not None:
                    yield path, package.watch
            else:
                package.state, package.delay = state, min(2 * package.delay, SLOWEST)
                package.due = now + package.delay

    def next_due(self) -> float | None:
        """When `at_rest` is worth asking again."""
        return min((package.due for package in self._packages.values()), default=None)

    def __len__(self) -> int:
        return len(self._packages)


def tree_state(root: Path) -> TreeState | None:
    """How this tree looks now; None where it is no folder, or cannot be read."""
    entries = size = changed = 0
    pending = [os.fspath(root)]
    try:
        while pending and entries < MOST_ENTRIES:
            with os.scandir(pending.pop()) as inside:
                for entry in inside:
                    status = entry.stat(follow_symlinks=False)
                    is_folder = entry.is_dir(follow_symlinks=False)
                    entries += 1
                    size += 0 if is_folder else status.st_size
                    changed = max(changed, status.st_mtime_ns, status.st_ctime_ns)
                    if is_folder:
                        pending.append(entry.path)
    except OSError:
        return None
    return TreeState(entries, size, changed)
