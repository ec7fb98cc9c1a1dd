"""Cymbals and gongs: plates of bronze, and what machines make in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfftfreq

from training.synth.blocks import (
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
    times,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def wash(
    t: Floats,
    rng: Generator,
    low: float,
    high: float,
    decay: float,
    *,
    dying: float,
    lines: float,
    tilt: float = 0.0,
    attack: float = 0.001,
) -> Floats:
    """Thousands of modes at the price of a few transforms: lines at random places, every band with its own fall.

    `lines` for each hertz: 0.02 is a clear plate, 1 is hiss. Highs die first by the power `dying`, and come a little
    later than the lows, as energy climbs through the modes of a plate that is struck hard.
    """
    size = next_fast_len(len(t), real=True)
    f = np.maximum(rfftfreq(size, 1 / SR), 1).astype(np.float32)
    lit = rng.random(len(f)) < lines * SR / size
    level = (f / 1000) ** (tilt / 6.02) / np.sqrt((1 + (low / f) ** 6) * (1 + (f / high) ** 8)) * lit
    spectrum = level * (
        rng.standard_normal(len(f), np.float32) + 1j * rng.standard_normal(len(f), np.float32)
    )
    centres = np.geomspace(low, high, 5)
    octaves = np.log(f / low) / np.log(high / low) * 4
    y = np.zeros(len(t), np.float32)
    for k, centre in enumerate(centres):
        share = np.maximum(1 - np.abs(np.clip(octaves, 0, 4) - k), 0).astype(np.float32)
        band = irfft((spectrum * share).astype(np.complex64), size)[: len(t)]
        y += band * fall(t, decay * (low / centre) ** dying, attack * (1 + 0.5 * k), rng.uniform(0.6, 1))
    return y / max(float(np.abs(y).max()), 1e-9)


def cymbal(rng: Generator) -> Floats:
    y = KINDS[rng.integers(len(KINDS))](rng)
    return filtered(y, log_uniform(rng, 60, 4000), 19000) if chance(rng, 0.4) else y


def crash(rng: Generator) -> Floats:
    """A stroke at the edge: a wash over everything, its highs dying first, and a few lines that stay."""
    decay = log_uniform(rng, 1.2, 9)
    t = times(min(decay * 0.8, log_uniform(rng, 0.8, 3.5)))
    low = log_uniform(rng, 200, 2500)
    plate = wash(
        t,
        rng,
        low,
        log_uniform(rng, 9000, 17000),
        decay,
        dying=rng.uniform(0, 0.6),
        lines=log_uniform(rng, 0.02, 1),
        tilt=rng.uniform(-3, 3),
        attack=log_uniform(rng, 0.0005, 0.02),
    )
    count = int(rng.integers(2, 9))
    stay = modes(
        t,
        log_spread(rng, low, 6000, count),
        decay * rng.uniform(0.3, 1.2, count),
        rng.uniform(0, 1, count),
        rng,
    )
    stick = click(t, rng, log_uniform(rng, 300, 3000), 13000, 0.004)
    return plate + stay * log_uniform(rng, 0.01, 0.25) + stick * rng.uniform(0, 0.5)


def splash(rng: Generator) -> Floats:
    """A small thin plate: all at once, and gone in half a second."""
    decay = log_uniform(rng, 0.35, 1.6)
    t = times(decay)
    return wash(
        t,
        rng,
        log_uniform(rng, 500, 3000),
        17000,
        decay,
        dying=rng.uniform(0, 0.3),
        lines=log_uniform(rng, 0.03, 1),
        tilt=rng.uniform(-1, 4),
        attack=log_uniform(rng, 0.0003, 0.004),
    ) + click(t, rng, 1500, 13000, 0.003) * rng.uniform(0, 0.6)


def china(rng: Generator) -> Floats:
    """The rim turned up: trashy, a strong middle, falling faster than a crash."""
    decay = log_uniform(rng, 0.6, 3)
    t = times(min(decay, 2.5))
    trash = wash(
        t,
        rng,
        log_uniform(rng, 250, 900),
        log_uniform(rng, 5000, 14000),
        decay,
        dying=rng.uniform(0, 0.4),
        lines=log_uniform(rng, 0.05, 0.6),
        tilt=rng.uniform(-4, 0),
    )
    return np.tanh(trash * log_uniform(rng, 1, 5))


def ride(rng: Generator) -> Floats:
    """A stick's ping or the bell over a wash that goes on and on."""
    t = times(log_uniform(rng, 0.6, 3.5))
    low, decay = log_uniform(rng, 250, 3000), log_uniform(rng, 1.5, 12)
    body = wash(
        t,
        rng,
        low,
        log_uniform(rng, 8000, 16000),
        decay,
        dying=rng.uniform(0, 0.4),
        lines=log_uniform(rng, 0.015, 0.4),
        tilt=rng.uniform(-3, 2),
    )
    count = int(rng.integers(3, 12))
    ping = modes(
        t,
        log_spread(rng, 400, 7000, count),
        log_uniform(rng, 0.1, 3) * rng.uniform(0.3, 1, count),
        rng.uniform(0.1, 1, count),
        rng,
    ) / np.sqrt(count)
    stick = click(t, rng, log_uniform(rng, 800, 3000), 14000, 0.004)
    return body * log_uniform(rng, 0.1, 1) + ping * log_uniform(rng, 0.03, 1) + stick * rng.uniform(0.1, 1)


def swell(rng: Generator) -> Floats:
    """Rolled with mallets, or turned around: it grows, then rings on or is cut."""
    t = times(log_uniform(rng, 0.8, 3.5))
    y = wash(
        t,
        rng,
        log_uniform(rng, 200, 1500),
        log_uniform(rng, 5000, 15000),
        log_uniform(rng, 1.5, 8),
        dying=rng.uniform(0, 0.6),
        lines=log_uniform(rng, 0.03, 1),
        tilt=rng.uniform(-5, 1),
    )
    if chance(rng, 0.4):
        return y[::-1].copy()
    return y * np.minimum(t / (t[-1] * rng.uniform(0.1, 0.7)), 1) ** rng.uniform(0.7, 2.5)


def gong(rng: Generator) -> Floats:
    """Blooms late and low: a hum, then a shimmer that takes its time to come."""
    t = times(log_uniform(rng, 1.5, 3.8))
    count = 16
    hum = modes(
        t,
        log_spread(rng, 60, 900, count),
        log_uniform(rng, 3, 12) * rng.uniform(0.3, 1, count),
        rng.uniform(0.1, 1, count),
        rng,
    ) * np.minimum(t / log_uniform(rng, 0.003, 0.1), 1)
    shimmer = wash(
        t,
        rng,
        300,
        log_uniform(rng, 2000, 9000),
        log_uniform(rng, 2, 9),
        dying=rng.uniform(0, 0.6),
        lines=log_uniform(rng, 0.02, 0.5),
        tilt=rng.uniform(-5, 0),
        attack=log_uniform(rng, 0.005, 0.4),
    )
    return hum / 4 + shimmer * log_uniform(rng, 0.05, 2)


def machine_cymbal(rng: Generator) -> Floats:
    """Six squares, or FM, or hiss in two bands with their own falls (TR-808: 3.4 and 7.1 kHz), or a plate in a small memory."""
    decay = log_uniform(rng, 0.4, 5)
    t = times(min(decay, log_uniform(rng, 0.6, 3.2)))
    kind = str(rng.choice(["squares", "squares", "fm", "hiss", "plate"]))
    if kind == "plate":
        plate = wash(
            t, rng, log_uniform(rng, 300, 3000), 12000, decay, dying=0.1, lines=log_uniform(rng, 0.05, 1)
        )
        return sampled(plate, rng)
    source = noise(t, rng, 500, 17000) if kind == "hiss" else metal(t, rng, log_uniform(rng, 150, 700), kind)
    body = filtered(source, log_uniform(rng, 1200, 4500), log_uniform(rng, 4000, 9000))
    top = filtered(source, log_uniform(rng, 5000, 9000), 17000)
    hiss = noise(t, rng, 3000, 17000) * rng.uniform(0, 0.4)
    return body / np.abs(body).max() * fall(
        t, decay * log_uniform(rng, 0.3, 1), curve=rng.uniform(0.5, 1)
    ) + (top / np.abs(top).max() + hiss) * rng.uniform(0.2, 1) * fall(
        t, decay, log_uniform(rng, 0.0005, 0.02), rng.uniform(0.5, 1)
    )


def sampled(y: Floats, rng: Generator) -> Floats:
    """Out of the memory of an old drum machine: 6 to 12 bits, 9 to 28 kHz, held from step to step."""
    at = np.arange(len(y)) * log_uniform(rng, 9_000, 28_000) / SR
    _, first = np.unique(at.astype(int), return_index=True)
    held = y[first[at.astype(int)]] / max(float(np.abs(y).max()), 1e-9)
    steps = 2 ** int(rng.integers(5, 12))
    return (np.round(held * steps) / steps).astype(np.float32)


KINDS = (crash,) * 7 + (ride,) * 5 + (machine_cymbal,) * 4 + (splash, splash, china, swell, gong, gong)
