"""From samples to a power spectrogram in Hz and seconds: aligned to the onset, free of level, at the file's own rate."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WINDOW_SECONDS = 0.0232  # 1024 samples at 44.1 kHz
HOP_SECONDS = 0.005
BLOCK_SECONDS = 0.001  # of the envelope: fine enough for the bursts of a clap
ONSET_DB = -34.0  # the sound begins where a block first comes this near to the loudest one
LEAD_SECONDS = 0.002  # kept before the onset, so that the attack is whole
HEARD_SECONDS = 3.0  # after the onset; what a hit is has long been said by then
FLOOR = 1e-8  # -80 dB under the loudest: below is silence to us


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A sound from its onset on: envelope by the millisecond, power by frame and frequency."""

    y: Floats  # from just before the onset, loudest sample 1
    sr: int
    envelope: Floats  # RMS per block of BLOCK_SECONDS
    power: Floats  # (frames, bins), every HOP_SECONDS
    hz: Floats  # of the bins
    sounding: float  # seconds from the onset to the last block above -60 dB


def analyse(y: Floats, sr: int) -> Spectrum:
    """The same numbers for the same sound, however loud it is and whatever silence comes before it."""
    y = y / np.float32(max(float(np.abs(y).max(initial=0.0)), 1e-9))
    envelope = block_rms(y, sr)
    first, last = sounding_blocks(envelope)
    block = BLOCK_SECONDS * sr
    start = max(0, round(first * block - LEAD_SECONDS * sr))
    y = y[start : start + round(HEARD_SECONDS * sr)]
    power, hz = stft_power(y, sr)
    heard = envelope[first : first + round(HEARD_SECONDS / BLOCK_SECONDS)]
    return Spectrum(y, sr, heard, power, hz, (last + 1 - first) * BLOCK_SECONDS)


def block_rms(y: Floats, sr: int) -> Floats:
    """Loudness by the millisecond. Block borders are rounded one by one, so that odd rates do not drift."""
    count = max(1, int(len(y) / (BLOCK_SECONDS * sr)))
    borders = np.round(np.arange(count + 1) * (BLOCK_SECONDS * sr)).astype(np.int64)
    sums = np.add.reduceat(np.square(y), borders[:-1])
    sums[-1] -= np.square(y[borders[-1] :]).sum()  # reduceat runs the last block to the end of the sound
    return np.sqrt(np.maximum(sums, 0) / np.maximum(np.diff(borders), 1)).astype(np.float32)


def rough_envelope(spectrum: Spectrum, blocks: int) -> Floats:
    """Loudness by the millisecond without what is slower than that: a low tone's own waves are no bursts."""
    sr = spectrum.sr
    y = spectrum.y[: round(blocks * BLOCK_SECONDS * sr)].astype(np.float64)
    width = max(1, round(BLOCK_SECONDS * sr))
    summed = np.cumsum(np.concatenate([np.zeros(width), y, np.zeros(width)]))
    slow = (summed[width:] - summed[:-width])[width // 2 :][: len(y)] / width
    return block_rms((y - slow).astype(np.float32), sr)


def sounding_blocks(envelope: Floats) -> tuple[int, int]:
    """First block that belongs to the sound, last one that can still be heard."""
    loudest = float(envelope.max())
    begun = int(np.argmax(envelope >= loudest * 10 ** (ONSET_DB / 20)))
    heard = np.flatnonzero(envelope >= loudest * 1e-3)
    return begun, int(heard[-1])


def stft_power(y: Floats, sr: int) -> tuple[Floats, Floats]:
    """Power per frame and bin, the first frame centred on the start; scaled so that a full-scale sine peaks near 1."""
    window = hann(round(WINDOW_SECONDS * sr))
    n_fft = good_size(len(window))
    hop = HOP_SECONDS * sr
    starts = np.round(np.arange(int(len(y) / hop) + 1) * hop).astype(np.int64)
    half = len(window) // 2
    padded = np.zeros(len(y) + 2 * len(window), np.float32)
    padded[half : half + len(y)] = y
    frames = np.lib.stride_tricks.sliding_window_view(padded, len(window))[starts]
    S = np.fft.rfft(frames * window, n_fft)
    power = np.square(S.real) + np.square(S.imag)
    return power.astype(np.float32, copy=False), bin_hz(n_fft, sr)


@functools.lru_cache(maxsize=64)
def hann(length: int) -> Floats:
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return (window * (2 / window.sum())).astype(np.float32)


def bin_hz(n_fft: int, sr: int) -> Floats:
    return (np.arange(n_fft // 2 + 1) * (sr / n_fft)).astype(np.float32)


@functools.lru_cache(maxsize=64)
def good_size(at_least: int) -> int:
    """The next length whose transform is quick: a power of two, or three or five times one."""
    return min(odd << max(0, (-(-at_least // odd) - 1).bit_length()) for odd in (1, 3, 5))


@functools.lru_cache(maxsize=64)
def band_matrix(edges: tuple[float, ...], n_bins: int, top_hz: float) -> Floats:
    """(bins, bands): sums bins into bands with sharp borders in Hz, a bin on a border shared in proportion."""
    width = top_hz / (n_bins - 1)
    low = np.arange(n_bins)[:, None] * width - width / 2
    lower, upper = np.array(edges[:-1]), np.array(edges[1:])
    overlap = np.minimum(low + width, upper) - np.maximum(low, lower)
    return np.maximum(overlap / width, 0).astype(np.float32)
