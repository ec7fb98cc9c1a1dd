"""What the learned front end looks at: a mel spectrogram in dB whose frames grow longer with time, as attention does."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.spectrum import Spectrum

    Floats = NDArray[np.float32]

BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
SPANS = (
    (64, 1),
    (32, 2),
    (32, 8),
)  # frames, hops in each: 5 ms for the first 0.32 s, then 10, then 40 until 1.92 s
FRAMES = sum(count for count, _ in SPANS)
RANGE_DB = 80.0


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
    db = 10 * np.log10(level / max(float(level.max()), 1e-12) + 10 ** (-RANGE_DB / 10))
    return (db / RANGE_DB + 1).astype(np.float32)


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
