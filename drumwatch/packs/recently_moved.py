"""Sounds that were moved out of watched folders recently, read from the journal step by step."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from drumwatch.intake.ignore import is_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drumwatch.journal import Journal

    _Names = dict[str, set[str]]  # of files, by their folders

# Seconds since a batch was last active in which a project's marker may still come after the first sounds.
MARKER_MAY_FOLLOW = 900.0


class RecentlyMoved:
    """Knows the sounds that were moved out of folders, as long as a marker may follow them."""

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._read_to: dict[Path, int] = {}
        self._batches: dict[Path, dict[int, _Names]] = {}

    @property
    def since(self) -> float:
        """The time since which a batch must have been active to count."""
        return self._clock() - MARKER_MAY_FOLLOW

    def sounds_of(self, origin: Path) -> Mapping[str, set[str]]:
        """Return the names of the sounds that were moved out of a watched folder, by the folders in which they were."""
        batches = self._batches.setdefault(origin, {})
        active = self._journal.folders.recent_batches(origin, self.since)
        for ended in batches.keys() - set(active):
            del batches[ended]
        if active:
            self._read_new(origin, batches)
        merged: _Names = defaultdict(set)
        for folders in batches.values():
            for folder, names in folders.items():
                merged[folder] |= names
        return merged

    def _read_new(self, origin: Path, batches: dict[int, _Names]) -> None:
        last = self._read_to.get(origin, 0)
        for number, batch, source in self._journal.batches.moved_since(origin, self.since, last):
            last = number
            folder, name = os.path.split(source)
            if is_sound(name):
                batches.setdefault(batch, {}).setdefault(folder, set()).add(name)
        self._read_to[origin] = last
