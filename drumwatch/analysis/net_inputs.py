"""Compute the inputs of the nets: log-mel spectrogram, harmonic lines, and the onset in steps of a millisecond.

All values lie between 0, the bottom of the dynamic range, and 1, the maximum. Frames of the log-mel spectrogram become longer
with time, because the attack needs the finest resolution.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

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
    """Return the log-mel spectrogram, shape (BANDS, FRAMES): 0 at RANGE_DB below the maximum, 1 at the maximum.

    Frames after the end of the sound are SILENT. In memory the bands of a frame lie side by side.
    """
    mel_power = mean_in_spans(mel_energy(spectrum))
    frames = np.full((FRAMES, BANDS), SILENT, np.float32)
    frames[: len(mel_power)] = scaled(mel_power, RANGE_DB)
    return frames.T


def mel_energy(spectrum: Spectrum) -> Floats:
    """Return the power in each mel band, shape (hops, BANDS), as far as SPANS and the sound go."""
    power = spectrum.power[: sum(count * hops for count, hops in SPANS)]
    energy = np.empty((len(power), BANDS), np.float32)
    for bands, bins, weights in mel_blocks(len(spectrum.hz), float(spectrum.hz[-1])):
        np.matmul(power[:, bins], weights, out=energy[:, bands])
    return energy


def mean_in_spans(energy: Floats) -> Floats:
    """Return the mean over each frame of SPANS, shape (frames, BANDS), up to the last frame in which there are hops.

    `energy` has the shape (hops, BANDS). A frame is divided by its full length, so hops after the end of the sound count as zero.
    """
    parts, start = [], 0
    for count, hops in SPANS:
        span = energy[start : start + count * hops]
        whole = len(span) // hops
        parts.append(np.add.reduce(span[: whole * hops].reshape(whole, hops, BANDS), axis=1) / hops)
        if len(rest := span[whole * hops :]):
            parts.append(np.add.reduce(rest, axis=0, keepdims=True) / hops)
        start += count * hops
    return np.concatenate(parts)


def harmonic_lines(spectrum: Spectrum) -> Floats:
    """Return the power per line, shape (spans, LINES), on a logarithmic frequency scale, from 0 to 1.

    On this scale the harmonics of a tone keep the same spacing, whatever its pitch.
    """
    return scaled(np.stack([line_powers(spectrum, span) for span in LINE_SPANS]), LINE_RANGE_DB)


def line_powers(spectrum: Spectrum, span: tuple[float, float]) -> NDArray[np.float64]:
    """Return the mean power of each line, shape (LINES,); 0 after the end of the sound.

    A bin across the edge between two lines is divided in proportion. `span` is in seconds.
    """
    start, end = (round(seconds * spectrum.sr) for seconds in span)
    y, window = spectrum.y[start:end], hann(end - start)
    if not len(y):
        return np.zeros(LINES)
    n_fft = good_size(len(window))
    edges = line_edges(n_fft // 2 + 1, spectrum.sr)
    S = np.fft.rfft(y * window[: len(y)], n_fft)[: edges.bins]
    summed = np.cumsum(np.square(S.real) + np.square(S.imag))
    below = summed.take(edges.below).astype(np.float64)
    at_edges = (summed.take(edges.below + 1) - below) * edges.share + below
    return np.diff(at_edges) / edges.widths


class LineEdges(NamedTuple):
    """Where the edges between the lines lie among the bins of a transform."""

    bins: int  # so many bins are needed
    below: NDArray[np.intp]  # shape (LINES + 1,): the last bin below each edge
    share: NDArray[np.float64]  # shape (LINES + 1,): how far towards the next bin the edge lies, 0 to 1
    widths: NDArray[np.float64]  # shape (LINES,): of each line, in bins


@functools.lru_cache(maxsize=64)
def line_edges(n_bins: int, sr: int) -> LineEdges:
    """Return the edges, arrays of shape (LINES + 1,), among `n_bins` bins from 0 to half of `sr` Hz.

    An edge above the last bin counts as that bin.
    """
    hz = LOWEST_LINE_HZ * 2 ** ((np.arange(LINES + 1) - 0.5) / LINES_A_OCTAVE)
    bin_of = hz / (sr / 2) * (n_bins - 1)
    below = np.minimum(bin_of, n_bins - 2).astype(np.intp)
    return LineEdges(int(below[-1]) + 2, below, np.minimum(bin_of - below, 1), np.diff(bin_of))


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


# Bands that are multiplied together, each time with only the bins that they hear
MEL_BLOCKS = (slice(0, 24), slice(24, 44), slice(44, BANDS))


@functools.lru_cache(maxsize=64)
def mel_blocks(n_bins: int, top_hz: float) -> tuple[tuple[slice, slice, Floats], ...]:
    """Return the mel filter bank in parts: bands, the bins that they hear, and the weights, shape (bins, bands).

    `top_hz` is the frequency of the last bin in Hz.
    """
    weights = mel_matrix(n_bins, top_hz)
    found = []
    for bands in MEL_BLOCKS:
        heard = np.flatnonzero(weights[:, bands].any(axis=1))
        bins = slice(int(heard[0]), int(heard[-1]) + 1) if len(heard) else slice(0, 0)
        found.append((bands, bins, np.ascontiguousarray(weights[bins, bands])))
    return tuple(found)


def mel_of_hz(hz: float) -> float:
    """Convert Hz to mel by 2595 log10(1 + f / 700), the formula that `librosa.hz_to_mel` uses with htk=True."""
    return 2595 * float(np.log10(1 + hz / 700))


def hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert mel to Hz, the inverse of `mel_of_hz`; the shape stays."""
    return 700 * (10 ** (mel / 2595) - 1)
