"""Bells, bars and blocks: what rings with a few clear modes, of metal or of wood."""

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
    wave,
)
from training.synth.cymbals import sampled

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def bell(rng: Generator) -> Floats:
    y = KINDS[rng.integers(len(KINDS))](rng)
    return sampled(y, rng) if chance(rng, 0.08) else y


def cowbell(rng: Generator) -> Floats:
    """Two squares about a fifth apart behind a band, as the TR-808 has it (540 and 800 Hz) and all who came after."""
    t = times(log_uniform(rng, 0.1, 0.9))
    base = log_uniform(rng, 350, 1100)
    kind = str(rng.choice(["square", "square", "triangle", "sine"]))
    pair = wave(2 * np.pi * base * t, kind) * rng.uniform(0.4, 1) + wave(
        2 * np.pi * base * rng.uniform(1.3, 1.65) * t, kind
    )
    snap = 1 + rng.uniform(0, 2) * np.exp(-t / log_uniform(rng, 0.003, 0.02))  # fast at first, then slow
    return (
        filtered(pair, base * rng.uniform(0.7, 1.3), base * log_uniform(rng, 1.5, 10))
        * snap
        * fall(t, log_uniform(rng, 0.08, 0.9), curve=rng.uniform(0.5, 1))
    )


def woodblock(rng: Generator) -> Floats:
    t = times(0.3)
    base = log_uniform(rng, 500, 3200)
    hz = base * np.array([1, rng.uniform(1.4, 2.9), rng.uniform(2.9, 5)])
    y = modes(
        t,
        hz,
        log_uniform(rng, 0.02, 0.2) * np.array([1, 0.5, 0.3]),
        np.array([1, 0.4, 0.2]) * rng.uniform(0.2, 1, 3),
        rng,
    )
    return y + click(t, rng, 1000, 8000, 0.002) * rng.uniform(0, 0.4)


def clave(rng: Generator) -> Floats:
    """One clear mode of hard wood, and the click of the stroke."""
    t = times(0.3)
    base = log_uniform(rng, 1200, 3600)
    y = modes(
        t,
        base * np.array([1, rng.uniform(1.3, 2.8)]),
        log_uniform(rng, 0.02, 0.15) * np.array([1, 0.4]),
        np.array([1, rng.uniform(0, 0.3)]),
        rng,
    )
    return y + click(t, rng, 1500, 12000, 0.002) * rng.uniform(0, 0.6)


def triangle(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.15, 2))
    hz = log_uniform(rng, 1200, 4500) * np.cumprod(rng.uniform(1.1, 1.6, 8))
    return modes(
        t, hz, log_uniform(rng, 0.15, 3) * rng.uniform(0.3, 1, 8), rng.uniform(0.1, 1, 8), rng
    ) + click(t, rng, 3000, 14000, 0.003)


def agogo(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.15, 0.9))
    base = log_uniform(rng, 450, 1900)
    hz = base * np.array([1, 1.5, 2.4, 3.1, 4.4]) * rng.uniform(0.9, 1.1, 5)
    return modes(
        t,
        hz,
        log_uniform(rng, 0.1, 0.9) * rng.uniform(0.3, 1, 5),
        rng.uniform(0.05, 1, 5) * [1, 0.8, 0.6, 0.5, 0.4],
        rng,
    )


def struck_cowbell(rng: Generator) -> Floats:
    """A bell of sheet metal: a few strong modes, a crowd of weak ones, choked or let ring; agogo bells are its sisters."""
    t = times(log_uniform(rng, 0.1, 1.5))
    base = log_uniform(rng, 280, 1600)
    strong = base * np.array([1, rng.uniform(1.4, 1.7), rng.uniform(2, 2.9), rng.uniform(3, 4.5)])
    hz = np.concatenate([strong, strong * rng.uniform(0.99, 1.01, 4), log_spread(rng, base, 14000, 18)])
    level = np.concatenate([rng.uniform(0.3, 1, 4), rng.uniform(0, 0.4, 4), rng.uniform(0, 0.4, 18)])
    y = modes(t, hz, log_uniform(rng, 0.05, 1.3) * rng.uniform(0.3, 1, 26), level, rng)
    stroke = click(t, rng, log_uniform(rng, 500, 3000), 14000, 0.006) * rng.uniform(0.1, 1.5)
    return y + stroke + noise(t, rng, 300, 3000) * fall(t, 0.05) * rng.uniform(0, 0.4)


def church_bell(rng: Generator) -> Floats:
    """Hum, prime, tierce, quint and nominal, each a beating pair."""
    t = times(log_uniform(rng, 0.4, 3))
    hz = log_uniform(rng, 300, 2500) * np.array([0.5, 1, 1.2, 1.5, 2, 2.5, 3])
    pairs = np.concatenate([hz, hz * rng.uniform(1, 1.006, 7)])
    return modes(
        t,
        pairs,
        log_uniform(rng, 0.5, 4) / (pairs / hz[0]) ** rng.uniform(0.2, 1),
        rng.uniform(0.1, 1, 14),
        rng,
    ) + click(t, rng, 2000, 9000, 0.004) * rng.uniform(0, 0.5)


def bell_tree(rng: Generator) -> Floats:
    """Many small bells or chimes, one after another."""
    length = log_uniform(rng, 0.6, 3)
    t = times(length)
    at = np.sort(rng.uniform(0, length * 0.7, int(rng.integers(6, 30))))
    hz = np.sort(log_spread(rng, 1500, 9000, len(at)))[:: 1 if chance(rng, 0.5) else -1]
    hits = [
        (float(a), modes(t, f * np.array([1, 2.76]), rng.uniform(0.3, 1.5, 2), rng.uniform(0.2, 1, 2), rng))
        for a, f in zip(at, hz, strict=True)
    ]
    return placed(length, hits)


def thick_cowbell(rng: Generator) -> Floats:
    """Held in the hand and struck with a thick stick: one or two strong modes, dull, dry."""
    t = times(log_uniform(rng, 0.12, 0.8))
    base = log_uniform(rng, 380, 1300)
    hz = base * np.array([1, rng.uniform(1.35, 1.65), rng.uniform(2.2, 3.2), rng.uniform(3.5, 5)])
    level = np.array([1, log_uniform(rng, 0.1, 1), log_uniform(rng, 0.02, 0.5), log_uniform(rng, 0.01, 0.3)])
    y = modes(t, hz, log_uniform(rng, 0.08, 0.9) * np.array([1, 0.8, 0.5, 0.3]), level, rng)
    return y + click(t, rng, 400, log_uniform(rng, 2000, 9000), 0.005) * rng.uniform(0, 0.5)


def tube(rng: Generator) -> Floats:
    """Triangles, finger cymbals, glockenspiel bars and tubes: free bars ring at 1, 2.76, 5.4 and 8.9, in beating pairs, and for long."""
    t = times(log_uniform(rng, 0.4, 3.6))
    hz = log_uniform(rng, 700, 5000) * np.array([1, 2.76, 5.4, 8.93]) * rng.uniform(0.96, 1.04, 4)
    pairs = np.concatenate([hz, hz * rng.uniform(1, 1.008, 4), log_spread(rng, hz[0], 15000, 6)])
    level = rng.uniform(0.1, 1, 14) * np.repeat([1, 0.4], [8, 6])
    y = modes(t, pairs, log_uniform(rng, 0.6, 8) * rng.uniform(0.3, 1, 14), level, rng)
    return y + click(t, rng, 3000, 14000, 0.003) * rng.uniform(0, 0.6)


def hand_bell(rng: Generator) -> Floats:
    """A call bell, a bicycle's or a cow's own: rung once or again and again by a loose clapper."""
    length = log_uniform(rng, 0.4, 3)
    t = times(length)
    count = int(rng.integers(3, 8))
    hz = log_uniform(rng, 500, 3500) * np.cumprod(rng.uniform(1.05, 1.9, count))
    y = modes(t, hz, log_uniform(rng, 0.2, 4) * rng.uniform(0.3, 1, count), rng.uniform(0.1, 1, count), rng)
    y = y + click(t, rng, 2000, 12000, 0.003) * rng.uniform(0, 1)
    at = np.cumsum(rng.uniform(0.06, 0.25, int(rng.integers(1, 8)))) if chance(rng, 0.35) else np.zeros(1)
    return placed(length, [(float(a - at[0]), y * rng.uniform(0.4, 1)) for a in at])


def chimes(rng: Generator) -> Floats:
    """A mark tree, swept over: one bar after another from low to high or back, all of them ringing on."""
    length = log_uniform(rng, 1.2, 3.6)
    count = int(rng.integers(12, 36))
    at = np.linspace(0, length * rng.uniform(0.3, 0.8), count) + rng.uniform(0, 0.03, count)
    hz = np.geomspace(log_uniform(rng, 1200, 3500), log_uniform(rng, 4500, 13000), count)
    ring = log_uniform(rng, 0.5, 5)
    bars = [
        modes(
            times(min(ring, length)),
            f * np.array([1, rng.uniform(1, 1.01)]),
            ring * rng.uniform(0.4, 1, 2),
            rng.uniform(0.2, 1, 2),
            rng,
        )
        for f in hz[:: 1 if chance(rng, 0.5) else -1]
    ]
    return placed(length, list(zip(at.tolist(), bars, strict=True)))


def temple_block(rng: Generator) -> Floats:
    """A hollow of wood with a slit: one deep round mode, a weak second, and the knock."""
    t = times(0.4)
    base = log_uniform(rng, 250, 1400)
    hz = base * np.array([1, rng.uniform(1.6, 3.4), rng.uniform(3.5, 6)])
    y = modes(
        t,
        hz,
        log_uniform(rng, 0.04, 0.25) * np.array([1, 0.6, 0.3]),
        np.array([1, 0.3, 0.15]) * rng.uniform(0.2, 1, 3),
        rng,
    )
    return y + noise(t, rng, log_uniform(rng, 200, 1500), 7000) * fall(
        t, log_uniform(rng, 0.004, 0.03)
    ) * rng.uniform(0, 0.6)


def machine_block(rng: Generator) -> Floats:
    """A ringing filter kicked once: claves and blocks of the analogue boxes (TR-808: 2.5 kHz)."""
    t = times(0.25)
    base = log_uniform(rng, 400, 3200)
    y = np.sin(2 * np.pi * base * t) + rng.uniform(0, 0.7) * np.sin(
        2 * np.pi * base * rng.uniform(0.4, 0.9) * t
    )
    return np.tanh(y * rng.uniform(0.5, 4)) * fall(
        t, log_uniform(rng, 0.02, 0.2), curve=rng.uniform(0.8, 1.3)
    )


KINDS = (
    *(cowbell, cowbell, thick_cowbell, thick_cowbell, struck_cowbell, struck_cowbell),
    *(woodblock, temple_block, clave, machine_block, agogo, agogo),
    *(triangle, tube, hand_bell, church_bell, bell_tree, chimes),
)
