"""Skins over shells: the modes of a round membrane, what strikes it, the wires below, and what a studio adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import jn_zeros, jv

from training.synth.blocks import (
    SR,
    chance,
    fall,
    filtered,
    log_spread,
    log_uniform,
    modes,
    noise,
    placed,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from training.synth.blocks import Floats

    Builder = Callable[[Generator], Floats]

# Zeros of the Bessel functions: an ideal round membrane has a mode at each (Fletcher & Rossing, ch. 3).
ZEROS = sorted((float(zero), m) for m in range(12) for zero in jn_zeros(m, 5))[:44]
DIAMETERS = np.array([m for _, m in ZEROS])
ROOTS = np.array([zero for zero, _ in ZEROS])


def drawn(rng: Generator, kinds: tuple[tuple[Builder, float], ...]) -> Floats:
    """A sound by one of the builders, each as often as its weight says."""
    weights = np.array([weight for _, weight in kinds])
    return kinds[rng.choice(len(kinds), p=weights / weights.sum())][0](rng)


def struck_skin(
    t: Floats,
    rng: Generator,
    base: float,
    decay: float,
    *,
    corner: float,
    where: float,
    damping: float = 1.0,
    bend: float = 0.0,
) -> Floats:
    """A membrane struck at `where` (0 middle, 1 edge); what strikes it excites little above `corner` Hz.

    The higher modes without a diameter radiate strongly and die first, the lowest is held up by the
    air between two heads; a blow stretches the skin, so that
    every mode begins sharp by `bend` and sinks; a second head rings along a little off.
    """
    ratios = (ROOTS / ROOTS[0]) ** rng.uniform(0.85, 1.05) * rng.uniform(0.985, 1.015, len(ROOTS))
    level = np.abs(jv(DIAMETERS, ROOTS * where)) * rng.uniform(0.3, 1, len(ROOTS))
    level /= ratios ** rng.uniform(0, 1.6) * (1 + (base * ratios / corner) ** 2)
    lasts = decay * rng.uniform(0.4, 1, len(ROOTS)) / ratios**damping
    lasts = np.where((DIAMETERS == 0) & (ratios > 1.5), lasts * rng.uniform(0.3, 1), lasts)
    lasts[0] = decay * rng.uniform(0.6, 1.1)
    level[0] *= log_uniform(rng, 0.7, 2.5)
    tau = log_uniform(rng, 0.02, 0.25)
    warped = (t + bend * tau * (1 - np.exp(-t / tau))).astype(np.float32)
    heard = level > 0.003 * level.max()
    skin = modes(warped, base * ratios[heard], lasts[heard], level[heard], rng)
    if chance(rng, 0.5):
        few = slice(0, 7)
        other = base * log_uniform(rng, 0.75, 1.5) * ratios[few]
        skin += modes(
            warped, other, lasts[few] * rng.uniform(0.4, 1.4), level[few] * rng.uniform(0, 0.7), rng
        )
    return skin / max(float(np.abs(skin).max()), 1e-9)


def blow(t: Floats, rng: Generator, low: float, high: float, length: float) -> Floats:
    """The contact of stick, beater or hand: a short noise, sometimes with the knock of wood in it."""
    y = noise(t, rng, low, max(high, 1.5 * low), rng.uniform(-4, 2)) * fall(t, length)
    if chance(rng, 0.4):
        hz = log_spread(rng, low, max(high, 1.5 * low), 5)
        y += 0.3 * modes(t, hz, log_uniform(rng, 0.4, 3) * length * rng.uniform(0.3, 1, 5), np.ones(5), rng)
    return y


def wires(t: Floats, rng: Generator, decay: float) -> Floats:
    """Snares against the lower head: they leave it, come back a moment later, and buzz on."""
    low = log_uniform(rng, 250, 4000)
    high = low * log_uniform(rng, 2, 40)
    y = noise(t, rng, low, min(high, 17_000), rng.uniform(-6, 3), steep=rng.uniform(0.4, 2))
    return y * fall(t, decay, log_uniform(rng, 0.0003, 0.01), rng.uniform(0.6, 1.8))


def chip_noise(t: Floats, rng: Generator) -> Floats:
    """A shift register clocked too slowly to be white; short registers repeat and have a tone."""
    clock = log_uniform(rng, 1500, 22_000)
    bits = rng.choice([-1.0, 1.0], 93 if chance(rng, 0.3) else 32_767)
    return bits[(t * clock).astype(int) % len(bits)].astype(np.float32)


def stepped(level: Floats, rng: Generator) -> Floats:
    """An envelope of a chip: 16 steps or fewer."""
    steps = int(rng.integers(4, 16))
    return np.ceil(level * steps - 0.5) / steps


def scaled(y: Floats, level: float = 1.0) -> Floats:
    return y * level / max(float(np.abs(y).max()), 1e-9)


def together(*layers: tuple[float, Floats]) -> Floats:
    """Layers that begin at their own times, none cut."""
    return placed(max(at + len(y) / SR for at, y in layers), list(layers))


def in_hall(y: Floats, rng: Generator, level: float, *, gated: bool = False) -> Floats:
    """A dense tail behind the sound, of its own colour; a gate holds it up and then shuts."""
    length = log_uniform(rng, 0.12, 0.6) if gated else log_uniform(rng, 0.3, 2.5)
    t = times(length)
    tail = noise(t, rng, log_uniform(rng, 60, 600), log_uniform(rng, 1500, 14_000), rng.uniform(-6, 0))
    shape = (
        fall(t, rng.uniform(1.0, 4.0)) * np.minimum((length - t) / 0.008, 1)
        if gated
        else fall(t, length, 0.004)
    )
    return together((0.0, y), (rng.uniform(0.0, 0.03), scaled(tail * shape, level * float(np.abs(y).max()))))


def off_a_record(y: Floats, rng: Generator) -> Floats:
    """Sampled from vinyl or tape: driven, dull, with the hiss of the record, cut before the next stroke."""
    y = np.tanh(scaled(y) * log_uniform(rng, 0.8, 5))
    y = filtered(y, log_uniform(rng, 20, 120), log_uniform(rng, 2500, 11_000), 1.5)
    y = y[: int(log_uniform(rng, 0.09, 0.7) * SR)]
    t = times(len(y) / SR)[: len(y)]
    hiss = noise(t, rng, 40, 7000, rng.uniform(-5, 0)) * 10 ** (rng.uniform(-55, -26) / 20)
    y[-220:] *= np.linspace(1, 0, len(y[-220:]))
    return y + hiss[: len(y)]
