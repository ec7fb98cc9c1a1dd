"""Whether filed sounds may have gone anywhere: a folder tells by its own time that something has left it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.journal import Journal

COARSEST = 3.0  # seconds: some disks count in twos, and what happened just now may happen again unseen
NOT_STILL = -1


class FolderMtimes:
    """What was seen at the last look at every sound: one `stat` for each folder then says whether another is worth it."""

    def __init__(self) -> None:
        self._newest = NOT_STILL
        self._times: dict[str, int | None] = {}

    def holds(self, journal: Journal) -> bool:
        """Nothing was written down since then, and nothing has come to or left a folder with filed sounds."""
        return journal.entries.newest_id() == self._newest and all(
            _changed(folder) == changed for folder, changed in self._times.items()
        )

    def seen(self, journal: Journal, placed: Iterable[tuple[int, Path]]) -> Iterator[tuple[int, Path]]:
        """The same sounds; each folder's time is noted before the first sound in it is looked at."""
        self._newest, self._times = journal.entries.newest_id(), {}
        recent = time.time_ns() - int(COARSEST * 1e9)
        for number, path in placed:
            folder = os.path.dirname(path)
            if folder not in self._times:
                changed = _changed(folder)
                self._times[folder] = changed if changed is None or changed < recent else NOT_STILL
            yield number, path


def _changed(folder: str) -> int | None:
    """None where there is no such folder."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None
