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

    analysis_id: str  # id of the nets and features that computed it: `Model.analysis_id`
    vector: Floats  # shape (vector,): the feature vector, then the log-probabilities of the nets
    duration: float  # seconds
    onsets: int
    tempo: float | None  # beats per minute, should it be a loop
    digest: str = ""  # `decode.sound_digest`; empty if it was not asked for
    note: str | None = None  # root note by its sound, empty if it has none; None: nobody has asked


def as_record(analysis: SoundAnalysis) -> AnalysisRecord:
    """Return the record as it goes through the worker's pipe and into the analysis cache."""
    return AnalysisRecord(
        ear=analysis.analysis_id,
        evidence=as_base64(analysis.vector),
        duration=analysis.duration,
        onsets=analysis.onsets,
        tempo=analysis.tempo,
        sound=analysis.digest,
        digest=analysis.digest,
        note=analysis.note,
    )


def from_cache(known: AnalysisRecord | None, classifier: Model) -> SoundAnalysis | None:
    """Return the stored record, or None if there is none or it was computed by other nets or features."""
    if known is None or known.ear != classifier.analysis_id:
        return None
    vector = np.frombuffer(base64.b64decode(known.evidence), np.float32)
    return SoundAnalysis(
        known.ear, vector, known.duration, known.onsets, known.tempo, known.digest, known.note
    )


def as_base64(x: Floats) -> str:
    """Encode a float32 array of any shape as base64 of its bytes: exact, and a third of the length of decimal digits."""
    return base64.b64encode(x.tobytes()).decode("ascii")
