"""Packs that another program is still unpacking or copying are waited for as a whole. Pure: time is an argument."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

T = TypeVar("T")

LONGEST = 60.0  # seconds: a folder into which somebody keeps recording never rests


@dataclass(slots=True)
class _Folder(Generic[T]):
    latest: float  # when something last happened in it
    since: float = 0.0  # when the first of these came to rest
    held: list[T] = field(default_factory=list)

    def due(self, quiet: float) -> float:
        return min(self.latest + quiet, self.since + LONGEST)


class Gathering(Generic[T]):
    """Holds what has come to rest in a folder until nothing happens there any more."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._folders: dict[Path, _Folder[T]] = {}

    def noticed(self, folder: Path, now: float) -> None:
        """Something came or changed in this folder."""
        self._folders.setdefault(folder, _Folder(now)).latest = now

    def holds(self, folder: Path, one: T, now: float) -> bool:
        """Whether it is kept for now, because more may come; else it may go on at once."""
        around = self._folders.get(folder)
        if around is None or now >= around.latest + self._quiet:
            return False
        if not around.held:
            around.since = now
        around.held.append(one)
        return True

    def released(self, now: float, limit: int = sys.maxsize) -> Iterator[T]:
        """What was held in folders that are quiet now, at most `limit`: what is more stays due."""
        for folder, around in list(self._folders.items()):
            if now >= (around.due(self._quiet) if around.held else around.latest + self._quiet):
                out, around.held = around.held[:limit], around.held[limit:]
                if not around.held:
                    del self._folders[folder]
                limit -= len(out)
                yield from out

    def holding(self, folder: Path) -> bool:
        """Whether something in this folder has not been released yet."""
        around = self._folders.get(folder)
        return around is not None and bool(around.held)

    def next_due(self) -> float | None:
        """When `released` is worth asking again."""
        return min(
            (around.due(self._quiet) for around in self._folders.values() if around.held), default=None
        )
