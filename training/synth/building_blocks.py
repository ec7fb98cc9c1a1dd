"""What sounds are built of: envelopes, sweeps, modes, coloured noise. All at one rate, all from a seeded generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SR = 44_100
OSCILLATORS = ("sine", "triangle", "square", "saw")


def times(seconds: float) -> Floats:
    return (np.arange(max(64, round(seconds * SR))) / SR).astype(np.float32)


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """Evenly over octaves, as ears count."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def chance(rng: Generator, probability: float) -> bool:
    return bool(rng.random() < probability)


def fall(t: Floats, decay: float, attack: float = 0.0005, curve: float = 1.0) -> Floats:
    """Rises in `attack`, then falls by 60 dB in about `decay`; curve above 1 holds first and drops later."""
    rise = np.minimum(t / max(attack, 1e-5), 1)
    return rise * np.exp(-6.9 * (np.maximum(t - attack, 0) / decay) ** curve)


def swept(t: Floats, start: float, end: float, tau: float) -> Floats:
    """Phase of a tone that glides from one frequency to another."""
    return 2 * np.pi * (end * t + (start - end) * tau * (1 - np.exp(-t / tau)))


def wave(phase: Floats, kind: str) -> Floats:
    """The usual oscillators, edges rounded enough not to alias badly."""
    if kind == "sine":
        return np.sin(phase)
    if kind == "triangle":
        return 2 / np.pi * np.arcsin(np.sin(phase))
    if kind == "square":
        return np.tanh(6 * np.sin(phase))
    return sum(np.sin(k * phase) / k for k in range(1, 9)) * 0.6  # saw


def modes(t: Floats, hz: Floats, decay: Floats, level: Floats, rng: Generator) -> Floats:
    """Struck things: a sum of falling sines with random phases."""
    phase = rng.uniform(0, 2 * np.pi, len(hz))
    y = np.zeros_like(t)
    for f, d, a, start in np.stack([hz, decay, level, phase], 1).astype(np.float32):
        if f < SR * 0.45:
            part = t[: int(1.3 * d * SR) + 1]
            y[: len(part)] += a * np.sin(2 * np.pi * f * part + start) * np.exp(-6.9 / d * part)
    return y


def noise(
    t: Floats, rng: Generator, low: float, high: float, tilt: float = 0.0, *, steep: float = 2.0
) -> Floats:
    """Noise between two frequencies, edges of `steep` times 12 dB an octave, tilted by dB an octave."""
    y = shaped(rng.standard_normal(len(t), np.float32), low, high, steep, tilt)
    return y / max(float(np.abs(y).max()), 1e-9)


def filtered(y: Floats, low: float, high: float, steep: float = 1.0) -> Floats:
    """The same edges as `noise`, on a given sound."""
    return shaped(y.astype(np.float32), low, high, steep, 0.0)


def shaped(y: Floats, low: float, high: float, steep: float, tilt: float) -> Floats:
    size = next_fast_len(len(y), real=True)
    f = np.maximum(rfftfreq(size, 1 / SR), 1)
    gain = (f / 1000) ** (tilt / 6.02) / np.sqrt(
        (1 + (low / f) ** (4 * steep)) * (1 + (f / high) ** (4 * steep))
    )
    shaped: Floats = irfft(rfft(y, size) * gain.astype(np.float32), size)[: len(y)]
    return shaped


def click(t: Floats, rng: Generator, low: float = 1000, high: float = 8000, length: float = 0.004) -> Floats:
    return noise(t, rng, low, high) * fall(t, length * log_uniform(rng, 0.6, 2.5))


def metal(t: Floats, rng: Generator, base: float, kind: str) -> Floats:
    """The inharmonic clangour of cymbals: six squares, a crowd of modes without decay, or noise through FM."""
    if kind == "squares":
        ratios = np.array([1, 1.34, 1.52, 1.81, 2.23, 2.65]) * rng.uniform(0.93, 1.07, 6)
        return sum(np.sign(np.sin(2 * np.pi * base * r * t + rng.uniform(0, 6))) for r in ratios) / 6
    if kind == "fm":
        inner = np.sin(2 * np.pi * base * rng.uniform(1.3, 1.5) * t) * rng.uniform(2, 6)
        return np.sin(
            2 * np.pi * base * rng.uniform(2, 5) * t
            + inner
            + np.sin(2 * np.pi * base * 3.7 * t) * rng.uniform(1, 5)
        )
    hz = log_spread(rng, base, min(base * 40, 16_000), int(rng.integers(30, 90)))
    return modes(t, hz, np.full(len(hz), 30.0), rng.uniform(0.2, 1, len(hz)), rng) / 8


def log_spread(rng: Generator, low: float, high: float, count: int) -> Floats:
    return np.exp(rng.uniform(np.log(low), np.log(high), count))


def placed(length: float, hits: list[tuple[float, Floats]]) -> Floats:
    """Sounds laid on a time line."""
    y = np.zeros(len(times(length)), np.float32)
    for at, hit in hits:
        start = int(at * SR)
        part = hit[: max(0, len(y) - start)]
        y[start : start + len(part)] += part
    return y


def held(t: Floats, rng: Generator, attack: float) -> Floats:
    """A key is held and let go: rise, settle, release."""
    length = t[-1]
    settle = np.interp(
        t,
        [0, attack, length * rng.uniform(0.15, 0.4), length * rng.uniform(0.6, 0.95), length],
        [0, 1, rng.uniform(0.4, 1), rng.uniform(0.2, 0.9), 0],
    )
    return settle.astype(np.float32)
