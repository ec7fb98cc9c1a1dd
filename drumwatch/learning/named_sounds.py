"""The sounds that the user has named, as the workers need them to know near copies at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache

MOST = 3000  # sounds, the newest: one look through them costs a worker half a millisecond


class NamedSounds:
    """Keeps a file up to date with the journal; what has been taken back is found out when the label is asked for."""

    def __init__(self, path: Path, journal: Journal, recall: AnalysisCache) -> None:
        self._path = path
        self._journal = journal
        self._recall = recall
        self._last_word = -1

    def file(self) -> Path:
        """The file, as new as the user's last word."""
        last_word = self._journal.confirmations.latest_id()
        if last_word != self._last_word:
            self._write()
            self._last_word = last_word
        return self._path

    def _write(self) -> None:
        """A worker may be reading."""
        words = self._journal.confirmations.all()[-MOST:]
        known = [
            {"hash": word.content_hash, "ear": found.ear, "evidence": found.evidence}
            for word in words
            if (found := self._recall.of(word.content_hash))
        ]
        app_paths.write_atomically(self._path, json.dumps(known).encode())
