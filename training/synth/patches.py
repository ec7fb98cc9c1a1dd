"""Synthesizer sounds: oscillators, a filter that moves, an envelope. Basses, leads, stabs, pads, chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
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
from training.synth.filters import (
    CHORDS,
    formed,
    instrument,
    pulse,
    resonances,
    rich,
    saw,
    swept_low_pass,
    wander,
)
from training.synth.played import length

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def loudness(t: Floats, rng: Generator) -> Floats:
    """The amplifier's envelope: held like a key, or falling like a pluck."""
    if chance(rng, 0.6):
        return held(t, rng, log_uniform(rng, 0.001, 0.03))
    return fall(t, float(t[-1]), log_uniform(rng, 0.0005, 0.01), rng.uniform(0.6, 1.6))


def opened(t: Floats, rng: Generator, base: float) -> Floats:
    """The cutoff of a filter: it falls from its peak, wobbles with an oscillator, or stays."""
    low, depth = base * log_uniform(rng, 0.8, 8), log_uniform(rng, 1, 40)
    shape = rng.integers(4)
    if shape < 2:
        return low * depth ** fall(t, log_uniform(rng, 0.05, 2), log_uniform(rng, 0.001, 0.1))
    if shape == 2:
        rate = log_uniform(rng, 0.5, 14)
        return low * depth ** (0.5 - 0.5 * np.cos(2 * np.pi * rate * t))
    return np.full(len(t), low * depth)


def analogue(rng: Generator, base: float) -> Floats:
    """Saws or pulses, a resonant filter, an envelope: leads, brass, acid, plucks."""
    t = times(length(rng))
    glide = 1 + (2 ** rng.uniform(-1, 1) - 1) * chance(rng, 0.15) * np.exp(-t / log_uniform(rng, 0.01, 0.2))
    y = rich(rng, base * glide * (1 + 0.002 * wander(t, rng, 5)))
    y = y + rng.uniform(0, 0.3) * noise(t, rng, 500, 12_000) * chance(rng, 0.2)
    y = swept_low_pass(y, opened(t, rng, base), log_uniform(rng, 0.5, 12)) * loudness(t, rng)
    return np.tanh(y * log_uniform(rng, 1, 10)) if chance(rng, 0.3) else y


def fm(rng: Generator, base: float) -> Floats:
    """Two modulators on a carrier, whole ratios or nearly: keys, bells, growls and glass."""
    t = times(length(rng))
    whole = (0.5, 1.0, 1.0, 2.0, 3.0, 5.0, 7.0, 3.5, 1.41)
    first = rng.uniform(0, 5) * fall(t, log_uniform(rng, 0.05, 3))
    second = rng.uniform(0, 2) * fall(t, log_uniform(rng, 0.05, 3))
    turns = 2 * np.pi * base * t
    inner = second * np.sin(turns * rng.choice(whole))
    return np.sin(turns + first * np.sin(turns * rng.choice(whole) + inner)) * loudness(t, rng)


def pad(rng: Generator, base: float) -> Floats:
    """A chord that comes and goes slowly, the oscillators apart, the filter on its way."""
    t = times(log_uniform(rng, 0.8, 4))
    chord = CHORDS[rng.integers(len(CHORDS))] if chance(rng, 0.6) else (1.0,)
    y = sum(saw(base * ratio * (1 + 0.004 * wander(t, rng, 3)), rng.random()) for ratio in chord)
    way = np.interp(t, [0, t[-1] / 2, t[-1]], base * log_uniform(rng, 1.5, 15) * rng.uniform(0.5, 1.5, 3))
    return swept_low_pass(y, way, log_uniform(rng, 0.5, 4)) * held(t, rng, log_uniform(rng, 0.01, 1))


def chord_stab(rng: Generator, base: float) -> Floats:
    """A chord of one patch, short: house, rave, dub."""
    play = instrument(rng, (analogue, analogue, fm)[rng.integers(3)])
    ratios = CHORDS[rng.integers(len(CHORDS))]
    y = placed(log_uniform(rng, 0.12, 1.5), [(0.0, play(base * ratio)) for ratio in ratios])
    return filtered(y, 30, log_uniform(rng, 800, 16_000))


def chip(rng: Generator, base: float) -> Floats:
    """The voice of a console: a pulse with a hard edge, or a triangle of sixteen steps, perhaps an arpeggio."""
    t = times(length(rng))
    rate = rng.uniform(15, 60)
    turn = (t * rate).astype(int) % 3
    ratios = np.array(CHORDS[rng.integers(2)]) if chance(rng, 0.3) else np.ones(3)
    hz = base * ratios[turn] * (1 + rng.uniform(0, 0.02) * np.sin(2 * np.pi * rng.uniform(4, 9) * t))
    if chance(rng, 0.35):
        y = np.round(8 * wave(2 * np.pi * np.cumsum(hz) / SR, "triangle")) / 8
    else:
        y = pulse(hz, rng.choice([0.125, 0.25, 0.5]))
    steps = np.round(loudness(t, rng) * 15) / 15  # four bits of volume
    return y * steps


def digital_bell(rng: Generator, base: float) -> Floats:
    """The glassy keys of early digital machines: a partial or two far above a soft body."""
    t = times(length(rng))
    body = np.sin(2 * np.pi * base * t) * loudness(t, rng)
    ratio = np.array([rng.uniform(2, 9), rng.uniform(2, 14), rng.uniform(2, 14)])
    glass = modes(
        t, base * ratio, log_uniform(rng, 0.1, 3) * rng.uniform(0.3, 1, 3), rng.uniform(0, 1, 3), rng
    )
    return body * rng.uniform(0.1, 1) + glass


def digital_bar(rng: Generator, base: float) -> Floats:
    """Marimbas, vibraphones and chimes of FM chips: an odd ratio whose modulator dies first, nothing held."""
    t = times(log_uniform(rng, 0.08, 2))
    index = log_uniform(rng, 0.2, 5) * fall(t, log_uniform(rng, 0.01, 0.6))
    ratio = float(rng.choice([1.41, 2.76, 3.0, 3.5, 4.0, 5.4, 7.0, 10.0])) * rng.uniform(0.99, 1.01)
    second = rng.uniform(0, 0.5) * np.sin(2 * np.pi * base * rng.uniform(1.001, 1.01) * t)
    y = np.sin(2 * np.pi * base * t + index * np.sin(2 * np.pi * base * ratio * t)) + second
    return y * fall(t, float(t[-1]), log_uniform(rng, 0.0003, 0.005), rng.uniform(0.5, 1.2))


def sub(rng: Generator, base: float) -> Floats:
    """Hardly more than its lowest tone, held; a drum machine's kick tuned and let ring belongs here as well."""
    t = times(log_uniform(rng, 0.35, 3))
    phase = swept(t, base * rng.choice([1, 1, 1, rng.uniform(0.9, 2)]), base, log_uniform(rng, 0.01, 0.1))
    second = rng.uniform(0, 0.8) * wave(phase * rng.choice([0.5, 1.005, 2]), rng.choice(OSCILLATORS))
    y = filtered(wave(phase, rng.choice(OSCILLATORS)) + second, 20, base * log_uniform(rng, 1.5, 30))
    envelope = held(t, rng, log_uniform(rng, 0.001, 0.03)) if chance(rng, 0.7) else fall(t, 2 * t[-1])
    y = y * envelope + click(t, rng, 500, 4000, 0.01) * rng.uniform(0, 0.2)
    return np.tanh(y * log_uniform(rng, 1, 8)) if chance(rng, 0.5) else y


def bass_guitar(rng: Generator, base: float) -> Floats:
    """Fingers, a pick, a slap or the wood of an upright: a thick string, its fret and its thump."""
    t = times(log_uniform(rng, 0.3, 3))
    k = np.arange(1, 27)
    hz = base * k * np.sqrt(1 + log_uniform(rng, 1e-5, 4e-4) * k**2)
    level = np.abs(np.sin(np.pi * k * rng.uniform(0.08, 0.4))) / k ** rng.uniform(0.3, 2)
    level[0] *= rng.uniform(0.2, 1)  # pick-ups and boxes lose the lowest
    string = modes(t, hz, log_uniform(rng, 0.3, 6) / k ** rng.uniform(0.2, 1.1), level, rng)
    slap = click(t, rng, log_uniform(rng, 300, 2000), 9000, log_uniform(rng, 0.004, 0.03))
    y = string + slap * log_uniform(rng, 0.01, 1)
    y = np.tanh(y * log_uniform(rng, 2, 15)) if chance(rng, 0.3) else y
    return y * np.interp(t, [0, t[-1] * rng.uniform(0.4, 0.95), t[-1]], [1, 1, 0])


def growl(rng: Generator, base: float) -> Floats:
    """Reese, wobble and talking basses: beating saws through vowels that move, driven."""
    t = times(log_uniform(rng, 0.3, 3))
    y = rich(rng, base * (1 + 0.003 * wander(t, rng, 6))) + rich(rng, np.full(len(t), base * 1.007))
    rate, centres = log_uniform(rng, 0.5, 12), log_uniform(rng, 150, 900) * np.array([1, 2.7, 6.5])
    depth, levels = rng.uniform(0, 0.6), np.array([1, rng.uniform(0.2, 1), rng.uniform(0, 0.7)])
    y = formed(
        np.tanh(y * log_uniform(rng, 1, 6)),
        lambda at, f: (
            0.15 / (1 + f / 200)
            + resonances(
                f, centres * (1 + depth * np.sin(2 * np.pi * rate * at))[..., None], centres * 0.3, levels
            )
        ),
    )
    low = np.sin(2 * np.pi * base * t) * rng.uniform(0, 1.5) * np.abs(y).max()
    return np.tanh((y + low) * log_uniform(rng, 0.5, 8)) * held(t, rng, log_uniform(rng, 0.002, 0.06))
