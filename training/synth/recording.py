"""Recording: reverberation, ringing of other drums, and noise that a microphone adds to a sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from training.synth.building_blocks import SR, chance, fall, log_spread, log_uniform, modes, noise, times

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats


def recorded(y: Floats, rng: Generator) -> Floats:
    """The sound as recorded: reflections, other drums ringing along, bleed and hiss."""
    y = y / max(float(np.abs(y).max()), 1e-9)
    if chance(rng, 0.3):  # nothing that is struck by hand is at its loudest at once
        y = y * (1 - np.exp(-times(len(y) / SR)[: len(y)] / log_uniform(rng, 0.0005, 0.008)))
    if chance(rng, 0.8):
        y = reverberated(y, rng)
    t = times(len(y) / SR)[: len(y)]
    if chance(rng, 0.6):
        y = y + sympathetic_ringing(t, rng)[: len(y)]
    if chance(rng, 0.6):
        y = y + noise(t, rng, 30, log_uniform(rng, 2000, 18000), rng.uniform(-6, 0)) * 10 ** (
            rng.uniform(-70, -35) / 20
        )
    return y


def reverberated(y: Floats, rng: Generator) -> Floats:
    """A few early reflections, then a diffuse tail whose highs die first."""
    t = times(log_uniform(rng, 0.06, 0.8))
    response = np.zeros(len(t), np.float32)
    # A far microphone picks up the reflections more than the drum
    response[0] = 1 if chance(rng, 0.6) else rng.uniform(0.1, 1)
    at = (rng.uniform(0.001, 0.045, int(rng.integers(2, 16))) * SR).astype(int)
    response[np.minimum(at, len(t) - 1)] = rng.uniform(-0.7, 0.7, len(at)) * rng.uniform(0.1, 1)
    loud = log_uniform(rng, 0.004, 0.15)
    dull = noise(t, rng, 40, 1500) * fall(t, float(t[-1]), log_uniform(rng, 0.001, 0.02))
    bright = noise(t, rng, 1500, 16000) * fall(
        t, float(t[-1]) * rng.uniform(0.2, 0.9), log_uniform(rng, 0.001, 0.02)
    )
    response += loud * (dull * rng.uniform(0.2, 1) + bright * rng.uniform(0.1, 1))
    length = len(y) + len(response) - 1
    size = next_fast_len(length, real=True)
    wet: Floats = irfft(rfft(y.astype(np.float32), size) * rfft(response, size), size)[:length]
    return wet


def sympathetic_ringing(t: Floats, rng: Generator) -> Floats:
    """Skins and shells nearby that ring along: a few low modes, far below the stroke."""
    count = int(rng.integers(2, 9))
    rung = modes(
        t,
        log_spread(rng, 60, 700, count),
        log_uniform(rng, 0.1, 1.2) * rng.uniform(0.3, 1, count),
        rng.uniform(0.2, 1, count),
        rng,
    )
    wires = noise(t, rng, 1500, 9000) * fall(t, log_uniform(rng, 0.1, 0.7), 0.01) * rng.uniform(0, 0.4)
    return (rung + wires) * 10 ** (rng.uniform(-50, -18) / 20)
