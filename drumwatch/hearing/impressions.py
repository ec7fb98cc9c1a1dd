"""What stays of a sound that was listened to: enough for any verdict on it, so that nobody has to hear it twice."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.workers.protocol import AnalysisRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """A file's content as one ear heard it. Names, the longest length allowed and the trees come in afterwards."""

    ear: str  # whose: `Model.ear`
    evidence: Floats
    duration: float  # seconds
    onsets: int
    tempo: float | None  # beats per minute, should it be a loop
    sound: str = ""  # digest of what is heard; empty where nobody asked for it


def as_record(impression: Impression) -> AnalysisRecord:
    """As it goes through the pipe and into the store."""
    return AnalysisRecord(
        ear=impression.ear,
        evidence=packed(impression.evidence),
        duration=impression.duration,
        onsets=impression.onsets,
        tempo=impression.tempo,
        sound=impression.sound,
    )


def recalled(known: AnalysisRecord | None, mind: Model) -> Impression | None:
    """The impression that was kept; None where there is none, or another ear had it: then the file has to be heard."""
    if known is None or known.ear != mind.ear:
        return None
    evidence = np.frombuffer(base64.b64decode(known.evidence), np.float32)
    return Impression(known.ear, evidence, known.duration, known.onsets, known.tempo, known.sound)


def packed(x: Floats) -> str:
    """base64 of float32: exact, and a third of the decimal digits."""
    return base64.b64encode(x.tobytes()).decode("ascii")
