"""Wait until a pack that is being unpacked or copied is complete; pure, time is an argument in seconds."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T = TypeVar("T")

LONGEST = 60.0  # seconds that a file waits at most; a folder into which someone records is never quiet


@dataclass(slots=True)
class _Folder(Generic[T]):
    latest: float  # time of the last change in the folder
    since: float = 0.0  # time when the first held file became stable
    held: list[T] = field(default_factory=list)

    def due(self, quiet: float) -> float:
        return min(self.latest + quiet, self.since + LONGEST)


class PackDebouncer(Generic[T]):
    """Holds stable files of a folder back until nothing changes in the folder any more."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._folders: dict[Path, _Folder[T]] = {}

    def note_change(self, folder: Path, now: float) -> None:
        """Record that something changed in this folder."""
        self._folders.setdefault(folder, _Folder(now)).latest = now

    def hold(self, folder: Path, one: T, now: float) -> bool:
        """Hold the item back and return True if the folder is not quiet yet; else return False."""
        waiting = self._folders.get(folder)
        if waiting is None or now >= waiting.latest + self._quiet:
            return False
        if not waiting.held:
            waiting.since = now
        waiting.held.append(one)
        return True

    def release(self, now: float, limit: int = sys.maxsize) -> Iterator[T]:
        """Yield at most `limit` held items from folders that are quiet now; the others stay due."""
        for folder, waiting in list(self._folders.items()):
            if now >= (waiting.due(self._quiet) if waiting.held else waiting.latest + self._quiet):
                out, waiting.held = waiting.held[:limit], waiting.held[limit:]
                if not waiting.held:
                    del self._folders[folder]
                limit -= len(out)
                yield from out

    def is_holding(self, folder: Path) -> bool:
        """Return whether items of this folder are still held back."""
        waiting = self._folders.get(folder)
        return waiting is not None and bool(waiting.held)

    def next_due(self) -> float | None:
        """Return when `release` may yield something, or None if nothing is held."""
        return min(
            (waiting.due(self._quiet) for waiting in self._folders.values() if waiting.held), default=None
        )
