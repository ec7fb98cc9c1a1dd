"""Basses, keys, strings and voices, and loops made of all that sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

from training.synth import cymbals, membranes, shakers, snares
from training.synth.building_blocks import (
    OSCILLATORS,
    SR,
    chance,
    click,
    fall,
    filtered,
    held,
    log_uniform,
    modes,
    noise,
    placed,
    swept,
    times,
    wave,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats


VOWELS = np.array(
    [
        [730, 1090, 2440],
        [270, 2290, 3010],
        [300, 870, 2240],
        [530, 1840, 2480],
        [570, 840, 2410],
        [660, 1720, 2410],
    ]
)


def bass(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.3, 2.5))
    base = log_uniform(rng, 31, 130)
    phase = swept(t, base * rng.choice([1, 1, 1, rng.uniform(0.9, 1.3)]), base, 0.03)
    if chance(rng, 0.25):
        y = np.sin(
            phase
            + rng.uniform(0.5, 5) * fall(t, log_uniform(rng, 0.1, 1)) * np.sin(phase * rng.choice([1, 2, 3]))
        )
    else:
        y = wave(phase, rng.choice(OSCILLATORS)) + rng.uniform(0, 0.8) * wave(
            phase * rng.choice([0.5, 1.005, 2]), rng.choice(OSCILLATORS)
        )
        y = filtered(y, 20, base * log_uniform(rng, 1.5, 30))
    envelope = (
        held(t, rng, log_uniform(rng, 0.001, 0.03)) if chance(rng, 0.7) else fall(t, float(t[-1]), curve=1.5)
    )
    y = y * envelope + click(t, rng, 500, 4000, 0.01) * rng.uniform(0, 0.2)
    return np.tanh(y * log_uniform(rng, 1, 6)) if chance(rng, 0.4) else y


def tonal(rng: Generator) -> Floats:
    return (pluck, pad, electric, mallet, blown, stab)[rng.integers(6)](rng)


def pluck(rng: Generator, base: float | None = None) -> Floats:
    """Karplus and Strong's string."""
    base = base or log_uniform(rng, 60, 1200)
    t = times(log_uniform(rng, 0.25, 2.5))
    period = int(SR / base)
    burst = np.zeros(len(t), np.float32)
    burst[:period] = rng.uniform(-1, 1, period)[: len(t)]
    damp = rng.uniform(0.9, 0.9995)
    a = np.zeros(period + 2)
    a[0], a[period], a[period + 1] = 1, -damp * rng.uniform(0.4, 0.95), 0
    a[period + 1] = -(damp + a[period])
    return filtered(lfilter([1.0], a, burst).astype(np.float32), 30, log_uniform(rng, 1500, 16000))


def pad(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.6, 3))
    base = log_uniform(rng, 80, 900)
    chord = rng.choice([1, 1.2, 1.25, 1.5, 2, 0.5], int(rng.integers(1, 5)))
    kind = rng.choice(OSCILLATORS[1:])
    y = sum(
        wave(2 * np.pi * base * ratio * (1 + rng.normal(0, 0.003)) * t + rng.uniform(0, 6), kind)
        for ratio in np.repeat(chord, 2)
    )
    return filtered(y, 30, base * log_uniform(rng, 2, 15)) * held(t, rng, log_uniform(rng, 0.005, 0.5))


def electric(rng: Generator, base: float | None = None) -> Floats:
    """Keys: FM pianos, organs, and strings of harmonics that die one by one."""
    base = base or log_uniform(rng, 80, 1500)
    t = times(log_uniform(rng, 0.3, 2.5))
    if chance(rng, 0.4):
        index = rng.uniform(0.3, 4) * fall(t, log_uniform(rng, 0.1, 1.5))
        return np.sin(
            2 * np.pi * base * t + index * np.sin(2 * np.pi * base * rng.choice([1, 2, 3, 7, 14]) * t)
        ) * fall(t, log_uniform(rng, 0.4, 3))
    k = np.arange(1, 13)
    hz = base * k * np.sqrt(1 + rng.uniform(0, 0.0015) * k**2)
    y = modes(
        t,
        hz,
        log_uniform(rng, 0.5, 4) / k ** rng.uniform(0, 1),
        rng.uniform(0.2, 1, 12) / k ** rng.uniform(0.5, 2),
        rng,
    )
    return y * (held(t, rng, log_uniform(rng, 0.002, 0.08)) if chance(rng, 0.4) else 1) + click(
        t, rng, 300, 3000, 0.01
    ) * rng.uniform(0, 0.2)


def mallet(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.3, 2.5))
    base = log_uniform(rng, 150, 2200)
    ratios = np.array([[1, 3.9, 9.2, 16], [1, 2.76, 5.4, 8.9], [1, 4, 10, 15], [1, 2, 3, 4.2]])[
        rng.integers(4)
    ]
    level = np.array([1, rng.uniform(0, 0.6), rng.uniform(0, 0.3), rng.uniform(0, 0.2)])
    return modes(
        t, base * ratios, log_uniform(rng, 0.2, 3) / ratios ** rng.uniform(0, 1), level, rng
    ) + click(t, rng, 500, 5000, 0.004) * rng.uniform(0, 0.4)


def blown(rng: Generator) -> Floats:
    """Winds, brass and bowed strings: harmonics that take their time, breath, vibrato."""
    t = times(log_uniform(rng, 0.3, 2.5))
    base = log_uniform(rng, 80, 1100)
    vibrato = 1 + rng.uniform(0, 0.012) * np.sin(2 * np.pi * rng.uniform(3, 7) * t)
    phase = 2 * np.pi * np.cumsum(base * vibrato) / SR
    y = sum(np.sin(k * phase) / k ** rng.uniform(0.4, 2.2) for k in range(1, 11))
    breath = noise(t, rng, base, base * 8) * rng.uniform(0, 0.5)
    return filtered(y + breath, 40, base * log_uniform(rng, 3, 20)) * held(
        t, rng, log_uniform(rng, 0.015, 0.25)
    )


def stab(rng: Generator) -> Floats:
    base = log_uniform(rng, 90, 500)
    notes = [
        (rng.uniform(0, 0.01), (pluck, electric)[rng.integers(2)](rng, base * r))
        for r in (1, rng.choice([1.19, 1.26]), 1.5)
    ]
    return placed(log_uniform(rng, 0.2, 1.5), notes)


def vocal(rng: Generator) -> Floats:
    """A source of pulses or breath through moving formants, with a consonant before it now and then."""
    t = times(log_uniform(rng, 0.12, 1.6))
    contour = np.interp(t, np.linspace(0, t[-1], 4), log_uniform(rng, 80, 450) * rng.uniform(0.75, 1.3, 4))
    phase = 2 * np.pi * np.cumsum(contour) / SR
    source = sum(np.sin(k * phase) / k for k in range(1, 25)) + noise(t, rng, 500, 8000) * rng.uniform(0, 1.2)
    start, end = VOWELS[rng.integers(6)], VOWELS[rng.integers(6)]
    size, blend = rng.uniform(0.85, 1.35), np.clip(t / t[-1] * rng.uniform(0.5, 2), 0, 1)
    y = sum(
        (1 - blend) * filtered(source, f0 * size * 0.85, f0 * size * 1.15, 1.5) * level
        + blend * filtered(source, f1 * size * 0.85, f1 * size * 1.15, 1.5) * level
        for f0, f1, level in zip(start, end, (1, 0.6, 0.35), strict=True)
    )
    y = y * held(t, rng, log_uniform(rng, 0.005, 0.12))
    consonant = noise(times(0.15), rng, log_uniform(rng, 1500, 5000), 12000) * fall(
        times(0.15), log_uniform(rng, 0.02, 0.15), 0.01
    )
    return placed(
        float(t[-1]) + 0.1,
        [(0.0, consonant * rng.uniform(0, 1) * float(np.abs(y).max())), (rng.uniform(0, 0.1), y)],
    )


def loop(rng: Generator) -> Floats:
    """A bar of hits on a grid, or a riff."""
    step = 60 / rng.uniform(70, 175) / rng.choice([2, 4])
    length = min(3.4, step * 16)
    if chance(rng, 0.3):
        base, scale = log_uniform(rng, 100, 500), np.array([1, 1.122, 1.189, 1.335, 1.498, 1.782, 2])
        voice = (pluck, electric)[rng.integers(2)]
        return placed(
            length, [(k * step, voice(rng, base * rng.choice(scale))) for k in range(16) if chance(rng, 0.6)]
        )
    low, high, back = (
        membranes.kick(rng),
        cymbals.hat_closed(rng),
        (snares.snare, snares.clap)[rng.integers(2)](rng),
    )
    extra = (shakers.shaker, cymbals.bell, membranes.hand_drum, membranes.tom)[rng.integers(4)](rng)
    hits = []
    for k in range(16):
        for hit, likely in (
            (low, 0.9 if k % 8 == 0 else 0.15),
            (back, 0.9 if k % 8 == 4 else 0.05),
            (high, 0.7),
            (extra, 0.2),
        ):
            if chance(rng, likely):
                hits.append(
                    (
                        k * step + abs(rng.normal(0, 0.003)),
                        hit / max(float(np.abs(hit).max()), 1e-9) * rng.uniform(0.4, 1),
                    )
                )
    return placed(length, hits)
