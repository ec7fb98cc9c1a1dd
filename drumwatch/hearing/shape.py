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
FAVOURITE = 120.0  # where ears put the beat if a pattern could be felt at half or double time


def shape_of(spectrum: Spectrum, duration: float, max_seconds: float | None, loop_probability: float) -> str:
    """What the file is as a whole, before anyone asks which drum it is."""
    if max_seconds is not None and duration > max_seconds:
        return "long"
    if duration < LOOP_SECONDS:
        return "one-shot"
    onsets = len(onset_peaks(onset_strength(spectrum.envelope)))
    patterned = loop_probability > 0.2 and onsets >= LOOP_ONSETS
    return "loop" if loop_probability > 0.5 or patterned else "one-shot"


def tempo_of(spectrum: Spectrum) -> float | None:
    """Beats per minute from the autocorrelation of the onsets; None where they do not repeat."""
    flux = np.minimum(np.diff(np.log(spectrum.power.sum(axis=1) + 1e-4), prepend=0), 3)
    flux = np.maximum(flux, 0) - np.maximum(flux, 0).mean()
    correlation = np.correlate(flux, flux, "full")[len(flux) - 1 :]
    lags = np.arange(1, len(correlation))
    tempi = 60 / (lags * HOP_SECONDS)
    weight = np.exp(-0.5 * np.square(np.log2(tempi / FAVOURITE) / 0.9))
    allowed = (tempi >= SLOWEST) & (tempi <= FASTEST)
    if not allowed.any() or correlation[0] <= 0:
        return None
    strength = np.where(allowed, correlation[1:] / correlation[0] * weight, 0)
    best = int(strength.argmax())
    return round(float(tempi[best]), 1) if strength[best] > 0.1 else None
