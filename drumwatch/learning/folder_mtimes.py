"""Detect whether filed sounds may have been moved: the mtime of a folder changes when an entry is added or removed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.journal import Journal

COARSEST = (
    3.0  # seconds; FAT has a resolution of two, so a second change soon after a first one could be missed
)
UNKNOWN = -1  # never equal to an mtime or an entry id


class FolderMtimes:
    """The folder mtimes at the last check of every sound; comparing them needs one `stat` per folder."""

    def __init__(self) -> None:
        self._newest = UNKNOWN
        self._times: dict[str, int | None] = {}

    def unchanged(self, journal: Journal) -> bool:
        """Return whether no entry was added to the journal, and no file to or from a folder with filed sounds, since `record`."""
        return journal.entries.newest_id() == self._newest and all(
            _changed(folder) == changed for folder, changed in self._times.items()
        )

    def record(self, journal: Journal, placed: Iterable[tuple[int, Path]]) -> Iterator[tuple[int, Path]]:
        """Yield the same sounds; the mtime of each folder is recorded before its first sound is yielded."""
        self._newest, self._times = journal.entries.newest_id(), {}
        recent = time.time_ns() - int(COARSEST * 1e9)
        for number, path in placed:
            folder = os.path.dirname(path)
            if folder not in self._times:
                changed = _changed(folder)
                self._times[folder] = changed if changed is None or changed < recent else UNKNOWN
            yield number, path


def _changed(folder: str) -> int | None:
    """Return the mtime of a folder, or None if it does not exist."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None
