"""Sources and filters that move: what synthesizers, throats and worn converters do to a sound over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq
from scipy.signal import lfilter

from training.synth.blocks import SR, chance, filtered, log_uniform, noise, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from training.synth.blocks import Floats

    Gain = Callable[[Floats, Floats], Floats]
    Voice = Callable[[Generator, float], Floats]

STEP = 256  # samples between two settings of a moving filter
WINDOW = 1024
MINOR, MAJOR = (1.0, 1.189, 1.498), (1.0, 1.26, 1.498)
CHORDS = (MINOR, MAJOR, (*MINOR, 1.782), (*MAJOR, 1.888), (1.0, 1.498), (1.0, 2.0), (1.0, 1.335, 1.498))


def saw(hz: Floats, start: float = 0.0) -> Floats:
    """A saw with all its harmonics: the differentiated parabola (Valimaki 2005), hardly aliased."""
    turns = np.cumsum(hz.astype(np.float64)) / SR + start
    parabola = (2 * (turns % 1) - 1) ** 2
    return (np.diff(parabola, prepend=parabola[:1]) * SR / (4 * hz)).astype(np.float32)


def pulse(hz: Floats, width: float, start: float = 0.0) -> Floats:
    return saw(hz, start) - saw(hz, start + width)


def rich(rng: Generator, hz: Floats) -> Floats:
    """The oscillators of a synthesizer: one to seven saws or pulses side by side."""
    count = int(rng.choice([1, 1, 1, 2, 2, 3, 5, 7]))
    apart, width = log_uniform(rng, 0.0005, 0.015), rng.uniform(0.1, 0.5)
    waves = [saw, lambda f, at: pulse(f, width, at)][rng.integers(2)]
    return sum(waves(hz * (1 + apart * rng.normal()), rng.random()) for _ in range(count)) / count


def swept_low_pass(y: Floats, cutoff: Floats, resonance: float) -> Floats:
    """Two poles (the cookbook of Bristow-Johnson) that are moved every few milliseconds."""
    out, state = np.empty(len(y), np.float32), np.zeros(2)
    angle = 2 * np.pi * np.clip(cutoff[::STEP], 20, SR * 0.45) / SR
    for at, w in zip(range(0, len(y), STEP), angle, strict=True):
        alpha, c = np.sin(w) / (2 * resonance), np.cos(w)
        b, a = (1 - c) / 2 * np.array([1, 2, 1]), np.array([1 + alpha, -2 * c, 1 - alpha])
        out[at : at + STEP], state = lfilter(b, a, y[at : at + STEP], zi=state)
    return out


def formed(y: Floats, gain: Gain) -> Floats:
    """A filter of any shape that changes with time: `gain` of seconds (a column) and Hz (a row), on overlapping windows."""
    hop = WINDOW // 2
    padded = np.pad(y, (hop, WINDOW + hop)).astype(np.float32)
    window = np.sin(np.pi * (np.arange(WINDOW) + 0.5) / WINDOW).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop] * window
    at = np.arange(len(frames), dtype=np.float32)[:, None] * hop / SR
    f = rfftfreq(WINDOW, 1 / SR).astype(np.float32)[None, :]
    shaped = irfft(rfft(frames) * gain(at, np.maximum(f, 1)), WINDOW) * window
    out = np.zeros((len(frames) + 1) * hop, np.float32)
    out[:-hop] += shaped[:, :hop].ravel()
    out[hop:] += shaped[:, hop:].ravel()
    return out[hop : hop + len(y)]


def resonances(f: Floats, centres: Floats, widths: Floats, levels: Floats) -> Floats:
    """The magnitudes of resonators side by side, each with its centre, width and level; (..., resonators)."""
    f = f[..., None]
    peaks = levels / np.sqrt(1 + ((f * f - centres * centres) / (f * widths)) ** 2)
    total: Floats = peaks.sum(-1)
    return total


def wander(t: Floats, rng: Generator, rate: float) -> Floats:
    """A slow random curve between -1 and 1, `rate` turns a second."""
    knots = max(2, int(t[-1] * rate) + 2)
    return np.interp(t, np.linspace(0, t[-1], knots), rng.uniform(-1, 1, knots)).astype(np.float32)


def vibrato(t: Floats, rng: Generator, depth: float = 0.012) -> Floats:
    """The pitch of a player around 1: it is found, trembles after a while, and is never quite still."""
    late = np.clip(t / log_uniform(rng, 0.05, 1) - rng.uniform(0, 1), 0, 1)
    tremble = rng.uniform(0, depth) * late * np.sin(2 * np.pi * rng.uniform(3.5, 7.5) * t)
    scoop = rng.normal(0, 0.03) * np.exp(-t / log_uniform(rng, 0.01, 0.1))
    return 1 + tremble + scoop + 0.003 * wander(t, rng, 8)


def instrument(rng: Generator, voice: Voice) -> Callable[[float], Floats]:
    """One setting of a voice, to be played at many pitches."""
    seed = int(rng.integers(2**31))
    return lambda hz: voice(np.random.default_rng(seed), hz)


def levelled(y: Floats) -> Floats:
    return y / max(float(np.abs(y).max()), 1e-9)


def worn(y: Floats, rng: Generator) -> Floats:
    """Old games, phones and field recorders: few kHz, few bits, hum and rumble below, hiss above."""
    y = levelled(y)
    t = times(len(y) / SR)[: len(y)]
    if chance(rng, 0.4):
        y = filtered(y, 20, log_uniform(rng, 2500, 11_000), rng.uniform(1, 4))
    if chance(rng, 0.2):
        step = int(rng.integers(2, 9))
        y = np.repeat(y[::step], step)[: len(y)]
    if chance(rng, 0.25):
        y = np.round(y * 2.0 ** rng.integers(3, 8)) / 100
    if chance(rng, 0.4):
        y = levelled(y) + noise(t, rng, 15, log_uniform(rng, 60, 400)) * 10 ** (rng.uniform(-60, -15) / 20)
    return y
