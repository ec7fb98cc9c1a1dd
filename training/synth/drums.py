"""Kicks, snares, hats, and the percussion around them, from analogue circuits to skins and wood."""

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
    metal,
    modes,
    noise,
    placed,
    swept,
    times,
    wave,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def kick(rng: Generator) -> Floats:
    return (electronic_kick, electronic_kick, acoustic_kick, fm_kick)[rng.integers(4)](rng)


def electronic_kick(rng: Generator) -> Floats:
    decay = log_uniform(rng, 0.08, 1.4)
    t = times(decay * 1.1)
    end = log_uniform(rng, 32, 90)
    phase = swept(t, end * log_uniform(rng, 1.3, 9), end, log_uniform(rng, 0.004, 0.07))
    body = wave(phase, rng.choice(["sine", "sine", "sine", "triangle"])) * fall(
        t, decay, curve=rng.uniform(0.8, 1.8)
    )
    y = body + rng.uniform(0, 0.7) * click(t, rng, log_uniform(rng, 300, 3000), log_uniform(rng, 3000, 14000))
    return np.tanh(y * log_uniform(rng, 0.5, 6)) if chance(rng, 0.5) else y


def acoustic_kick(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.2, 0.7))
    base = log_uniform(rng, 45, 95)
    hz = base * np.array([1, 1.5, 1.9, 2.4, 3.1]) * rng.uniform(0.95, 1.05, 5)
    level = np.array([1, 0.5, 0.35, 0.2, 0.12]) * rng.uniform(0.3, 1, 5)
    skin = modes(t, hz, log_uniform(rng, 0.12, 0.5) * rng.uniform(0.4, 1, 5), level, rng)
    bend = np.sin(swept(t, base * rng.uniform(1.5, 3), base, 0.012)) * fall(t, log_uniform(rng, 0.1, 0.4))
    beater = click(t, rng, rng.uniform(800, 2500), rng.uniform(3000, 9000), 0.008)
    air = noise(t, rng, 60, log_uniform(rng, 200, 1500)) * fall(t, log_uniform(rng, 0.04, 0.2))
    return skin * rng.uniform(0.3, 1) + bend + beater * rng.uniform(0.05, 0.8) + air * rng.uniform(0, 0.5)


def fm_kick(rng: Generator) -> Floats:
    decay = log_uniform(rng, 0.1, 0.6)
    t = times(decay * 1.1)
    base = log_uniform(rng, 38, 80)
    index = rng.uniform(1, 8) * fall(t, log_uniform(rng, 0.015, 0.12))
    carrier = swept(t, base * log_uniform(rng, 1.2, 4), base, log_uniform(rng, 0.008, 0.05))
    return np.sin(carrier + index * np.sin(carrier * rng.choice([0.5, 1, 1.5, 2, 3]))) * fall(t, decay)


def snare(rng: Generator) -> Floats:
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


def hat(rng: Generator, decay: float) -> Floats:
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


def hat_closed(rng: Generator) -> Floats:
    if chance(rng, 0.2):  # a pedal claps the cymbals together: soft, thick, no stick
        t = times(0.2)
        return noise(t, rng, log_uniform(rng, 1500, 5000), 14000) * fall(
            t, log_uniform(rng, 0.03, 0.15), log_uniform(rng, 0.001, 0.01)
        )
    return hat(rng, log_uniform(rng, 0.02, 0.18))


def hat_open(rng: Generator) -> Floats:
    return hat(rng, log_uniform(rng, 0.25, 1.5))


def clap(rng: Generator) -> Floats:
    if chance(rng, 0.15):  # a snap of the fingers
        t = times(0.15)
        tone = modes(
            t,
            np.array([log_uniform(rng, 1200, 3500)]),
            np.array([rng.uniform(0.02, 0.08)]),
            np.array([1.0]),
            rng,
        )
        return tone * rng.uniform(0.2, 1) + click(t, rng, 1500, 9000, 0.01)
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


def rim(rng: Generator) -> Floats:
    t = times(0.15)
    hz = np.array([log_uniform(rng, 350, 1100), log_uniform(rng, 900, 2200), log_uniform(rng, 1800, 5000)])
    y = modes(t, hz, log_uniform(rng, 0.015, 0.09) * rng.uniform(0.5, 1, 3), rng.uniform(0.1, 1, 3), rng)
    return y + click(t, rng, 1500, 9000, 0.003) * rng.uniform(0.1, 1)


def tom(rng: Generator) -> Floats:
    decay = log_uniform(rng, 0.15, 1.1)
    t = times(decay * 1.1)
    base = log_uniform(rng, 60, 320)
    body = wave(
        swept(t, base * rng.uniform(1, 1.8), base, log_uniform(rng, 0.01, 0.15)),
        rng.choice(["sine", "sine", "triangle"]),
    )
    overtones = modes(
        t,
        base * np.array([1.59, 2.14, 2.3, 2.65]),
        decay * rng.uniform(0.1, 0.5, 4),
        rng.uniform(0, 0.4, 4),
        rng,
    )
    stick = click(t, rng, 800, 7000, 0.006) * rng.uniform(0, 0.5)
    air = noise(t, rng, 100, 2500) * fall(t, log_uniform(rng, 0.03, 0.2)) * rng.uniform(0, 0.4)
    return body * fall(t, decay, curve=rng.uniform(0.8, 1.4)) + overtones * rng.uniform(0, 1) + stick + air


def hand_drum(rng: Generator) -> Floats:
    t = times(log_uniform(rng, 0.1, 0.7))
    base = log_uniform(rng, 80, 750)
    tabla = chance(rng, 0.3)
    ratios = np.arange(1.0, 6) if tabla else np.array([1, 1.5, 1.95, 2.4, 3.0]) * rng.uniform(0.92, 1.08, 5)
    decay = log_uniform(rng, 0.05, 0.8 if tabla else 0.35)
    skin = modes(
        t,
        base * ratios,
        decay * rng.uniform(0.2, 1, 5),
        rng.uniform(0, 1, 5) / np.arange(1, 6) ** rng.uniform(0, 1.2),
        rng,
    )
    bend = np.sin(swept(t, base * rng.uniform(0.7, 1.5), base, 0.05)) * fall(t, decay)
    slap = noise(t, rng, log_uniform(rng, 400, 3000), log_uniform(rng, 4000, 12000)) * fall(
        t, log_uniform(rng, 0.008, 0.09)
    )
    return skin + bend * rng.uniform(0, 1) + slap * rng.uniform(0, 1.3)


def bell(rng: Generator) -> Floats:
    return (cowbell, woodblock, triangle, agogo)[rng.integers(4)](rng)


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


def shaker(rng: Generator) -> Floats:
    return (shaken, shaken, tambourine, guiro)[rng.integers(4)](rng)


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


def cymbal(rng: Generator) -> Floats:
    if chance(rng, 0.12):  # a gong blooms late and low
        t = times(log_uniform(rng, 1.5, 4))
        hz = log_spread(rng, 60, 3000, 40)
        return modes(
            t, hz, log_uniform(rng, 2, 8) * rng.uniform(0.3, 1, 40), rng.uniform(0.1, 1, 40), rng
        ) * np.minimum(t / log_uniform(rng, 0.005, 0.4), 1)
    decay = log_uniform(rng, 0.6, 4.5)
    t = times(min(decay, 3.2))
    hz = log_spread(rng, log_uniform(rng, 250, 900), 16000, 70)
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
