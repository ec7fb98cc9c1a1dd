"""What a worker is asked, and what its answer means for filing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Analyze, Analyzed

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Verdict
    from drumwatch.workers.protocol import Answer


@dataclass(frozen=True, slots=True)
class AnalyzedSound:
    """What came back from the worker."""

    verdict: Verdict
    content_hash: str
    digest: str = ""  # of what is heard, whatever the format and the tags
    copy_of: str = ""  # content hash of a sound that the user has named and that sounds the same


@dataclass(frozen=True, slots=True)
class NotAnalyzed:
    """What stands in its place for a readme."""

    content_hash: str
    verdict: None = None
    digest: str = ""


def filing_request(path: Path, watch: Watch, *, model: str, corrections: str) -> Analyze:
    """What a worker is asked about a file that is to be filed."""
    return Analyze(
        str(path),
        max_seconds=watch.max_seconds,
        use_names=watch.names == "hint",
        model=model,
        corrections=corrections,
        with_hash=True,
        with_digest=True,
        with_record=True,
    )


def analyzed_sound(answer: Answer) -> AnalyzedSound:
    """The verdict in an answer; raises UnreadableAudio with the worker's sentence."""
    found = expect(answer, Analyzed)
    return AnalyzedSound(found.verdict, found.content_hash, found.sound_digest, found.copy_of)
