"""Snares, claps and rims: what is struck short and carries noise."""

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


def snare(rng: Generator) -> Floats:
    kinds = (plain_snare, plain_snare, plain_snare, machine_snare, layered_snare)
    return kinds[rng.integers(len(kinds))](rng)


def plain_snare(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.1, 0.7))
    base = log_uniform(rng, 130, 380)
    ratios = np.array([1, rng.uniform(1.4, 1.9), rng.uniform(2, 2.6), rng.uniform(2.7, 3.6)])
    shell = modes(
        t,
        base * ratios,
        log_uniform(rng, 0.05, 0.35) * rng.uniform(0.3, 1, 4),
        rng.uniform(0, 1, 4) * [1, 0.7, 0.4, 0.3],
        rng,
    )
    bend = np.sin(swept(t, base * rng.uniform(1, 2.2), base, 0.01)) * fall(t, log_uniform(rng, 0.04, 0.25))
    wires = noise(t, rng, log_uniform(rng, 300, 3500), log_uniform(rng, 5000, 16000), rng.uniform(-5, 4))
    rattle = fall(t, log_uniform(rng, 0.08, 0.6), log_uniform(rng, 0.0003, 0.008), rng.uniform(0.7, 2))
    y = (
        (shell + bend) * rng.uniform(0.05, 0.9)
        + wires * rattle * rng.uniform(0.3, 1.2)
        + click(t, rng) * rng.uniform(0, 0.6)
    )
    if chance(rng, 0.08):  # a brush has no stroke, only the wires
        y = wires * fall(t, log_uniform(rng, 0.1, 0.4), log_uniform(rng, 0.01, 0.06))
    return np.tanh(y * log_uniform(rng, 0.7, 4)) if chance(rng, 0.3) else y


def machine_snare(rng: Generator) -> Floats:
    """Two oscillators and a burst of noise, from the first rhythm boxes to gated halls."""
    t = times(log_uniform(rng, 0.1, 0.9))
    base = log_uniform(rng, 140, 350)
    tone = sum(
        wave(
            swept(t, base * ratio * rng.uniform(1, 1.6), base * ratio, 0.02), rng.choice(["sine", "triangle"])
        )
        for ratio in (1, rng.uniform(1.4, 2.2))
    ) * fall(t, log_uniform(rng, 0.03, 0.3))
    hiss = noise(t, rng, log_uniform(rng, 200, 4000), log_uniform(rng, 4000, 18000), rng.uniform(-4, 4))
    held = (t < log_uniform(rng, 0.1, 0.6)) * rng.uniform(0.2, 1) if chance(rng, 0.3) else 0
    return tone * rng.uniform(0, 0.5) + hiss * np.maximum(
        fall(t, log_uniform(rng, 0.06, 0.7)), held * fall(t, 2.0)
    )


def layered_snare(rng: Generator) -> Floats:
    """A clap, a rim or a hat's edge over a snare, as producers stack them."""
    under, over = plain_snare(rng), (burst_clap, rim, machine_snare)[rng.integers(3)](rng)
    over = over / max(float(np.abs(over).max()), 1e-9) * np.abs(under).max()
    return placed(
        max(len(under), len(over)) / SR, [(0.0, under), (rng.uniform(0, 0.012), over * rng.uniform(0.2, 0.7))]
    )


def clap(rng: Generator) -> Floats:
    return snap(rng) if chance(rng, 0.15) else burst_clap(rng) if chance(rng, 0.75) else many_hands(rng)


def snap(rng: Generator) -> Floats:
    t = times(0.15)
    tone = modes(
        t, np.array([log_uniform(rng, 1200, 3500)]), np.array([rng.uniform(0.02, 0.08)]), np.array([1.0]), rng
    )
    return tone * rng.uniform(0.2, 1) + click(t, rng, 1500, 9000, 0.01)


def burst_clap(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.15, 0.6))
    band = log_uniform(rng, 600, 1800)
    source = noise(
        t, rng, band, band * log_uniform(rng, 1.5, 8), rng.uniform(-3, 2), steep=rng.uniform(1, 2.5)
    )
    gap = rng.uniform(0.005, 0.016)
    count = int(rng.integers(1, 5))
    starts = np.cumsum(gap * rng.uniform(0.6, 1.3, count))
    bursts = sum(
        (t >= s) * np.exp(-np.maximum(t - s, 0) / log_uniform(rng, 0.002, 0.007)) for s in [0.0, *starts]
    )
    tail = (t >= starts[-1]) * np.exp(-np.maximum(t - starts[-1], 0) / log_uniform(rng, 0.015, 0.12))
    return source * (bursts + tail * rng.uniform(0.2, 1))


def many_hands(rng: Generator) -> Floats:
    """Real palms, each with its own hollow, never quite together."""
    hits = []
    for at in np.abs(rng.normal(0, rng.uniform(0.002, 0.02), int(rng.integers(1, 9)))):
        t = times(0.12)
        low = log_uniform(rng, 500, 1800)
        palm = noise(t, rng, low, low * log_uniform(rng, 1.5, 6), steep=1.0) * fall(
            t, log_uniform(rng, 0.01, 0.08)
        )
        hits.append((float(at), palm * rng.uniform(0.4, 1)))
    return placed(0.4, hits)


def rim(rng: Generator) -> Floats:
    kinds = (side_stick, side_stick, machine_rim, sticks)
    return kinds[rng.integers(len(kinds))](rng)


def machine_rim(rng: Generator) -> Floats:
    t = times(0.15)
    hz = np.array([log_uniform(rng, 350, 1100), log_uniform(rng, 900, 2200), log_uniform(rng, 1800, 5000)])
    y = modes(t, hz, log_uniform(rng, 0.015, 0.09) * rng.uniform(0.5, 1, 3), rng.uniform(0.1, 1, 3), rng)
    return y + click(t, rng, 1500, 9000, 0.003) * rng.uniform(0.1, 1)


def side_stick(rng: Generator) -> Floats:
    """A stick laid across: wood and shell, with the wires answering softly."""
    t = times(log_uniform(rng, 0.1, 0.4))
    hz = log_spread(rng, 250, 2800, 7)
    wood = modes(t, hz, log_uniform(rng, 0.015, 0.12) * rng.uniform(0.3, 1, 7), rng.uniform(0.1, 1, 7), rng)
    wires = noise(t, rng, 1000, 9000) * fall(t, log_uniform(rng, 0.04, 0.25), 0.003)
    return wood + click(t, rng, 1500, 10000, 0.004) * rng.uniform(0.2, 1.2) + wires * rng.uniform(0, 0.35)


def sticks(rng: Generator) -> Floats:
    """Two sticks struck together, as one counts in."""
    t = times(0.2)
    base = log_uniform(rng, 900, 3500)
    y = modes(
        t,
        base * np.array([1, rng.uniform(1.02, 1.3), rng.uniform(1.8, 3)]),
        rng.uniform(0.01, 0.06, 3),
        rng.uniform(0.3, 1, 3),
        rng,
    )
    return y + click(t, rng, 2000, 12000, 0.003) * rng.uniform(0.2, 1.2)
