"""Compute the inputs of the nets: log-mel spectrogram, harmonic lines, and the onset in steps of a millisecond.

All values lie between 0, the bottom of the dynamic range, and 1, the maximum. Frames of the log-mel spectrogram become longer
with time, because the attack needs the finest resolution.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.spectrum import good_size, hann, rough_envelope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.spectrum import Spectrum

    Floats = NDArray[np.float32]

BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
# Numbers of frames, and hops per frame: 5 ms for the first 0.32 s, then 10 ms, then 40 ms until 1.92 s
SPANS = ((64, 1), (32, 2), (32, 8))
FRAMES = sum(count for count, _ in SPANS)
RANGE_DB = 80.0

LINES = 120
LINES_A_OCTAVE = 15
LOWEST_LINE_HZ = 40.0
# Seconds of body and tail; each is one long window that resolves harmonics
LINE_SPANS = ((0.02, 0.22), (0.22, 0.62))
LINE_RANGE_DB = 60.0

ONSET_BLOCKS = 128


@dataclass(frozen=True, slots=True)
class NetInputs:
    """The inputs of the nets for one sound."""

    log_mel: Floats  # shape (BANDS, FRAMES)
    lines: Floats  # shape (spans, LINES): harmonic lines
    onset: Floats  # shape (2, ONSET_BLOCKS): level, and level without content slower than a millisecond


def net_inputs_of(spectrum: Spectrum) -> NetInputs:
    """Return the inputs of the nets for one sound."""
    return NetInputs(log_mel(spectrum), harmonic_lines(spectrum), onset(spectrum))


def log_mel(spectrum: Spectrum) -> Floats:
    """Return the log-mel spectrogram, shape (BANDS, FRAMES): 0 at RANGE_DB below the maximum, 1 at the maximum."""
    energy = spectrum.power @ mel_matrix(len(spectrum.hz), float(spectrum.hz[-1]))
    needed = sum(count * hops for count, hops in SPANS)
    padded = np.zeros((needed, BANDS), np.float32)
    padded[: len(energy)] = energy[:needed]
    parts, start = [], 0
    for count, hops in SPANS:
        parts.append(padded[start : start + count * hops].reshape(count, hops, BANDS).mean(axis=1))
        start += count * hops
    mel_power = np.concatenate(parts).T
    return scaled(mel_power, RANGE_DB)


def harmonic_lines(spectrum: Spectrum) -> Floats:
    """Return the power per line, shape (spans, LINES), on a logarithmic frequency scale, from 0 to 1.

    On this scale the harmonics of a tone keep the same spacing, whatever its pitch.
    """
    edges = LOWEST_LINE_HZ * 2 ** ((np.arange(LINES + 1) - 0.5) / LINES_A_OCTAVE)
    rows = [line_powers(spectrum, span, edges) for span in LINE_SPANS]
    return scaled(np.stack(rows), LINE_RANGE_DB)


def line_powers(
    spectrum: Spectrum, span: tuple[float, float], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean power between the edges, shape (lines,); 0 after the end of the sound.

    A bin across an edge is divided in proportion. `span` is in seconds, `edges`, shape (lines + 1,), are in Hz.
    """
    start, end = (round(seconds * spectrum.sr) for seconds in span)
    y, window = spectrum.y[start:end], hann(end - start)
    S = np.fft.rfft(y * window[: len(y)], good_size(len(window)))
    summed = np.cumsum(np.square(S.real) + np.square(S.imag))
    bin_of = edges / (spectrum.sr / 2) * (len(summed) - 1)
    return np.diff(np.interp(bin_of, np.arange(len(summed)), summed)) / np.diff(bin_of)


def onset(spectrum: Spectrum) -> Floats:
    """Return the level of the first ONSET_BLOCKS milliseconds, shape (2, ONSET_BLOCKS), from 0 to 1.

    The second row omits content slower than a millisecond; it shows the bursts of a clap and the grace note of a flam.
    """
    rows = np.zeros((2, ONSET_BLOCKS), np.float32)
    for row, envelope in zip(rows, (spectrum.envelope, rough_envelope(spectrum, ONSET_BLOCKS)), strict=True):
        row[: len(envelope)] = np.square(envelope[:ONSET_BLOCKS])[: len(row)]
    return scaled(rows, LINE_RANGE_DB)


def scaled(power: NDArray[np.floating[Any]], range_db: float) -> Floats:
    """Convert power to dB below the maximum and scale it: 0 at `range_db` below, 1 at the maximum; the shape stays."""
    db = 10 * np.log10(power / max(float(power.max()), 1e-12) + 10 ** (-range_db / 10))
    return (db / range_db + 1).astype(np.float32)


SILENT = scaled(np.zeros(1, np.float32), RANGE_DB)[0]  # of the log-mel spectrogram where there is no sound


@functools.lru_cache(maxsize=64)
def mel_matrix(n_bins: int, top_hz: float) -> Floats:
    """Return the mel filter bank, shape (n_bins, BANDS): triangles evenly spaced in mel, never narrower than a bin.

    Each filter has at most the weight 1. `top_hz` is the frequency of the last bin in Hz.
    """
    hz = np.linspace(0, top_hz, n_bins)
    centres = hz_of_mel(np.linspace(mel_of_hz(LOWEST_HZ), mel_of_hz(HIGHEST_HZ), BANDS + 2))
    width = np.maximum(np.diff(centres), hz[1])
    distance = hz[:, None] - centres[1:-1]
    weights = np.maximum(1 - np.where(distance < 0, -distance / width[:-1], distance / width[1:]), 0)
    return (weights / np.maximum(weights.sum(axis=0), 1)).astype(np.float32)


def mel_of_hz(hz: float) -> float:
    """Convert Hz to mel by 2595 log10(1 + f / 700), the formula that `librosa.hz_to_mel` uses with htk=True."""
    return 2595 * float(np.log10(1 + hz / 700))


def hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert mel to Hz, the inverse of `mel_of_hz`; the shape stays."""
    return 700 * (10 ** (mel / 2595) - 1)
