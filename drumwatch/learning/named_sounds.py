"""The file of confirmed sounds by which workers recognize near copies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache

MOST = 3000  # newest confirmations in the file; comparing a sound with all of them takes a worker half a millisecond


class NamedSounds:
    """Keeps the file up to date with the journal; a withdrawn confirmation is ignored later, when its label is looked up."""

    def __init__(self, path: Path, journal: Journal, cache: AnalysisCache) -> None:
        self._path = path
        self._journal = journal
        self._cache = cache
        self._newest = -1  # the last confirmation in the file

    def file(self) -> Path:
        """Return the path of the file, written again if there are new confirmations."""
        newest = self._journal.confirmations.latest_id()
        if newest != self._newest:
            self._write()
            self._newest = newest
        return self._path

    def _write(self) -> None:
        """Write the file atomically, because a worker may be reading it."""
        confirmations = self._journal.confirmations.all()[-MOST:]
        known = [
            {"hash": one.content_hash, "ear": found.ear, "evidence": found.evidence}
            for one in confirmations
            if (found := self._cache.of(one.content_hash))
        ]
        app_paths.write_atomically(self._path, json.dumps(known).encode())
