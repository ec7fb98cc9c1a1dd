"""Hats, cymbals and bells, and the blocks of wood that are filed with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.building_blocks import (
    SR,
    chance,
    click,
    fall,
    filtered,
    log_spread,
    log_uniform,
    metal,
    modes,
    noise,
    placed,
    times,
    wave,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats


def hat(rng: Generator, decay: float) -> Floats:
    return machine_hat(rng, decay) if chance(rng, 0.6) else real_hat(rng, decay)


def machine_hat(rng: Generator, decay: float) -> Floats:
    t = times(decay * 1.1)
    kind = rng.choice(["squares", "modes", "fm", "noise"])
    source = (
        noise(t, rng, 2000, 16000, rng.uniform(-2, 4))
        if kind == "noise"
        else metal(t, rng, log_uniform(rng, 150, 900), kind)
    )
    y = filtered(source, log_uniform(rng, 3000, 9000), log_uniform(rng, 9000, 18000), rng.uniform(1, 3))
    y = y / max(float(np.abs(y).max()), 1e-9)
    stick = click(t, rng, 2000, 10000, 0.003) * rng.uniform(0, 1)
    return y * fall(t, decay, log_uniform(rng, 0.0002, 0.004), rng.uniform(0.6, 1.3)) + stick


def real_hat(rng: Generator, decay: float) -> Floats:
    """Two plates under a microphone: a crowd of modes down to the low mids, hiss where they meet, wood at the front."""
    t = times(decay * 1.2)
    hz = log_spread(rng, log_uniform(rng, 250, 2500), 17000, 60)
    plates = (
        modes(
            t,
            hz,
            decay * rng.uniform(0.3, 1.2, 60),
            rng.uniform(0.1, 1, 60) * (hz / 5000) ** rng.uniform(-0.2, 0.8),
            rng,
        )
        / 10
    )
    rough = noise(t, rng, log_uniform(rng, 1500, 7000), 18000, rng.uniform(-1, 4)) * fall(
        t, decay, log_uniform(rng, 0.0003, 0.006), rng.uniform(0.6, 1.4)
    )
    stick = click(t, rng, log_uniform(rng, 300, 3000), 12000, 0.005)
    return plates * rng.uniform(0.2, 1) + rough * rng.uniform(0.3, 1.2) + stick * rng.uniform(0, 0.8)


def hat_closed(rng: Generator) -> Floats:
    return pedal(rng) if chance(rng, 0.2) else hat(rng, log_uniform(rng, 0.02, 0.22))


def pedal(rng: Generator) -> Floats:
    """The foot claps the cymbals together: a dull clunk, then a soft, thick chick without a stick."""
    t = times(0.35)
    plates = (
        modes(
            t,
            log_spread(rng, log_uniform(rng, 300, 2500), 14000, 30),
            rng.uniform(0.02, 0.25, 30),
            rng.uniform(0.1, 1, 30),
            rng,
        )
        / 6
    )
    chick = noise(t, rng, log_uniform(rng, 800, 5000), 15000) * fall(
        t, log_uniform(rng, 0.03, 0.25), log_uniform(rng, 0.001, 0.02)
    )
    clunk = modes(t, log_spread(rng, 60, 700, 5), rng.uniform(0.03, 0.2, 5), rng.uniform(0.1, 1, 5), rng)
    closing = plates * rng.uniform(0, 1) + chick * rng.uniform(0.3, 1)
    return placed(0.4, [(0.0, clunk * log_uniform(rng, 0.01, 0.6)), (rng.uniform(0, 0.03), closing)])


def hat_open(rng: Generator) -> Floats:
    if chance(rng, 0.2):  # let ring, then closed by the foot
        y = hat(rng, log_uniform(rng, 0.5, 1.5))
        stop = int(log_uniform(rng, 0.15, 0.6) * SR)
        return np.concatenate([y[:stop], y[stop:] * fall(times(len(y) / SR)[: max(0, len(y) - stop)], 0.05)])
    return hat(rng, log_uniform(rng, 0.22, 1.8))


def cymbal(rng: Generator) -> Floats:
    kinds = (crash, crash, crash, ride, ride, machine_cymbal)
    if chance(rng, 0.12):
        return gong(rng)
    y = kinds[rng.integers(len(kinds))](rng)
    return filtered(y, log_uniform(rng, 100, 9000), 18000) if chance(rng, 0.65) else y


def gong(rng: Generator) -> Floats:
    """Blooms late and low."""
    t = times(log_uniform(rng, 1.5, 4))
    hz = log_spread(rng, 60, 3000, 40)
    return modes(
        t, hz, log_uniform(rng, 2, 8) * rng.uniform(0.3, 1, 40), rng.uniform(0.1, 1, 40), rng
    ) * np.minimum(t / log_uniform(rng, 0.005, 0.4), 1)


def crash(rng: Generator) -> Floats:
    """A wash of modes that die from the top, and hiss."""
    decay = log_uniform(rng, 0.6, 4.5)
    t = times(min(decay, 3.2))
    hz = log_spread(rng, log_uniform(rng, 250, 4000), 17000, 70)
    wash = (
        modes(
            t,
            hz,
            decay * rng.uniform(0.2, 1, 70) * (hz.min() / hz) ** rng.uniform(0, 0.4),
            rng.uniform(0.1, 1, 70),
            rng,
        )
        / 12
    )
    hiss = noise(t, rng, log_uniform(rng, 700, 5000), 16000, rng.uniform(-3, 3)) * fall(
        t, decay * rng.uniform(0.3, 1), log_uniform(rng, 0.001, 0.03), rng.uniform(0.5, 1)
    )
    ping = modes(
        t, log_spread(rng, 800, 6000, 5), decay * rng.uniform(0.1, 0.6, 5), rng.uniform(0, 0.5, 5), rng
    ) * (rng.random() < 0.5)
    return (
        wash * rng.uniform(0.2, 1)
        + hiss * rng.uniform(0.1, 1)
        + ping
        + click(t, rng, 2000, 12000, 0.003) * rng.uniform(0, 0.7)
    )


def ride(rng: Generator) -> Floats:
    """A ping or a bell over a wash that goes on and on."""
    t = times(log_uniform(rng, 0.6, 3.2))
    ping = modes(
        t,
        log_spread(rng, 400, 7000, 10),
        log_uniform(rng, 0.1, 1.5) * rng.uniform(0.3, 1, 10),
        rng.uniform(0.1, 1, 10),
        rng,
    )
    hz = log_spread(rng, log_uniform(rng, 300, 4000), 16000, 60)
    wash = modes(t, hz, float(t[-1]) * rng.uniform(0.5, 1.5, 60), rng.uniform(0.1, 1, 60), rng) / 8
    return (
        ping * rng.uniform(0.2, 1)
        + wash * rng.uniform(0.2, 1)
        + click(t, rng, 2000, 13000, 0.004) * rng.uniform(0.1, 1)
    )


def machine_cymbal(rng: Generator) -> Floats:
    """Squares or FM behind a filter, as drum machines make their crashes."""
    decay = log_uniform(rng, 0.5, 3)
    t = times(min(decay, 3.0))
    source = metal(t, rng, log_uniform(rng, 200, 700), rng.choice(["squares", "fm"]))
    y = filtered(source, log_uniform(rng, 1500, 7000), 17000) + noise(t, rng, 3000, 17000) * rng.uniform(
        0, 0.4
    )
    return y * fall(t, decay, log_uniform(rng, 0.0005, 0.02), rng.uniform(0.5, 1))


def bell(rng: Generator) -> Floats:
    kinds = (
        cowbell,
        struck_cowbell,
        struck_cowbell,
        woodblock,
        clave,
        triangle,
        agogo,
        agogo,
        church_bell,
        bell_tree,
    )
    return kinds[rng.integers(len(kinds))](rng)


def cowbell(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.1, 0.7))
    base = log_uniform(rng, 380, 1000)
    kind = rng.choice(["square", "triangle"])
    pair = wave(2 * np.pi * base * t, kind) + wave(2 * np.pi * base * rng.uniform(1.35, 1.6) * t, kind)
    return filtered(pair, base, base * log_uniform(rng, 2, 10)) * fall(
        t, log_uniform(rng, 0.08, 0.6), curve=rng.uniform(0.5, 1)
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
