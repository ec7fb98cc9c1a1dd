"""Augmentation: what happens to a sample before it is in a pack (equaliser, reverberation, saturation, cuts, codecs). Seeded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from training.synth.building_blocks import chance, log_uniform

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LONGEST_SECONDS = 4.0  # more is never looked at, and costs time


def augmented(y: Floats, sr: int, rng: Generator) -> tuple[Floats, int]:
    """The sound after a random chain of devices; speed changes by calling its rate another."""
    y = y[: int(LONGEST_SECONDS * sr)]
    for device, likely in CHAIN:
        if chance(rng, likely):
            after = normalised(device(y, sr, rng))
            y = after if after.any() else y  # a cut may leave nothing of a slow sound
    if chance(rng, 0.6):
        sr = round(sr * 2 ** rng.uniform(-0.4, 0.4))
    return y, int(np.clip(sr, 4_000, 384_000))


def normalised(y: Floats) -> Floats:
    return (y / max(float(np.abs(y).max()), 1e-9)).astype(np.float32)


def equalised(y: Floats, sr: int, rng: Generator) -> Floats:
    """A tilt and a few bumps, in dB over octaves."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(y), 1 / sr), 20) / 1000)
    gain_db = rng.uniform(-2.5, 2.5) * octaves
    for _ in range(int(rng.integers(0, 4))):
        gain_db += rng.uniform(-10, 8) * np.exp(
            -0.5 * ((octaves - rng.uniform(-5, 4)) / rng.uniform(0.3, 1.5)) ** 2
        )
    return np.fft.irfft(np.fft.rfft(y) * 10 ** (gain_db / 20), len(y))


def saturated(y: Floats, _sr: int, rng: Generator) -> Floats:
    return np.tanh(y * log_uniform(rng, 1, 12) + rng.uniform(0, 0.2))


def fewer_bits(y: Floats, _sr: int, rng: Generator) -> Floats:
    steps = 2 ** int(rng.integers(4, 11))
    return np.round(y * steps) / steps


def lower_rate(y: Floats, sr: int, rng: Generator) -> Floats:
    """An old sampler's sample and hold."""
    step = max(1, round(sr / log_uniform(rng, 6_000, 20_000)))
    return np.repeat(y[::step], step)[: len(y)]


def band_limited(y: Floats, sr: int, rng: Generator) -> Floats:
    f = np.maximum(np.fft.rfftfreq(len(y), 1 / sr), 1.0)
    low, high = log_uniform(rng, 5, 160), log_uniform(rng, 4_000, 20_000)
    return np.fft.irfft(np.fft.rfft(y) / np.sqrt((1 + (low / f) ** 6) * (1 + (f / high) ** 12)), len(y))


def levelled(y: Floats, sr: int, rng: Generator) -> Floats:
    """A compressor lifts the tail; turned around it is a transient shaper and drops it."""
    window = np.hanning(max(3, int(0.01 * sr)))
    envelope = np.sqrt(np.maximum(np.convolve(np.square(y), window / window.sum(), "same"), 1e-8))
    return y * envelope ** rng.uniform(-0.6, 0.7)


def faded(y: Floats, sr: int, rng: Generator) -> Floats:
    return y * np.exp(-np.arange(len(y)) / sr * rng.uniform(0, 15))


def reverberated(y: Floats, sr: int, rng: Generator) -> Floats:
    length = log_uniform(rng, 0.05, 1.2)
    t = np.arange(int(length * sr)) / sr
    echo = rng.standard_normal(len(t)) * np.exp(-6.9 * t / length)
    echo *= log_uniform(rng, 0.03, 0.6) / np.sqrt(np.square(echo).sum())
    size = 1 << (len(y) + len(echo) - 1).bit_length()
    dull = 1 / (1 + (np.fft.rfftfreq(size, 1 / sr) / log_uniform(rng, 1500, 15000)) ** 2)
    wet = np.fft.irfft(np.fft.rfft(y, size) * np.fft.rfft(echo, size) * dull, size)[: len(y) + len(echo)]
    wet[: len(y)] += y
    return wet


def noisy(y: Floats, _sr: int, rng: Generator) -> Floats:
    return y + rng.standard_normal(len(y)) * 10 ** (rng.uniform(-70, -32) / 20)


def cut(y: Floats, sr: int, rng: Generator) -> Floats:
    """The tail is gone, by a gate or by an impatient editor."""
    stop = min(len(y), int(log_uniform(rng, 0.06, 1.0) * sr))
    fade = np.ones(stop, np.float32)
    length = min(stop, int(rng.uniform(0.001, 0.05) * sr) + 1)
    fade[-length:] = np.linspace(1, 0, length)
    return y[:stop] * fade


def late(y: Floats, sr: int, rng: Generator) -> Floats:
    """Silence first, not always digital."""
    lead = rng.standard_normal(int(rng.uniform(0, 0.4) * sr)) * 10 ** (rng.uniform(-90, -50) / 20)
    return np.concatenate([lead, y])


def coded(y: Floats, sr: int, rng: Generator) -> Floats:
    """A round trip through Ogg Vorbis: pre-echo, no highs."""
    if sr not in {22_050, 32_000, 44_100, 48_000}:
        return y
    packed = io.BytesIO()
    with soundfile.SoundFile(
        packed, "w", sr, 1, format="OGG", subtype="VORBIS", compression_level=rng.uniform(0.5, 1)
    ) as file:
        file.write(y)
    packed.seek(0)
    return soundfile.read(packed, dtype="float32")[0][: len(y)]


CHAIN = (
    (equalised, 0.6),
    (levelled, 0.25),
    (saturated, 0.25),
    (faded, 0.25),
    (reverberated, 0.25),
    (band_limited, 0.2),
    (fewer_bits, 0.06),
    (lower_rate, 0.06),
    (cut, 0.15),
    (noisy, 0.2),
    (coded, 0.06),
    (late, 0.15),
)
