"""Snares, claps and rims: what is struck short and carries noise."""

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
from training.synth.membranes import (
    blow,
    chip_noise,
    drawn,
    in_hall,
    off_a_record,
    scaled,
    stepped,
    struck_skin,
    together,
    wires,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def snare(rng: Generator) -> Floats:
    return drawn(rng, SNARES)


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


def drum_snare(rng: Generator) -> Floats:
    """A snare drum of 10 to 14 inches: two heads, a shell, wires that may be loose, tight or hardly there.

    Struck in the middle it is short and full, near the edge it rings, with the rim it cracks.
    """
    base = log_uniform(rng, 115, 360)
    decay = log_uniform(rng, 0.07, 1.4)
    buzz = log_uniform(rng, 0.06, 0.7)
    t = times(min(1.1 * max(decay, buzz), 1.2))
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 400, 9000),
        where=rng.uniform(0, 0.8),
        damping=rng.uniform(0, 1.3),
        bend=log_uniform(rng, 0.005, 0.5),
    )
    stick = blow(
        t, rng, log_uniform(rng, 400, 3000), log_uniform(rng, 3000, 15_000), log_uniform(rng, 0.004, 0.06)
    )
    y = skin + wires(t, rng, buzz) * log_uniform(rng, 0.05, 2) + stick * log_uniform(rng, 0.04, 1.5)
    return y + rim_crack(t, rng) * log_uniform(rng, 0.1, 1.2) if chance(rng, 0.25) else y


def rim_crack(t: Floats, rng: Generator) -> Floats:
    """The hoop and the shell under a stick that hits both: many short lines from 300 Hz up."""
    count = int(rng.integers(7, 28))
    hz = log_spread(rng, log_uniform(rng, 250, 900), log_uniform(rng, 2500, 8000), count)
    decay = log_uniform(rng, 0.015, 0.3) * rng.uniform(0.2, 1, count)
    return scaled(modes(t, hz, decay, rng.uniform(0.1, 1, count), rng))


def brushed_snare(rng: Generator) -> Floats:
    """Wires of a brush: a tap that is soft and wide, or a sweep that swells; the skin answers dully."""
    t = times(log_uniform(rng, 0.12, 0.9))
    sweep = chance(rng, 0.4)
    rise = log_uniform(rng, 0.02, 0.3) if sweep else log_uniform(rng, 0.001, 0.012)
    grain = 1 + rng.uniform(0, 0.8) * noise(t, rng, 20, 300)
    brush = (
        noise(t, rng, log_uniform(rng, 200, 2500), log_uniform(rng, 4000, 15_000), rng.uniform(-4, 2)) * grain
    )
    skin = struck_skin(
        t,
        rng,
        log_uniform(rng, 130, 350),
        log_uniform(rng, 0.05, 0.4),
        corner=log_uniform(rng, 200, 1200),
        where=0.4,
    )
    y = brush * fall(t, log_uniform(rng, 0.06, 0.6), rise)
    return y + skin * log_uniform(rng, 0.02, 0.2 if sweep else 1.0)


def machine_snare(rng: Generator) -> Floats:
    """Two ringing filters (808: near 180 and 330 Hz) or oscillators that fall (909), and a burst of noise.

    The knob called snappy goes from no noise to almost nothing else.
    """
    t = times(log_uniform(rng, 0.06, 0.7))
    base = log_uniform(rng, 115, 330)
    falls = log_uniform(rng, 0.003, 0.04)
    tone = sum(
        wave(
            swept(t, base * ratio * log_uniform(rng, 1, 3), base * ratio, falls),
            rng.choice(["sine", "sine", "triangle"]),
        )
        * fall(t, log_uniform(rng, 0.02, 0.35))
        * rng.uniform(0, 1)
        for ratio in (1, rng.uniform(1.4, 2.2))
    )
    hiss = noise(t, rng, log_uniform(rng, 200, 6000), log_uniform(rng, 6000, 18_000), rng.uniform(-4, 4))
    y = scaled(tone) + hiss * fall(
        t, log_uniform(rng, 0.04, 0.6), 0.0005, rng.uniform(0.7, 1.5)
    ) * log_uniform(rng, 0.04, 2.5)
    return y + click(t, rng) * log_uniform(rng, 0.02, 0.6)


def box_snare(rng: Generator) -> Floats:
    """Home organs and the first rhythm boxes: noise through a coil that rings, hardly any drum."""
    t = times(log_uniform(rng, 0.06, 0.4))
    centre = log_uniform(rng, 800, 7000)
    hiss = noise(t, rng, centre, centre * log_uniform(rng, 1.2, 5), steep=rng.uniform(0.5, 2))
    coil = np.sin(2 * np.pi * log_uniform(rng, 150, 700) * t) * fall(t, log_uniform(rng, 0.02, 0.15))
    return hiss * fall(t, log_uniform(rng, 0.04, 0.35), log_uniform(rng, 0.0005, 0.006)) + coil * rng.uniform(
        0, 0.8
    )


def chip_snare(rng: Generator) -> Floats:
    """The noise channel of a home computer or a game, its clock or a pulse falling at the start."""
    t = times(log_uniform(rng, 0.06, 0.5))
    base = log_uniform(rng, 90, 350)
    pulse = wave(
        swept(t, base * log_uniform(rng, 1, 6), base, log_uniform(rng, 0.01, 0.08)),
        rng.choice(["square", "triangle"]),
    )
    pulse = pulse * fall(t, log_uniform(rng, 0.03, 0.25))
    level = stepped(fall(t, float(t[-1]), curve=rng.uniform(0.7, 1.5)), rng)
    return chip_noise(t, rng) * np.maximum(level, 0) * rng.uniform(0.3, 1) + pulse * rng.uniform(0, 1)


def fm_snare(rng: Generator) -> Floats:
    """Operators with so much feedback and so odd a ratio that they are noise, over a tone."""
    t = times(log_uniform(rng, 0.08, 0.5))
    base = log_uniform(rng, 100, 420)
    odd = np.sin(
        2 * np.pi * base * rng.uniform(3, 17) * t
        + rng.uniform(2, 14) * np.sin(2 * np.pi * base * rng.uniform(2, 9) * t)
    )
    index = log_uniform(rng, 1, 12) * fall(t, log_uniform(rng, 0.05, 0.4))
    y = np.sin(swept(t, base * rng.uniform(1, 2.5), base, 0.02) + index * odd) * fall(
        t, log_uniform(rng, 0.06, 0.4)
    )
    hiss = noise(t, rng, log_uniform(rng, 400, 4000), 15_000) * fall(t, log_uniform(rng, 0.04, 0.35))
    return y + hiss * rng.uniform(0, 1)


def hall_snare(rng: Generator) -> Floats:
    """The gated halls and the plates of the eighties, and the long tails of cinema."""
    y = scaled((drum_snare, drum_snare, machine_snare, plain_snare)[rng.integers(4)](rng))
    return in_hall(y, rng, log_uniform(rng, 0.05, 0.9), gated=chance(rng, 0.6))


def tight_snare(rng: Generator) -> Floats:
    """Trap, techno and electro: a snare cut to a tenth of a second, pitched, driven."""
    y = (drum_snare, machine_snare, fm_snare)[rng.integers(3)](rng)
    y = filtered(y, log_uniform(rng, 40, 350), log_uniform(rng, 5000, 18_000))
    y = np.tanh(scaled(y) * log_uniform(rng, 1, 8))
    t = times(len(y) / SR)[: len(y)]
    return (y * fall(t, log_uniform(rng, 0.05, 0.25), curve=rng.uniform(1, 3)))[: int(0.3 * SR)]


def record_snare(rng: Generator) -> Floats:
    return off_a_record((drum_snare, drum_snare, plain_snare)[rng.integers(3)](rng), rng)


def layered_snare(rng: Generator) -> Floats:
    """A clap, a rim, another snare or a low tom's thump with a snare, as producers stack them."""
    under = scaled((plain_snare, drum_snare, machine_snare)[rng.integers(3)](rng))
    over = scaled((burst_clap, many_hands, rim, machine_snare, drum_snare)[rng.integers(5)](rng))
    return together((0.0, under), (rng.uniform(0, 0.012), over * rng.uniform(0.1, 0.7)))


def clap(rng: Generator) -> Floats:
    return drawn(rng, CLAPS)


def snap(rng: Generator) -> Floats:
    """A finger against the ball of the thumb: one hollow of the hand at 1 to 3.5 kHz, or several people."""
    hits = []
    low = log_uniform(rng, 900, 3000)
    for at in np.abs(rng.normal(0, log_uniform(rng, 0.001, 0.015), int(rng.integers(1, 5)))):
        t = times(0.15)
        hollows = low * rng.uniform(0.9, 1.1) * np.array([1, rng.uniform(1.3, 2.2), rng.uniform(2.3, 3.5)])
        tone = modes(
            t, hollows, log_uniform(rng, 0.01, 0.07) * rng.uniform(0.4, 1, 3), np.array([1, 0.4, 0.2]), rng
        )
        skin = click(t, rng, 1200, log_uniform(rng, 5000, 14_000), log_uniform(rng, 0.003, 0.015))
        hits.append((float(at), tone * rng.uniform(0.1, 1) + skin * rng.uniform(0.2, 1)))
    return placed(0.25, hits)


def burst_clap(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.15, 0.6))
    band = log_uniform(rng, 450, 1800)
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
    y = source * (bursts + tail * rng.uniform(0.2, 1))
    body = noise(t, rng, 150, log_uniform(rng, 300, 900)) * (bursts + tail)
    return y + body * log_uniform(rng, 0.01, 0.7)


def many_hands(rng: Generator) -> Floats:
    """Real palms, flat or hollow, never quite together; two people or a hall full."""
    hits = []
    spread, cupped = rng.uniform(0.002, 0.03), log_uniform(rng, 250, 1500)
    for at in np.abs(rng.normal(0, spread, int(log_uniform(rng, 1, 14)))):
        t = times(0.15)
        low = cupped * log_uniform(rng, 0.7, 1.4)
        palm = noise(t, rng, low, low * log_uniform(rng, 1.5, 8), steep=rng.uniform(0.5, 1.5)) * fall(
            t, log_uniform(rng, 0.01, 0.1)
        )
        hits.append((float(at), palm * rng.uniform(0.3, 1)))
    return placed(0.4, hits)


def hall_clap(rng: Generator) -> Floats:
    y = scaled((burst_clap, many_hands, snap)[rng.integers(3)](rng))
    return in_hall(y, rng, log_uniform(rng, 0.05, 0.6), gated=chance(rng, 0.3))


def rim(rng: Generator) -> Floats:
    return drawn(rng, RIMS)


def machine_rim(rng: Generator) -> Floats:
    """Ringing filters struck hard and driven (808: near 455 and 1667 Hz; 909: three of them)."""
    t = times(0.15)
    hz = np.array([log_uniform(rng, 350, 1100), log_uniform(rng, 900, 2200), log_uniform(rng, 1800, 5000)])
    y = modes(t, hz, log_uniform(rng, 0.015, 0.09) * rng.uniform(0.5, 1, 3), rng.uniform(0.1, 1, 3), rng)
    y = y + click(t, rng, 1500, 9000, 0.003) * rng.uniform(0.1, 1)
    return np.tanh(y * log_uniform(rng, 1, 8)) if chance(rng, 0.4) else y


def side_stick(rng: Generator) -> Floats:
    """A stick laid across and knocked on the hoop: wood, shell, the skin below it and the wires answering."""
    t = times(log_uniform(rng, 0.12, 0.8))
    wood = rim_crack(t, rng)
    skin = struck_skin(
        t,
        rng,
        log_uniform(rng, 120, 400),
        log_uniform(rng, 0.06, 1.0),
        corner=log_uniform(rng, 250, 2000),
        where=rng.uniform(0.2, 0.9),
        damping=rng.uniform(0.2, 1.5),
    )
    knock = blow(
        t, rng, log_uniform(rng, 600, 3000), log_uniform(rng, 5000, 15_000), log_uniform(rng, 0.003, 0.03)
    )
    buzz = wires(t, rng, log_uniform(rng, 0.04, 0.35))
    return (
        wood
        + skin * log_uniform(rng, 0.1, 1.6)
        + knock * log_uniform(rng, 0.15, 1.6)
        + buzz * log_uniform(rng, 0.01, 0.5)
    )


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


SNARES = (
    (plain_snare, 3),
    (drum_snare, 7),
    (brushed_snare, 0.7),
    (machine_snare, 4),
    (box_snare, 0.8),
    (chip_snare, 0.8),
    (fm_snare, 0.8),
    (hall_snare, 1.5),
    (tight_snare, 1.5),
    (record_snare, 2),
    (layered_snare, 2.5),
)
CLAPS = ((burst_clap, 6), (many_hands, 2), (snap, 1.5), (hall_clap, 1))
RIMS = ((side_stick, 5), (machine_rim, 3), (sticks, 2))
