"""Compute a power spectrogram in Hz and seconds, aligned to the onset, with the peak at 1, at the file's own sample rate."""

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
ONSET_DB = -34.0  # the onset is the first block within this level of the loudest one
LEAD_SECONDS = 0.002  # kept before the onset, so that the attack is complete
ANALYZED_SECONDS = 3.0  # analyzed from the onset on
FRAMES_AT_ONCE = 64  # are transformed together: their arrays stay in the processor's cache
BORDERS_AT_ONCE = 4096  # blocks or frames whose positions are computed and cached together
FLOOR = 1e-8  # power, -80 dB below the peak; less counts as silence


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A sound from its onset on: samples, envelope and power spectrogram."""

    y: Floats  # shape (n,), from LEAD_SECONDS before the onset, peak 1
    sr: int  # Hz
    envelope: Floats  # shape (blocks,): RMS per block of BLOCK_SECONDS
    power: Floats  # shape (frames, bins), a frame every HOP_SECONDS
    hz: Floats  # shape (bins,): centre frequencies
    sounding: float  # seconds from the onset to the last block above -60 dB


def analyse(y: Floats, sr: int) -> Spectrum:
    """Compute envelope and spectrogram, independent of level and of silence before the onset.

    Parameters
    ----------
    y : float32, shape (n,)
        Mono samples.
    sr : int, Hz
    """
    y = y / np.float32(max(float(y.max(initial=0.0)), -float(y.min(initial=0.0)), 1e-9))
    envelope = block_rms(y, sr)
    first, last = sounding_blocks(envelope)
    block = BLOCK_SECONDS * sr
    start = max(0, round(first * block - LEAD_SECONDS * sr))
    y = y[start : start + round(ANALYZED_SECONDS * sr)]
    power, hz = stft_power(y, sr)
    analyzed = envelope[first : first + round(ANALYZED_SECONDS / BLOCK_SECONDS)]
    return Spectrum(y, sr, analyzed, power, hz, (last + 1 - first) * BLOCK_SECONDS)


def block_rms(y: Floats, sr: int) -> Floats:
    """Return the RMS of each millisecond, shape (blocks,).

    Block borders are rounded one by one, so that a sample rate that is no multiple of 1000 Hz causes no drift. `y` has the shape
    (n,), `sr` is in Hz.
    """
    blocks = max(1, int(len(y) / (BLOCK_SECONDS * sr)))
    borders, widths = block_borders(-(-blocks // BORDERS_AT_ONCE) * BORDERS_AT_ONCE, sr)
    means = np.add.reduceat(np.square(y[: borders[blocks]]), borders[:blocks])
    means /= widths[:blocks]
    return np.sqrt(means, out=means)


@functools.lru_cache(maxsize=16)
def block_borders(blocks: int, sr: int) -> tuple[NDArray[np.int64], Floats]:
    """Return the first sample of each block and the one behind the last, shape (blocks + 1,), and the widths, shape (blocks,).

    A width is at least 1; `sr` is in Hz.
    """
    borders = np.round(np.arange(blocks + 1) * (BLOCK_SECONDS * sr)).astype(np.int64)
    return borders, np.maximum(np.diff(borders), 1).astype(np.float32)


def rough_envelope(spectrum: Spectrum, blocks: int) -> Floats:
    """Return the RMS of each of the first `blocks` milliseconds, shape (blocks,), without content slower than a millisecond.

    A moving average of 1 ms is subtracted, so that the periods of a low tone are not mistaken for bursts.
    """
    sr = spectrum.sr
    y = spectrum.y[: round(blocks * BLOCK_SECONDS * sr)].astype(np.float64)
    width = max(1, round(BLOCK_SECONDS * sr))
    summed = np.cumsum(np.concatenate([np.zeros(width), y, np.zeros(width)]))
    moving_average = (summed[width:] - summed[:-width])[width // 2 :][: len(y)] / width
    return block_rms((y - moving_average).astype(np.float32), sr)


def sounding_blocks(envelope: Floats) -> tuple[int, int]:
    """Return the first block within ONSET_DB of the loudest one, and the last block above -60 dB.

    `envelope` is the RMS per block, shape (blocks,).
    """
    peak = float(envelope.max())
    first = int(np.argmax(envelope >= peak * 10 ** (ONSET_DB / 20)))
    return first, last_at_least(envelope, peak * 1e-3)


def last_at_least(values: Floats, level: float) -> int:
    """Return the last position at which `values`, shape (n,), are not below `level`; one of them must be."""
    return len(values) - 1 - int((values[::-1] >= level).argmax())


def stft_power(y: Floats, sr: int) -> tuple[Floats, Floats]:
    """Return the power spectrogram, shape (frames, bins), and the centre frequencies in Hz, shape (bins,).

    The first frame is centred on the first sample; a full-scale sine peaks near 1. The window is `hann` of WINDOW_SECONDS,
    the hop HOP_SECONDS. `y` has the shape (n,), `sr` is in Hz.
    """
    length = round(WINDOW_SECONDS * sr)
    n_fft = good_size(length)
    window = padded_hann(length, n_fft)
    count = int(len(y) / (HOP_SECONDS * sr)) + 1
    starts = frame_starts(-(-count // BORDERS_AT_ONCE) * BORDERS_AT_ONCE, sr)[:count]
    y_padded = np.zeros(length // 2 + len(y) + n_fft, np.float32)
    y_padded[length // 2 : length // 2 + len(y)] = y
    # The same as sliding_window_view, without its overhead
    frames = np.ndarray(
        (len(y_padded) - n_fft + 1, n_fft), np.float32, y_padded, strides=y_padded.strides * 2
    )
    power = np.empty((len(starts), n_fft // 2 + 1), np.float32)
    for first in range(0, len(starts), FRAMES_AT_ONCE):
        windowed = frames[starts[first : first + FRAMES_AT_ONCE]]
        windowed *= window
        S = np.fft.rfft(windowed)
        part = power[first : first + len(windowed)]
        np.square(S.real, out=part)
        part += np.square(S.imag)
    return power, bin_hz(n_fft, sr)


@functools.lru_cache(maxsize=64)
def hann(length: int) -> Floats:
    """Return a periodic Hann window of shape (length,), scaled so that its sum is 2."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    return (window * (2 / window.sum())).astype(np.float32)


@functools.lru_cache(maxsize=16)
def frame_starts(frames: int, sr: int) -> NDArray[np.int64]:
    """Return the first sample of each frame, HOP_SECONDS apart, shape (frames,); `sr` is in Hz."""
    return np.round(np.arange(frames) * (HOP_SECONDS * sr)).astype(np.int64)


@functools.lru_cache(maxsize=64)
def padded_hann(length: int, n_fft: int) -> Floats:
    """Return `hann` of this length with zeros behind it, shape (n_fft,)."""
    return np.pad(hann(length), (0, n_fft - length))


@functools.lru_cache(maxsize=64)
def bin_hz(n_fft: int, sr: int) -> Floats:
    """Return the centre frequencies in Hz of an FFT of `n_fft` samples, shape (n_fft // 2 + 1,), as `librosa.fft_frequencies`."""
    return (np.arange(n_fft // 2 + 1) * (sr / n_fft)).astype(np.float32)


@functools.lru_cache(maxsize=64)
def good_size(at_least: int, factors: tuple[int, ...] = (1, 3, 5)) -> int:
    """Return the next FFT length that is quick: one of the factors times a power of two."""
    return min(odd << max(0, (-(-at_least // odd) - 1).bit_length()) for odd in factors)


@functools.lru_cache(maxsize=64)
def band_matrix(edges: tuple[float, ...], n_bins: int, top_hz: float) -> Floats:
    """Return a matrix, shape (n_bins, bands), that sums bins into bands with sharp edges in Hz.

    A bin across an edge is divided in proportion. `edges` and `top_hz`, the frequency of the last bin, are in Hz.
    """
    width = top_hz / (n_bins - 1)
    low = np.arange(n_bins)[:, None] * width - width / 2
    lower, upper = np.array(edges[:-1]), np.array(edges[1:])
    overlap = np.minimum(low + width, upper) - np.maximum(low, lower)
    return np.maximum(overlap / width, 0).astype(np.float32)
