"""Keeps track of outages, and of the files that wait for each to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.pipeline.records import Outage


class Outages:
    """An outage lasts until one of the files that waited for it has been handled."""

    def __init__(self) -> None:
        self._waiting: dict[Outage, set[Path]] = {}

    def __iter__(self) -> Iterator[Outage]:
        return iter(self._waiting)

    def add_waiting(self, path: Path, outage: Outage) -> bool:
        """Let the file wait for the end of the outage; returns whether the outage is new."""
        is_new = outage not in self._waiting
        self._waiting.setdefault(outage, set()).add(path)
        return is_new

    def handled(self, path: Path) -> list[Outage]:
        """End the outages that this file waited for, and return them."""
        over = [outage for outage, paths in self._waiting.items() if path in paths]
        for outage in over:
            del self._waiting[outage]
        return over
