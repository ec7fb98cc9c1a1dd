"""What keeps more than one file from being handled, and which files wait for its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.pipeline.records import Outage


class Outages:
    """Each lasts until one of the files that it kept waiting has been handled."""

    def __init__(self) -> None:
        self._waiting: dict[Outage, set[Path]] = {}

    def __iter__(self) -> Iterator[Outage]:
        return iter(self._waiting)

    def keep_waiting(self, path: Path, trouble: Outage) -> bool:
        """True where the trouble is new."""
        is_new = trouble not in self._waiting
        self._waiting.setdefault(trouble, set()).add(path)
        return is_new

    def handled(self, path: Path) -> list[Outage]:
        """Those that are over, as this file shows."""
        over = [trouble for trouble, paths in self._waiting.items() if path in paths]
        for trouble in over:
            del self._waiting[trouble]
        return over
