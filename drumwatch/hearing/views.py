"""What the learned front end looks at: a mel picture, the lines of the tone, the onset by the millisecond.

All between 0, silence, and 1, the loudest spot. The picture's frames grow longer with time, as attention does.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.hearing.spectrum import good_size, hann, rough_envelope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.spectrum import Spectrum

    Floats = NDArray[np.float32]

BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
# Frames, and hops in each: 5 ms for the first 0.32 s, then 10, then 40 until 1.92 s
SPANS = ((64, 1), (32, 2), (32, 8))
FRAMES = sum(count for count, _ in SPANS)
RANGE_DB = 80.0

LINES = 120
LINES_A_OCTAVE = 15
LOWEST_LINE_HZ = 40.0
LINE_SPANS = ((0.02, 0.22), (0.22, 0.62))  # body and tail, each in one long window: fine enough for harmonics
LINE_RANGE_DB = 60.0

ONSET_BLOCKS = 128


@dataclass(frozen=True, slots=True)
class Views:
    """One sound as the net sees it."""

    picture: Floats  # (BANDS, FRAMES)
    lines: Floats  # (spans, LINES)
    onset: Floats  # (2, ONSET_BLOCKS): loudness, and what of it is quicker than a millisecond


def views_of(spectrum: Spectrum) -> Views:
    return Views(picture(spectrum), tone_lines(spectrum), onset(spectrum))


def picture(spectrum: Spectrum) -> Floats:
    """(BANDS, FRAMES) between 0, silence, and 1, the loudest spot."""
    energy = spectrum.power @ mel_matrix(len(spectrum.hz), float(spectrum.hz[-1]))
    needed = sum(count * hops for count, hops in SPANS)
    padded = np.zeros((needed, BANDS), np.float32)
    padded[: len(energy)] = energy[:needed]
    parts, at = [], 0
    for count, hops in SPANS:
        parts.append(padded[at : at + count * hops].reshape(count, hops, BANDS).mean(axis=1))
        at += count * hops
    level = np.concatenate(parts).T
    return scaled(level, RANGE_DB)


def tone_lines(spectrum: Spectrum) -> Floats:
    """(spans, LINES): power on a scale of octaves, where every tone of one kind makes the same comb."""
    edges = LOWEST_LINE_HZ * 2 ** ((np.arange(LINES + 1) - 0.5) / LINES_A_OCTAVE)
    rows = [line_powers(spectrum, span, edges) for span in LINE_SPANS]
    return scaled(np.stack(rows), LINE_RANGE_DB)


def line_powers(
    spectrum: Spectrum, span: tuple[float, float], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mean power between the edges, bins shared in proportion; zero where the sound is over."""
    start, end = (round(seconds * spectrum.sr) for seconds in span)
    y, window = spectrum.y[start:end], hann(end - start)
    S = np.fft.rfft(y * window[: len(y)], good_size(len(window)))
    summed = np.cumsum(np.square(S.real) + np.square(S.imag))
    at = edges / (spectrum.sr / 2) * (len(summed) - 1)
    return np.diff(np.interp(at, np.arange(len(summed)), summed)) / np.diff(at)


def onset(spectrum: Spectrum) -> Floats:
    """(2, ONSET_BLOCKS): where a clap shows its bursts and a flam its grace note."""
    rows = np.zeros((2, ONSET_BLOCKS), np.float32)
    for row, envelope in zip(rows, (spectrum.envelope, rough_envelope(spectrum, ONSET_BLOCKS)), strict=True):
        row[: len(envelope)] = np.square(envelope[:ONSET_BLOCKS])[: len(row)]
    return scaled(rows, LINE_RANGE_DB)


def scaled(power: NDArray[np.floating[Any]], range_db: float) -> Floats:
    """Decibels under the loudest spot, from 0 at `range_db` below to 1."""
    db = 10 * np.log10(power / max(float(power.max()), 1e-12) + 10 ** (-range_db / 10))
    return (db / range_db + 1).astype(np.float32)


@functools.lru_cache(maxsize=64)
def mel_matrix(n_bins: int, top_hz: float) -> Floats:
    """(bins, bands): triangles evenly spaced in mel, never narrower than the bins, each of weight one."""
    hz = np.linspace(0, top_hz, n_bins)
    centres = hz_of_mel(np.linspace(mel_of_hz(LOWEST_HZ), mel_of_hz(HIGHEST_HZ), BANDS + 2))
    wide = np.maximum(np.diff(centres), hz[1])
    away = hz[:, None] - centres[1:-1]
    weights = np.maximum(1 - np.where(away < 0, -away / wide[:-1], away / wide[1:]), 0)
    return (weights / np.maximum(weights.sum(axis=0), 1)).astype(np.float32)


def mel_of_hz(hz: float) -> float:
    return 2595 * float(np.log10(1 + hz / 700))


def hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * (10 ** (mel / 2595) - 1)
