"""Everyday things: steps, doors, cloth, paper, glass, water, tools, engines. Bodies, grains, and the hand that moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
    SR,
    chance,
    click,
    fall,
    filtered,
    held,
    log_spread,
    log_uniform,
    modes,
    noise,
    placed,
    times,
)
from training.synth.filters import formed, levelled, resonances, saw, swept_low_pass, wander

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats

# Lowest and highest mode, shortest and longest ring: dull things to glass.
MATERIALS = {
    "soft": (50, 700, 0.01, 0.06),
    "wood": (120, 3500, 0.01, 0.12),
    "plastic": (300, 6000, 0.005, 0.05),
    "stone": (400, 9000, 0.004, 0.05),
    "metal": (400, 12_000, 0.05, 0.9),
    "glass": (1200, 14_000, 0.03, 0.5),
}


def struck(rng: Generator, material: str, length: float = 0.4) -> Floats:
    """A thing that is hit once: its modes, and the noise of the contact."""
    low, high, shortest, longest = MATERIALS[material]
    t = times(length)
    count = int(rng.integers(4, 14))
    ring = log_uniform(rng, shortest, longest) * rng.uniform(0.2, 1, count)
    y = modes(t, log_spread(rng, low, high, count), ring, rng.uniform(0.1, 1, count), rng)
    contact = noise(t, rng, low, log_uniform(rng, low * 3, 15_000)) * fall(t, log_uniform(rng, 0.005, 0.08))
    return levelled(y + contact * rng.uniform(0.2, 4))


def material(rng: Generator) -> str:
    return str(rng.choice(list(MATERIALS)))


def grains(t: Floats, rng: Generator, density: float, low: float, high: float) -> Floats:
    """Gravel, crumpled paper, fire: single clicks by chance, loud ones seldom, `density` of them a second."""
    count = max(2, int(density * t[-1]))
    y = np.zeros(len(t), np.float32)
    y[(rng.random(count) * len(t)).astype(int)] = rng.normal(0, 1, count) * rng.exponential(1, count)
    return levelled(filtered(y, low, high))


def drawn_over(t: Floats, rng: Generator) -> Floats:
    """A hand moves: one to four strokes of uneven force."""
    knots = 2 * int(rng.integers(1, 5)) + 1
    level = np.where(np.arange(knots) % 2, rng.uniform(0.3, 1, knots), rng.uniform(0, 0.2, knots))
    level[[0, -1]] = 0
    at = np.concatenate([[0], np.sort(rng.uniform(0, t[-1], knots - 2)), t[-1:]])
    return np.interp(t, at, level).astype(np.float32)


def steps(rng: Generator) -> Floats:
    """A heel and a sole on wood, stone, gravel, grass or snow; one step or a few."""
    kind, apart = material(rng), log_uniform(rng, 0.25, 0.7)
    low = log_uniform(rng, 200, 3000)
    high, roll, ground = low * log_uniform(rng, 2, 8), rng.uniform(0.03, 0.15), rng.uniform(0, 1.5)
    density, heel = log_uniform(rng, 80, 6000), rng.uniform(0.1, 1)
    hits = []
    for k in range(int(rng.choice([1, 1, 1, 2, 3, 4]))):
        t = times(log_uniform(rng, 0.1, 0.4))
        sole = grains(t, rng, density, low, high) * fall(t, float(t[-1]), rng.uniform(0.005, 0.08))
        at = k * apart * rng.uniform(0.9, 1.1)
        hits += [(at, struck(rng, kind) * heel), (at + roll * rng.uniform(0.5, 1), sole * ground)]
    return placed(hits[-1][0] + 0.4, hits)


def rustle(rng: Generator) -> Floats:
    """Cloth, leaves, paper, bags: hiss and crackle that follow the hand."""
    t = times(log_uniform(rng, 0.15, 2))
    low = log_uniform(rng, 300, 5000)
    hiss = noise(t, rng, low, low * log_uniform(rng, 2, 10)) * (0.5 + 0.5 * wander(t, rng, 40))
    crackle = grains(t, rng, log_uniform(rng, 50, 3000), low, 14_000)
    return (hiss * rng.uniform(0, 1) + crackle * rng.uniform(0, 2)) * drawn_over(t, rng)


def door(rng: Generator) -> Floats:
    """The latch, the creak of the hinge, the slam and what rattles after it; any may be missing."""
    kind = str(rng.choice(["wood", "metal", "soft"]))
    hits = [(0.0, struck(rng, "metal") * rng.uniform(0, 0.6))]
    at = rng.uniform(0.03, 0.2)
    if chance(rng, 0.4):
        creaked = creak(rng)
        hits.append((at, levelled(creaked) * rng.uniform(0.1, 0.8)))
        at += len(creaked) / SR
    hits += [(at, struck(rng, kind)), (at + 0.004, struck(rng, "soft") * rng.uniform(0, 1.5))]
    hits += [
        (at + d, struck(rng, "metal") * rng.uniform(0, 0.4)) for d in rng.uniform(0.01, 0.3, rng.integers(4))
    ]
    return placed(at + log_uniform(rng, 0.15, 0.8), hits)


def creak(rng: Generator) -> Floats:
    """Stick and slip: pulses at a rate that wanders, through a body of wood; a zip fastener, a rope, a ratchet."""
    t = times(log_uniform(rng, 0.15, 1.5))
    rate = log_uniform(rng, 15, 500) * 2 ** (wander(t, rng, 5) * rng.uniform(0.2, 2))
    turns = np.cumsum(rate) / SR
    slips = np.flatnonzero(np.diff(np.floor(turns)) > 0)
    y = np.zeros(len(t), np.float32)
    y[slips] = rng.uniform(0.3, 1, len(slips))
    body = modes(
        times(0.1), log_spread(rng, 300, 5000, 6), rng.uniform(0.01, 0.08, 6), rng.uniform(0.2, 1, 6), rng
    )
    return np.convolve(y, body[:1500])[: len(t)] * drawn_over(t, rng)


def scraped(rng: Generator) -> Floats:
    """Dragged, sawn, filed, rolled over a floor: rough noise through the modes of the thing."""
    t = times(log_uniform(rng, 0.2, 2))
    low, high, *_ = MATERIALS[material(rng)]
    centres, levels = log_spread(rng, low, high, 8), rng.uniform(0.1, 1, 8)
    rough = noise(t, rng, 50, 15_000) * (0.3 + np.abs(wander(t, rng, log_uniform(rng, 20, 300))))
    width = log_uniform(rng, 0.01, 0.3)
    return formed(
        rough * drawn_over(t, rng),
        lambda _t, f: 0.05 + resonances(f, centres, centres * width, levels),
    )


def put_down(rng: Generator) -> Floats:
    """Thrown, dropped, placed: a blow and bounces that come sooner and softer each time, by the same share."""
    kind, spring = material(rng), rng.uniform(0.3, 0.85)
    hits, at, gap, force = [], 0.0, log_uniform(rng, 0.03, 0.35), 1.0
    for _ in range(int(rng.integers(1, 9))):
        hits.append((at, struck(rng, kind) * force))
        at, gap, force = at + gap, gap * spring, force * spring
    return placed(at + log_uniform(rng, 0.08, 0.5), hits)


def dug(rng: Generator) -> Floats:
    """A tool goes into earth, gravel, wood or meat: a thud with crumbs or a squelch behind it."""
    t = times(log_uniform(rng, 0.1, 0.7))
    low = log_uniform(rng, 150, 3000)
    crumbs = grains(t, rng, log_uniform(rng, 50, 5000), low, low * 6) * fall(t, float(t[-1]), 0.01)
    return placed(
        float(t[-1]),
        [(0.0, struck(rng, material(rng))), (rng.uniform(0, 0.05), crumbs * rng.uniform(0.1, 2))],
    )


def jingle(rng: Generator) -> Floats:
    """Keys, coins, chains, cutlery, breaking glass: pieces of one stuff by the dozen, most of them at first."""
    kind, length = str(rng.choice(["metal", "metal", "glass", "plastic"])), log_uniform(rng, 0.25, 1.8)
    pieces = [struck(rng, kind) for _ in range(5)]
    at = np.sort(rng.exponential(length * 0.25, int(log_uniform(rng, 2, 40))))
    hits = [(float(a), pieces[rng.integers(5)] * rng.uniform(0.05, 1)) for a in at]
    crash = noise(times(0.4), rng, 1500, 15_000) * fall(times(0.4), log_uniform(rng, 0.04, 0.4))
    return placed(length, [*hits, (0.0, crash * rng.uniform(0, 2) * chance(rng, 0.4))])


def switches(rng: Generator) -> Floats:
    """Keys, shutters, staplers, guns being loaded: two or more clicks of small parts, one after another."""
    kinds, hits = [material(rng) for _ in range(2)], []
    for at in np.cumsum(log_uniform(rng, 0.008, 0.2) * rng.uniform(0.5, 1.5, int(rng.integers(1, 6)))):
        tick = click(times(0.05), rng, 800, 14_000, 0.003)
        hits += [(float(at), struck(rng, kinds[rng.integers(2)], 0.15) * rng.uniform(0.1, 1))]
        hits += [(float(at), tick * rng.uniform(0, 1))]
    return placed(hits[-1][0] + rng.uniform(0.05, 0.3), hits)


def water(rng: Generator) -> Floats:
    """Drops and bubbles, whose pitch rises (Minnaert); a splash or a stream is a crowd of them and hiss."""
    length, crowd = log_uniform(rng, 0.1, 2), int(log_uniform(rng, 1, 60))
    hits, low = [], log_uniform(rng, 250, 1500)
    for at in rng.uniform(0, length * 0.7, crowd):
        t = times(log_uniform(rng, 0.02, 0.12))
        rising = low * log_uniform(rng, 1, 4) * (1 + rng.uniform(0, 1.5) * t / t[-1])
        drop = np.sin(2 * np.pi * np.cumsum(rising) / SR) * fall(t, float(t[-1]), 0.003)
        hits.append((float(at), drop * rng.uniform(0.1, 1)))
    t = times(length)
    splash = noise(t, rng, log_uniform(rng, 200, 2000), 12_000) * held(t, rng, log_uniform(rng, 0.003, 0.1))
    return placed(length, [*hits, (0.0, splash * rng.uniform(0, 2) * chance(rng, 0.6))])


def engine(rng: Generator) -> Floats:
    """Motors, drills, fans: a pulse train that speeds up or slows down, its harmonics through the case, air."""
    t = times(log_uniform(rng, 0.3, 3))
    speed = np.interp(t, np.linspace(0, t[-1], 4), log_uniform(rng, 15, 300) * 2 ** rng.uniform(-1, 1, 4))
    y = saw(speed * (1 + 0.02 * wander(t, rng, 50))) + rng.uniform(0, 1) * saw(
        speed * rng.choice([0.5, 3, 7.1])
    )
    y = y * (1 + wander(t, rng, 30) * rng.uniform(0, 0.8)) + noise(t, rng, 60, 8000) * rng.uniform(0, 1.5)
    return filtered(y, 40, log_uniform(rng, 300, 8000)) * held(t, rng, log_uniform(rng, 0.005, 0.5))


def coil(rng: Generator) -> Floats:
    """A spring: high waves run ahead of low ones, echo after echo; a reverb tank or a laser of old films."""
    t = times(log_uniform(rng, 0.3, 2))
    turn, y = log_uniform(rng, 0.02, 0.08), np.zeros(len(t), np.float32)
    top, low = log_uniform(rng, 2500, 9000), log_uniform(rng, 100, 600)
    for echo in range(1, 7):
        spread = times(min(0.4, turn * echo * 1.5))
        hz = low + (top - low) * np.exp(-spread / (turn * echo * rng.uniform(0.15, 0.4)))
        chirp = np.sin(2 * np.pi * np.cumsum(hz) / SR) * fall(spread, float(spread[-1]), 0.001)
        start = int((echo - 1) * turn * SR)
        y[start : start + len(chirp)] += chirp[: max(0, len(y) - start)] * rng.uniform(0.5, 0.9) ** echo
    ring = modes(t, log_spread(rng, 150, 4000, 10), rng.uniform(0.2, 1.5, 10), rng.uniform(0, 1, 10), rng)
    return y + ring * log_uniform(rng, 0.01, 0.5)


def gunshot(rng: Generator) -> Floats:
    """A crack of a few milliseconds, the action, and the echo of the place; one or a salvo."""
    t = times(log_uniform(rng, 0.15, 2))
    crack = noise(t, rng, log_uniform(rng, 60, 600), 16_000) * fall(t, log_uniform(rng, 0.01, 0.12), 0.0003)
    tail = noise(t, rng, 40, log_uniform(rng, 500, 6000)) * fall(t, float(t[-1]), 0.01, rng.uniform(0.4, 1))
    body = modes(t, log_spread(rng, 50, 400, 4), rng.uniform(0.02, 0.2, 4), rng.uniform(0.1, 1, 4), rng)
    shot = np.tanh((crack * 2 + tail * log_uniform(rng, 0.03, 0.7) + body * rng.uniform(0, 1)) * 2)
    count, gap = int(rng.choice([1, 1, 1, 1, 3, 6])), log_uniform(rng, 0.05, 0.2)
    return placed(float(t[-1]) + gap * (count - 1), [(k * gap, shot) for k in range(count)])


def applause(rng: Generator) -> Floats:
    """A few hands or a hall: claps by chance, each pair of hands with its own hollow, swelling and fading."""
    length, t = log_uniform(rng, 0.6, 3.2), times(0.08)
    hands = [
        noise(t, rng, low, low * 3) * fall(t, log_uniform(rng, 0.01, 0.06)) * rng.uniform(0.2, 1)
        for low in log_spread(rng, 500, 1800, 8)
    ]
    at = rng.uniform(0, length, int(length * log_uniform(rng, 8, 300)))
    y = placed(length, [(float(a), hands[rng.integers(8)]) for a in at])
    return y * held(times(length), rng, log_uniform(rng, 0.01, 0.5))


def blade(rng: Generator) -> Floats:
    """Drawn from its sheath or crossed with another: a scrape that rises into a long, high ring."""
    t, way = times(log_uniform(rng, 0.3, 1.8)), log_uniform(rng, 0.02, 0.3)
    ring = modes(t, log_spread(rng, 1500, 11_000, 9), rng.uniform(0.1, 1.5, 9), rng.uniform(0.1, 1, 9), rng)
    scrape = noise(t, rng, 2000, 14_000) * fall(t, way * 2, way) * (1 + wander(t, rng, 150))
    return ring * np.minimum(t / way, 1) * rng.uniform(0.1, 0.6) + scrape


def sprung(rng: Generator) -> Floats:
    """A ruler on a desk, a jaw harp, a cartoon's boing: a low buzz whose colour swings as it comes to rest."""
    t = times(log_uniform(rng, 0.2, 1.5))
    hz = log_uniform(rng, 40, 220) * 2 ** (rng.uniform(-0.5, 1) * t / t[-1])
    swing = np.sin(2 * np.pi * log_uniform(rng, 3, 18) * t) * fall(t, float(t[-1]))
    centre = log_uniform(rng, 400, 2000) * 2 ** (rng.uniform(0.3, 1.5) * swing)
    return swept_low_pass(saw(hz), centre, log_uniform(rng, 1, 10)) * fall(t, float(t[-1]), 0.002)


THINGS = (
    steps,
    steps,
    rustle,
    door,
    creak,
    scraped,
    put_down,
    put_down,
    dug,
    jingle,
    switches,
    switches,
    water,
    engine,
    coil,
    gunshot,
    applause,
    blade,
    sprung,
)
