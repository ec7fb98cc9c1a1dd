"""Shakers, rattles, and what packs only call percussion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.building_blocks import (
    SR,
    chance,
    click,
    fall,
    log_spread,
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


def shaker(rng: Generator) -> Floats:
    kinds = (shaken, shaken, tambourine, jingles, guiro, vibraslap, castanets)
    return kinds[rng.integers(len(kinds))](rng)


def shaken(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.06, 0.4))
    low = log_uniform(rng, 1800, 7000)
    grains = noise(t, rng, low, low * log_uniform(rng, 1.6, 5)) * (
        1 if chance(rng, 0.5) else (rng.random(len(t)) < 0.3)
    )
    stroke = fall(t, log_uniform(rng, 0.04, 0.25), log_uniform(rng, 0.002, 0.07), rng.uniform(0.8, 2))
    if chance(rng, 0.3):  # forth and back
        return placed(
            0.5, [(0.0, grains * stroke * rng.uniform(0.3, 1)), (rng.uniform(0.06, 0.18), grains * stroke)]
        )
    return grains * stroke


def tambourine(rng: Generator) -> Floats:
    length = log_uniform(rng, 0.12, 0.7)
    hits = []
    for at in np.sort(rng.uniform(0, length * 0.25, int(rng.integers(1, 7)))):
        t = times(length)
        hz = log_spread(rng, 3500, 15000, 14)
        hits.append(
            (
                float(at),
                modes(
                    t, hz, log_uniform(rng, 0.05, 0.5) * rng.uniform(0.3, 1, 14), rng.uniform(0, 1, 14), rng
                )
                * rng.uniform(0.2, 1),
            )
        )
    thump = noise(times(0.1), rng, 150, 900) * fall(times(0.1), 0.05) * rng.uniform(0, 2)
    return placed(length, [*hits, (0.0, thump)])


def guiro(rng: Generator) -> Floats:
    """A stick over ridges; slower and lower it is a vibraslap or a ratchet."""
    length = log_uniform(rng, 0.1, 0.8)
    count = int(rng.integers(6, 40))
    at = np.linspace(0, length * 0.9, count) ** rng.uniform(0.7, 1.4)
    t = times(0.05)
    tooth = modes(t, log_spread(rng, 900, 6000, 3), rng.uniform(0.005, 0.03, 3), np.ones(3), rng) + click(
        t, rng, 1500, 9000, 0.003
    )
    swell = np.interp(np.linspace(0, 1, count), [0, 0.5, 1], rng.uniform(0.2, 1, 3))
    return placed(
        length, [(float(a), tooth * s * rng.uniform(0.6, 1)) for a, s in zip(at, swell, strict=True)]
    )


def jingles(rng: Generator) -> Floats:
    """A tambourine or sleigh bells shaken: a crowd of small metal, swelling with the hand."""
    length = log_uniform(rng, 0.15, 1.5)
    t = times(length)
    one = times(0.25)
    hz = log_spread(rng, 3000, 15000, 8)
    count = int(log_uniform(rng, 8, 60))
    swell = np.interp(np.linspace(0, 1, count), [0, 0.4, 1], rng.uniform(0.1, 1, 3))
    hits = [
        (
            float(at),
            modes(one, hz * rng.uniform(0.9, 1.1), rng.uniform(0.03, 0.25, 8), rng.uniform(0, 1, 8), rng)
            * level,
        )
        for at, level in zip(np.sort(rng.uniform(0, length * 0.7, count)), swell, strict=True)
    ]
    hiss = noise(t, rng, 4000, 16000) * np.interp(t, [0, length * 0.4, length], [rng.uniform(0, 1), 1, 0])
    return placed(length, [*hits, (0.0, hiss * rng.uniform(0, 2))])


def vibraslap(rng: Generator) -> Floats:
    """Teeth that rattle in a box, slower and softer; without the fall it is a ratchet."""
    length = log_uniform(rng, 0.3, 2)
    rate = log_uniform(rng, 15, 45)
    at = np.cumsum(rng.uniform(0.8, 1.2, max(3, int(length * rate * 0.9))) / rate)
    t = times(0.06)
    tooth = modes(
        t, log_spread(rng, 1200, 5000, 4), rng.uniform(0.01, 0.05, 4), rng.uniform(0.3, 1, 4), rng
    ) + click(t, rng, 2000, 9000, 0.003)
    level = np.exp(-at / length * rng.uniform(0, 5))
    return placed(
        length, [(float(a), tooth * b * rng.uniform(0.5, 1)) for a, b in zip(at, level, strict=True)]
    )


def castanets(rng: Generator) -> Floats:
    """Small shells of wood: one clap, or a roll of a few."""
    t = times(0.1)
    base = log_uniform(rng, 900, 3000)
    clack = modes(
        t,
        base * np.array([1, rng.uniform(1.3, 2), rng.uniform(2.2, 3.5)]),
        rng.uniform(0.005, 0.035, 3),
        rng.uniform(0.2, 1, 3),
        rng,
    )
    clack = clack + click(t, rng, 1500, 10000, 0.004) * rng.uniform(0.2, 1)
    at = np.cumsum(rng.uniform(0.02, 0.09, int(rng.integers(1, 5))))
    return placed(0.5, [(float(a), clack * rng.uniform(0.5, 1)) for a in at])


def percussion(rng: Generator) -> Floats:
    """What packs call "perc": struck or plucked things without a name, short, most of them electronic."""
    kinds = (tick, blip, ping, whip, whistle, struck_junk)
    return kinds[rng.integers(len(kinds))](rng)


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
