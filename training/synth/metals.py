"""Hats, of bronze and of machines."""

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
    metal,
    modes,
    noise,
    placed,
    times,
)
from training.synth.cymbals import sampled, wash

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def hat(rng: Generator, decay: float) -> Floats:
    y = HATS[rng.integers(len(HATS))](rng, decay)
    return sampled(y, rng) if chance(rng, 0.12) else y


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


def thick_hat(rng: Generator, decay: float) -> Floats:
    """Plates so dense that they are nearly hiss, over the whole range or only its top; with the stick's knock below."""
    t = times(decay * 1.2)
    plates = wash(
        t,
        rng,
        log_uniform(rng, 400, 7000),
        log_uniform(rng, 9000, 19000),
        decay,
        dying=rng.uniform(-0.2, 0.5),
        lines=log_uniform(rng, 0.05, 2),
        tilt=rng.uniform(-1, 4),
        attack=log_uniform(rng, 0.0002, 0.005),
    )
    knock = modes(t, log_spread(rng, 200, 1500, 4), rng.uniform(0.01, 0.06, 4), rng.uniform(0.1, 1, 4), rng)
    return (
        plates + knock * log_uniform(rng, 0.01, 0.4) + click(t, rng, 1000, 12000, 0.004) * rng.uniform(0, 0.6)
    )


def plain_hat(rng: Generator, decay: float) -> Floats:
    """White or blue noise behind a steep filter, let fall or gated: the hat of trackers, boxes and of most trap."""
    t = times(decay * 1.2)
    y = noise(
        t,
        rng,
        log_uniform(rng, 800, 9500),
        log_uniform(rng, 11000, 21000),
        rng.uniform(-2, 4),
        steep=rng.uniform(0.6, 4),
    )
    return y * fall(t, decay, log_uniform(rng, 0.0001, 0.004), rng.uniform(0.5, 4))


def chip_hat(rng: Generator, decay: float) -> Floats:
    """A shift register at some clock, loud in sixteen steps: the noise of 8-bit consoles; a short register buzzes."""
    t = times(decay * 1.1)
    register = np.sign(rng.standard_normal(93 if chance(rng, 0.3) else 32767)).astype(np.float32)
    bits = register[(t * log_uniform(rng, 6_000, 60_000)).astype(int) % len(register)]
    level = np.ceil(fall(t, decay, 0.0001, rng.uniform(0.4, 1)) * 15) / 15
    return bits * np.where(t < decay, level, 0)


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


HATS = (machine_hat, machine_hat, real_hat, real_hat, thick_hat, thick_hat, plain_hat, plain_hat, chip_hat)
