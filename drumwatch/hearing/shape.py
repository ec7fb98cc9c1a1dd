"""One-shot, loop or too long: by length and by how the onsets follow one another. No beat tracker on this way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.features import onset_peaks, onset_strength
from drumwatch.hearing.spectrum import HOP_SECONDS, Spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LOOP_SECONDS = 0.9  # nothing shorter is worth calling a loop
LOOP_ONSETS = 5
SLOWEST, FASTEST = 60.0, 200.0  # beats per minute
WHOLE_BEATS = (2, 4, 8, 16, 32)
FAVOURITE = 120.0  # where ears put the beat if a pattern could be felt at half or double time


def onsets_of(spectrum: Spectrum) -> int:
    """How often something begins in it."""
    return len(onset_peaks(onset_strength(spectrum.envelope)))


def shape_of(duration: float, onsets: int, max_seconds: float | None, *, loop: float, vocal: float) -> str:
    """What the file is as a whole, before anyone asks which drum it is; `loop` and `vocal` are how likely it is either."""
    if max_seconds is not None and duration > max_seconds:
        return "long"
    if duration < LOOP_SECONDS or vocal > loop:  # speech has its onsets too, and means nothing by them
        return "one-shot"
    patterned = loop > 0.2 and onsets >= LOOP_ONSETS
    return "loop" if loop > 0.5 or patterned else "one-shot"


def tempo_of(spectrum: Spectrum, duration: float) -> float | None:
    """Beats per minute by the onsets' autocorrelation; a loop that lasts a whole number of beats is believed to."""
    tempi, strength = tempo_strengths(spectrum)
    if not len(tempi) or strength.max() <= 0.1:
        return None
    best = int(strength.argmax())
    exact = [60 * beats / duration for beats in WHOLE_BEATS]
    fitting = {
        t: strength[np.abs(tempi / t - 1) < 0.025].max(initial=0) for t in exact if SLOWEST <= t <= FASTEST
    }
    cut = max(fitting, key=fitting.__getitem__, default=0.0)
    tempo = cut if fitting.get(cut, 0) > 0.4 * strength[best] else tempi[best]
    return round(float(tempo), 1)


def tempo_strengths(spectrum: Spectrum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tempi that a person might tap, and how well the rises of level repeat at each."""
    flux = np.diff(np.log(spectrum.power.sum(axis=1, dtype=np.float64) + 1e-4), prepend=0)
    flux = np.clip(flux, 0, 3)
    flux -= flux.mean()
    correlation = np.correlate(flux, flux, "full")[len(flux) - 1 :]
    tempi = 60 / (np.arange(1, len(correlation)) * HOP_SECONDS)
    tapped = (tempi >= SLOWEST) & (tempi <= FASTEST)
    likely = np.exp(-0.5 * np.square(np.log2(tempi / FAVOURITE) / 0.9))
    return tempi[tapped], (correlation[1:] / max(float(correlation[0]), 1e-9) * likely)[tapped]
