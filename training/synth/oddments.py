"""Percussion without a name of its own: blips, knocks, and things that were lying about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
    SR,
    chance,
    click,
    fall,
    filtered,
    log_spread,
    log_uniform,
    modes,
    noise,
    placed,
    swept,
    times,
    wave,
)
from training.synth.cymbals import sampled, wash

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def percussion(rng: Generator) -> Floats:
    """What packs call "perc": struck or plucked things without a name, short, most of them electronic, often layered."""
    y = one(rng)
    if chance(rng, 0.3):
        under = one(rng) * log_uniform(rng, 0.1, 1)
        length = (max(len(y), len(under)) + SR // 25) / SR
        y = placed(length, [(0.0, y), (rng.uniform(0, 0.04) * chance(rng, 0.5), under)])
    if chance(rng, 0.3):
        low = log_uniform(rng, 60, 2500)
        y = filtered(y, low, low * log_uniform(rng, 2, 30), rng.uniform(0.5, 3))
    return sampled(y, rng) if chance(rng, 0.1) else y


def one(rng: Generator) -> Floats:
    y = KINDS[rng.integers(len(KINDS))](rng)
    return y / max(float(np.abs(y).max()), 1e-9)


def tick(rng: Generator) -> Floats:
    """A band of noise, very short."""
    t = times(log_uniform(rng, 0.03, 0.25))
    low = log_uniform(rng, 300, 5000)
    return noise(t, rng, low, low * log_uniform(rng, 1.2, 3), steep=rng.uniform(1, 3)) * fall(
        t, float(t[-1]), curve=rng.uniform(0.6, 1.2)
    )


def blip(rng: Generator) -> Floats:
    """A tone that falls fast and is gone."""
    t = times(log_uniform(rng, 0.04, 0.3))
    base = log_uniform(rng, 150, 1800)
    phase = swept(t, base * log_uniform(rng, 0.7, 6), base, log_uniform(rng, 0.003, 0.05))
    y = wave(phase, rng.choice(["sine", "triangle", "square"]))
    return y * fall(t, float(t[-1])) + click(t, rng) * rng.uniform(0, 0.4)


def ping(rng: Generator) -> Floats:
    """FM between wood and metal."""
    t = times(log_uniform(rng, 0.05, 0.5))
    base = log_uniform(rng, 150, 2500)
    index = rng.uniform(0.5, 8) * fall(t, log_uniform(rng, 0.01, 0.3))
    return np.sin(2 * np.pi * base * t + index * np.sin(2 * np.pi * base * rng.uniform(0.3, 5) * t)) * fall(
        t, float(t[-1])
    )


def whip(rng: Generator) -> Floats:
    """Two boards slapped together."""
    t = times(log_uniform(rng, 0.08, 0.4))
    wood = modes(t, log_spread(rng, 400, 4000, 8), rng.uniform(0.01, 0.06, 8), rng.uniform(0.1, 1, 8), rng)
    return wood * rng.uniform(0.1, 0.8) + noise(t, rng, log_uniform(rng, 400, 2000), 14000) * fall(
        t, log_uniform(rng, 0.01, 0.15)
    )


def whistle(rng: Generator) -> Floats:
    """A referee's or a samba whistle: a high tone with a pea in it."""
    t = times(log_uniform(rng, 0.1, 0.9))
    pea = np.sin(2 * np.pi * rng.uniform(15, 45) * t)
    phase = 2 * np.pi * np.cumsum(log_uniform(rng, 1500, 3800) * (1 + rng.uniform(0, 0.04) * pea)) / SR
    y = np.sin(phase) * (1 + rng.uniform(0, 0.7) * pea) + noise(t, rng, 1500, 9000) * rng.uniform(0, 0.4)
    return y * np.minimum(t / 0.01, 1) * np.minimum((t[-1] - t) / 0.02, 1)


def struck_junk(rng: Generator) -> Floats:
    """Pots, bottles, pipes and boxes used as drums."""
    t = times(log_uniform(rng, 0.1, 0.8))
    count = int(rng.integers(4, 16))
    hz = log_spread(rng, log_uniform(rng, 150, 900), log_uniform(rng, 2500, 9000), count)
    ring = log_uniform(rng, 0.03, 0.6)
    return modes(t, hz, ring * rng.uniform(0.2, 1, count), rng.uniform(0.1, 1, count), rng) + click(
        t, rng, 800, 9000, 0.006
    ) * rng.uniform(0.1, 1)


def knock(rng: Generator) -> Floats:
    """A hand, a stick or a foot on a board, a door, a box: a few low dull modes, and the touch."""
    t = times(log_uniform(rng, 0.1, 0.6))
    count = int(rng.integers(3, 10))
    hz = log_spread(rng, log_uniform(rng, 60, 350), log_uniform(rng, 500, 2500), count)
    y = modes(
        t, hz, log_uniform(rng, 0.03, 0.35) * rng.uniform(0.3, 1, count), rng.uniform(0.1, 1, count), rng
    )
    return y + click(t, rng, log_uniform(rng, 150, 1500), log_uniform(rng, 2000, 11000), 0.008) * rng.uniform(
        0.1, 1.5
    )


def round_tone(rng: Generator) -> Floats:
    """A tuned drop or bump of a machine: a low to middle tone, gliding little, falling slower than a tick."""
    t = times(log_uniform(rng, 0.12, 0.8))
    base = log_uniform(rng, 90, 900)
    phase = swept(t, base * log_uniform(rng, 0.5, 2), base, log_uniform(rng, 0.01, 0.15))
    y = wave(phase, rng.choice(["sine", "sine", "triangle", "square"]))
    return y * fall(t, float(t[-1]), log_uniform(rng, 0.0003, 0.01), rng.uniform(0.6, 1.5)) + click(
        t, rng
    ) * rng.uniform(0, 0.3)


def zap(rng: Generator) -> Floats:
    """A fast dive over octaves."""
    t = times(log_uniform(rng, 0.05, 0.4))
    base = log_uniform(rng, 80, 700)
    phase = swept(t, base * log_uniform(rng, 6, 60), base, log_uniform(rng, 0.005, 0.06))
    return wave(phase, rng.choice(["sine", "square", "saw"])) * fall(
        t, float(t[-1]), curve=rng.uniform(0.7, 2)
    )


def glass(rng: Generator) -> Floats:
    """Bottles, cups and bowls: few clear modes, sparse and high."""
    t = times(log_uniform(rng, 0.15, 1.2))
    hz = log_uniform(rng, 700, 4000) * np.cumprod(rng.uniform(1.1, 2.4, 5))
    y = modes(t, hz, log_uniform(rng, 0.08, 1.2) * rng.uniform(0.2, 1, 5), rng.uniform(0.1, 1, 5), rng)
    return y + click(t, rng, 2000, 14000, 0.003) * rng.uniform(0.1, 1)


def can(rng: Generator) -> Floats:
    """Sheet metal: cans, lids, pipes, brake drums; dense modes from the low middle up, dry or ringing."""
    t = times(log_uniform(rng, 0.1, 1))
    decay = float(t[-1]) * log_uniform(rng, 0.3, 1)
    sheet = wash(
        t,
        rng,
        log_uniform(rng, 200, 1500),
        log_uniform(rng, 3000, 13000),
        decay,
        dying=rng.uniform(0, 0.5),
        lines=log_uniform(rng, 0.005, 0.1),
        tilt=rng.uniform(-5, 2),
    )
    return sheet + click(t, rng, 300, 10000, 0.006) * rng.uniform(0, 0.8)


def plucked(rng: Generator) -> Floats:
    """A short delay fed back upon itself: combs, springs, kalimba tines, muted strings."""
    t = times(log_uniform(rng, 0.1, 0.8))
    base = log_uniform(rng, 120, 1500)
    hz = base * np.arange(1, 13) * np.sqrt(1 + log_uniform(rng, 1e-5, 0.02) * np.arange(1, 13) ** 2)
    decay = log_uniform(rng, 0.06, 0.7) / np.arange(1, 13) ** rng.uniform(0, 1)
    return modes(
        t, hz, decay, rng.uniform(0.2, 1, 12) / np.arange(1, 13) ** rng.uniform(0, 1.5), rng
    ) + click(t, rng) * rng.uniform(0, 0.5)


def crackle(rng: Generator) -> Floats:
    """Keys, coins, twigs, switches: two to ten small clicks, each its own."""
    length = log_uniform(rng, 0.05, 0.5)
    count = int(rng.integers(2, 11))
    hits = []
    for at in np.sort(rng.uniform(0, length * 0.8, count)):
        t = times(0.08)
        low = log_uniform(rng, 200, 5000)
        ring = modes(
            t, log_spread(rng, low, low * 3, 3), rng.uniform(0.005, 0.07, 3), rng.uniform(0.1, 1, 3), rng
        )
        hits.append(
            (
                float(at),
                (click(t, rng, low, 14000, 0.004) + ring * rng.uniform(0, 0.6)) * log_uniform(rng, 0.15, 1),
            )
        )
    return placed(length, hits)


KINDS = (
    *(tick, tick, blip, blip, ping, ping, round_tone, round_tone, zap),
    *(knock, knock, knock, struck_junk, struck_junk, glass, can, can, plucked, crackle, whip, whistle),
)
