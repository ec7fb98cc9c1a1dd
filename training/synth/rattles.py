"""Shakers, rattles and scrapers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
    chance,
    click,
    fall,
    filtered,
    log_spread,
    log_uniform,
    modes,
    noise,
    placed,
    times,
)
from training.synth.cymbals import sampled, wash

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def shaker(rng: Generator) -> Floats:
    y = KINDS[rng.integers(len(KINDS))](rng)
    return sampled(y, rng) if chance(rng, 0.08) else y


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


def grains(rng: Generator) -> Floats:
    """Beads or seeds in a shell, one by one: many small hits of one band, none of them low; maracas, cabasa, egg, ganza."""
    length = log_uniform(rng, 0.05, 0.45)
    t = times(length)
    low = log_uniform(rng, 2500, 9000)
    hits = (rng.random(len(t)) < log_uniform(rng, 0.002, 0.6)) * rng.standard_normal(len(t))
    y = filtered(hits, low, min(low * log_uniform(rng, 1.2, 3), 18000), rng.uniform(1, 3))
    peak = rng.uniform(0.05, 0.8)
    hand = np.interp(t / length, [0, peak, 1], [rng.uniform(0, 0.3), 1, 0]) ** rng.uniform(1, 4)
    if chance(rng, 0.35):  # the beads meet the wall a second time
        back = np.interp(t / length, [0, 0.3, 1], [0, 1, 0]) ** 3 * rng.uniform(0.3, 1)
        return placed(length * 2, [(0.0, y * hand), (length * rng.uniform(0.4, 1), y[::-1] * back)])
    return y * hand


def zils(rng: Generator) -> Floats:
    """The jingles of a tambourine alone, as most packs have it: pairs of small plates in a narrow, high band, nothing below."""
    length = log_uniform(rng, 0.08, 0.8)
    t = times(length)
    centre = log_uniform(rng, 4000, 10500)
    width = log_uniform(rng, 1.06, 1.9)
    ring = wash(
        t,
        rng,
        centre / width,
        centre * width,
        length * log_uniform(rng, 0.3, 1.2),
        dying=0,
        lines=log_uniform(rng, 0.01, 0.4),
        attack=log_uniform(rng, 0.0005, 0.02),
    )
    hits = [(0.0, ring)] + [
        (float(at), ring * rng.uniform(0.1, 0.8)) for at in rng.uniform(0.01, 0.12, int(rng.integers(0, 4)))
    ]
    head = noise(t, rng, 150, 1200) * fall(t, 0.05) * rng.uniform(0, 0.6) * chance(rng, 0.3)
    return filtered(placed(length, [*hits, (0.0, head)]), log_uniform(rng, 100, centre), 18000)


KINDS = (
    shaken,
    shaken,
    grains,
    grains,
    grains,
    tambourine,
    zils,
    zils,
    zils,
    jingles,
    guiro,
    guiro,
    vibraslap,
    castanets,
)
