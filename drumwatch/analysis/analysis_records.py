"""The analysis record of a sound: enough to classify it again without decoding the file."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.workers.protocol import AnalysisRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SoundAnalysis:
    """The analysis of one file's content.

    File name, the longest allowed length and the forest are applied later, so a record stays valid when they change.
    """

    ear: str  # id of the nets and features that computed it: `Model.ear`
    evidence: Floats  # shape (evidence,): features, then log-probabilities of the nets
    duration: float  # seconds
    onsets: int
    tempo: float | None  # beats per minute, should it be a loop
    sound: str = ""  # `decode.sound_digest`; empty if it was not asked for


def as_record(impression: SoundAnalysis) -> AnalysisRecord:
    """Return the record as it goes through the worker's pipe and into the analysis cache."""
    return AnalysisRecord(
        ear=impression.ear,
        evidence=as_base64(impression.evidence),
        duration=impression.duration,
        onsets=impression.onsets,
        tempo=impression.tempo,
        sound=impression.sound,
        digest=impression.sound,
    )


def from_cache(known: AnalysisRecord | None, classifier: Model) -> SoundAnalysis | None:
    """Return the stored record, or None if there is none or it was computed by other nets or features."""
    if known is None or known.ear != classifier.ear:
        return None
    evidence = np.frombuffer(base64.b64decode(known.evidence), np.float32)
    return SoundAnalysis(known.ear, evidence, known.duration, known.onsets, known.tempo, known.digest)


def as_base64(x: Floats) -> str:
    """Encode a float32 array of any shape as base64 of its bytes: exact, and a third of the length of decimal digits."""
    return base64.b64encode(x.tobytes()).decode("ascii")
