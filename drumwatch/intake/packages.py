"""Wait until macOS packages (`Song.logicx`) are stable as a whole, because the files in them are never arrivals.

Pure except for the tree state; time is an argument in seconds of a monotonic clock.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST = 600.0  # seconds that a package waits at most, because a song that is being recorded keeps changing
SLOWEST = 60.0  # longest interval in seconds between two checks of a package that changes
MOST_ENTRIES = 20_000  # entries that are checked; changes beyond them are not noticed


class TreeState(NamedTuple):
    """A summary of a folder tree that changes with each file that is added or grows."""

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
    """Tracks new packages until nothing changes in them any more."""

    def __init__(self, quiet: float, state_of: Callable[[Path], TreeState | None]) -> None:
        self._quiet = quiet
        self._state_of = state_of
        self._packages: dict[Path, _Package] = {}

    def observe(self, path: Path, watch: Path, now: float) -> None:
        """Start to track a package; one that is tracked already is not affected."""
        if path not in self._packages:
            state = self._state_of(path)
            self._packages[path] = _Package(watch, state, now, self._quiet, now + self._quiet)

    def forget(self, path: Path) -> None:
        """Stop to track the packages at this path or below it, because they are gone."""
        for package in [one for one in self._packages if one.is_relative_to(path)]:
            del self._packages[package]

    def stable(self, now: float) -> Iterator[tuple[Path, Path]]:
        """Yield the packages that did not change for the quiet time, each with its watch, and stop to track them."""
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
        """Return when `stable` may yield something, or None if no package is tracked."""
        return min((package.due for package in self._packages.values()), default=None)

    def __len__(self) -> int:
        return len(self._packages)


def tree_state(root: Path) -> TreeState | None:
    """Return the present state of this tree, or None if it is no folder or cannot be read."""
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
