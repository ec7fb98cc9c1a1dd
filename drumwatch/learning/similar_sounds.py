"""Which of the user's own sounds resemble one: sounds of the journal whose file is there, so that they can be played."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.formatting import home_short
from drumwatch.workers.protocol import FindSimilar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import AnalysisRecord

MOST_COMPARED = 2_000  # the newest sounds of the journal
MOST_SHOWN = 3


class SimilarSound(NamedTuple):
    """A sound of the user's that resembles another one, and what it is: as the user says, else as it was filed."""

    path: Path
    kind: str

    def as_json(self) -> dict[str, str]:
        """Return the sound as `--json` and the page have it."""
        return {"sound": str(self.path), "type": self.kind}

    def describe(self) -> str:
        """Return the sound in words: "~/Samples/kick/boom.wav (kick)"."""
        return f"{home_short(self.path)} ({self.kind})"


class SimilarSounds:
    """Compares sounds with those of the journal by their analysis in the cache; what it has read is kept for the next one."""

    def __init__(self, journal: Journal, cache: AnalysisCache) -> None:
        self._journal = journal
        self._cache = cache
        self._records: dict[str, AnalysisRecord] = {}
        self._entries: dict[str, int] = {}  # the newest entry by content hash

    def request(self, record: AnalysisRecord, content_hash: str, model: str) -> FindSimilar:
        """Return the request to a worker that compares this sound with those of the journal; `model` is the file of the model."""
        self._entries = self._journal.confirmations.newest_sounds(MOST_COMPARED)
        for content in self._entries.keys() - self._records.keys():
            if found := self._cache.of(content):
                self._records[content] = found
        known = {content: self._records[content] for content in self._entries if content in self._records}
        among = {
            content: other.evidence
            for content, other in known.items()
            if other.ear == record.ear and content != content_hash and not _are_copies(other, record)
        }
        return FindSimilar(record.evidence, among, model)

    def playable(self, keys: Sequence[str]) -> list[SimilarSound]:
        """Return the first of the sounds that a worker found whose files are there, each sound once."""
        found: list[SimilarSound] = []
        shown: set[str] = set()
        for content in keys:
            entry = self._journal.entries.lookup(self._entries.get(content, 0))
            digest = self._records[content].digest or content
            if entry and len(found) < MOST_SHOWN and digest not in shown and entry.location.is_file():
                shown.add(digest)
                found.append(SimilarSound(entry.location, self._kind(entry)))
        return found

    def _kind(self, entry: Entry) -> str:
        return self._journal.confirmations.label_of(entry.content_hash) or entry.type or entry.label


def _are_copies(one: AnalysisRecord, other: AnalysisRecord) -> bool:
    return bool(one.digest) and one.digest == other.digest
