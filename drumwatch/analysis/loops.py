"""Decide whether a file is a one-shot, a loop or too long, from its length and onsets; no beat tracker is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.features import onset_peaks, onset_strength
from drumwatch.analysis.spectrum import HOP_SECONDS, Spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LOOP_SECONDS = 0.9  # a shorter file is never a loop
LOOP_ONSETS = 5
SLOWEST, FASTEST = 60.0, 200.0  # beats per minute
WHOLE_BEATS = (2, 4, 8, 16, 32)  # lengths that a loop is likely to have
FAVOURITE = 120.0  # bpm; the prior that decides between half and double tempo


def onsets_of(spectrum: Spectrum) -> int:
    """Return the number of onsets."""
    return len(onset_peaks(onset_strength(spectrum.envelope)))


def kind_of(duration: float, onsets: int, max_seconds: float | None, *, loop: float, vocal: float) -> str:
    """Return "long", "one-shot" or "loop".

    `duration` and `max_seconds` are in seconds; `loop` and `vocal` are the probabilities of these types, 0 to 1.
    """
    if max_seconds is not None and duration > max_seconds:
        return "long"
    if duration < LOOP_SECONDS or vocal > loop:  # the onsets of speech are no rhythm
        return "one-shot"
    patterned = loop > 0.2 and onsets >= LOOP_ONSETS
    return "loop" if loop > 0.5 or patterned else "one-shot"


def tempo_of(spectrum: Spectrum, duration: float) -> float | None:
    """Return the tempo in bpm from the autocorrelation of the level, or None if nothing repeats.

    If the file, `duration` seconds long, has a whole number of beats (WHOLE_BEATS) at a tempo whose strength is more than 0.4 of the
    highest one, that tempo is returned.
    """
    tempi, strength = tempo_strengths(spectrum)
    if not len(tempi) or strength.max() <= 0.1:
        return None
    best = int(strength.argmax())
    candidates = [60 * beats / duration for beats in WHOLE_BEATS]
    fitting = {
        t: strength[np.abs(tempi / t - 1) < 0.025].max(initial=0)
        for t in candidates
        if SLOWEST <= t <= FASTEST
    }
    whole_beats = max(fitting, key=fitting.__getitem__, default=0.0)
    tempo = whole_beats if fitting.get(whole_beats, 0) > 0.4 * strength[best] else tempi[best]
    return round(float(tempo), 1)


def tempo_strengths(spectrum: Spectrum) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the tempi between SLOWEST and FASTEST in bpm and the strength of each, both of shape (lags,).

    The strength is the normalized autocorrelation of the rises of log power, weighted by a log-Gaussian prior around FAVOURITE.
    """
    flux = np.diff(np.log(spectrum.power.sum(axis=1, dtype=np.float64) + 1e-4), prepend=0)
    flux = np.clip(flux, 0, 3)
    flux -= flux.mean()
    correlation = np.correlate(flux, flux, "full")[len(flux) - 1 :]
    tempi = 60 / (np.arange(1, len(correlation)) * HOP_SECONDS)
    in_range = (tempi >= SLOWEST) & (tempi <= FASTEST)
    prior = np.exp(-0.5 * np.square(np.log2(tempi / FAVOURITE) / 0.9))
    return tempi[in_range], (correlation[1:] / max(float(correlation[0]), 1e-9) * prior)[in_range]
