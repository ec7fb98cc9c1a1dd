"""Kicks: skins, circuits and chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
    SR,
    chance,
    click,
    fall,
    filtered,
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


def kick(rng: Generator) -> Floats:
    return drawn(rng, KICKS)


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


def boom(rng: Generator) -> Floats:
    """A sine that hardly falls and rings for a second or more: 808, trap, trailers; often driven."""
    decay = log_uniform(rng, 0.4, 4)
    t = times(min(decay * 1.1, 3.5))
    end = log_uniform(rng, 30, 68)
    tone = np.sin(
        swept(t, end * log_uniform(rng, 1.02, 5), end * rng.uniform(0.85, 1), rng.uniform(0.005, 0.09))
    )
    y = tone * fall(t, decay, log_uniform(rng, 0.0003, 0.008), rng.uniform(0.7, 2.5))
    if chance(rng, 0.5):
        y = np.tanh(y * log_uniform(rng, 1.5, 15) + rng.uniform(0, 0.3))
    return y + click(t, rng, log_uniform(rng, 200, 4000), 14_000, 0.005) * log_uniform(rng, 0.01, 0.8)


def drum_kick(rng: Generator) -> Floats:
    """A bass drum of 18 to 28 inches: two heads with or without a pillow, a beater of felt, wood or plastic."""
    pillow = rng.uniform(0, 1)
    decay = log_uniform(rng, 0.25, 1.6) * 0.2**pillow
    t = times(max(decay * 1.2, 0.15))
    base = log_uniform(rng, 38, 105)
    corner = log_uniform(rng, 60, 2500)
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=corner,
        where=rng.uniform(0, 0.35),
        damping=rng.uniform(0.3, 1) + pillow,
        bend=log_uniform(rng, 0.03, 2),
    )
    beater = blow(
        t, rng, log_uniform(rng, 300, 3000), log_uniform(rng, 1200, 13_000), log_uniform(rng, 0.004, 0.05)
    )
    air = noise(t, rng, 40, log_uniform(rng, 150, 1200)) * fall(t, log_uniform(rng, 0.04, 0.3))
    rattle = wires(t, rng, log_uniform(rng, 0.1, 0.6)) * log_uniform(rng, 0.002, 0.1)
    y = skin + beater * log_uniform(rng, 0.015, 2.5) + air * log_uniform(rng, 0.02, 0.6)
    return y + rattle if chance(rng, 0.4) else y


def fm_kick(rng: Generator) -> Floats:
    decay = log_uniform(rng, 0.1, 0.6)
    t = times(decay * 1.1)
    base = log_uniform(rng, 38, 80)
    index = rng.uniform(1, 8) * fall(t, log_uniform(rng, 0.015, 0.12))
    carrier = swept(t, base * log_uniform(rng, 1.2, 4), base, log_uniform(rng, 0.008, 0.05))
    return np.sin(carrier + index * np.sin(carrier * rng.choice([0.5, 1, 1.5, 2, 3]))) * fall(t, decay)


def chip_kick(rng: Generator) -> Floats:
    """Home computers: a pulse or a coarse triangle whose pitch is stepped down once a frame."""
    t = times(log_uniform(rng, 0.08, 0.5))
    frame = rng.choice([1 / 50, 1 / 60, 1 / 100, 1 / 240])
    end = log_uniform(rng, 30, 80)
    hz = end + log_uniform(rng, 80, 900) * np.exp(-np.floor(t / frame) * frame / log_uniform(rng, 0.015, 0.1))
    y = wave(2 * np.pi * np.cumsum(hz) / SR, rng.choice(["triangle", "square"]))
    return stepped(y, rng) * np.maximum(stepped(fall(t, float(t[-1])), rng), 0)


def hard_kick(rng: Generator) -> Floats:
    """Dance floors: a kick driven until its tail is a tone, with noise or a hat laid over the stroke."""
    y = electronic_kick(rng)
    y = np.tanh(y * log_uniform(rng, 3, 40))
    over = noise(times(0.2), rng, log_uniform(rng, 500, 5000), 15000) * fall(
        times(0.2), log_uniform(rng, 0.01, 0.15)
    )
    y = filtered(y, log_uniform(rng, 15, 60), log_uniform(rng, 1200, 16000))
    return placed(len(y) / SR, [(0.0, y), (0.0, over * rng.uniform(0, 0.5))])


def layered_kick(rng: Generator) -> Floats:
    """A low end from a circuit under the stroke of a drum, or a hat or snap for the attack."""
    low = scaled((electronic_kick, boom)[rng.integers(2)](rng))
    top = drum_kick(rng) if chance(rng, 0.6) else dull_kick(rng)
    top = filtered(top, log_uniform(rng, 80, 1500), log_uniform(rng, 4000, 16_000))
    return together((0.0, low), (rng.uniform(0, 0.006), scaled(top, log_uniform(rng, 0.1, 0.9))))


def hall_kick(rng: Generator) -> Floats:
    """A room, a plate or a rumble of techno behind the stroke."""
    y = scaled((drum_kick, drum_kick, electronic_kick)[rng.integers(3)](rng))
    if chance(rng, 0.6):
        return in_hall(y, rng, log_uniform(rng, 0.02, 0.5), gated=chance(rng, 0.3))
    rumble = filtered(in_hall(y, rng, 1.0), 20, log_uniform(rng, 80, 250), 2)
    return np.tanh(together((0.0, y), (rng.uniform(0, 0.12), scaled(rumble, rng.uniform(0.1, 0.7)))) * 1.5)


def record_kick(rng: Generator) -> Floats:
    return off_a_record((drum_kick, acoustic_kick, dull_kick)[rng.integers(3)](rng), rng)


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


def dull_kick(rng: Generator) -> Floats:
    """A big drum in a room or from an old record: much air, little tone."""
    t = times(log_uniform(rng, 0.15, 0.9))
    thump = noise(t, rng, log_uniform(rng, 30, 60), log_uniform(rng, 90, 400)) * fall(
        t, log_uniform(rng, 0.08, 0.5)
    )
    tone = np.sin(swept(t, log_uniform(rng, 60, 200), log_uniform(rng, 40, 80), 0.02)) * fall(
        t, log_uniform(rng, 0.08, 0.4)
    )
    return thump * rng.uniform(0.3, 1) + tone + click(t, rng, 300, 5000, 0.01) * rng.uniform(0, 0.5)


KICKS = (
    (electronic_kick, 6),
    (boom, 1.5),
    (drum_kick, 4),
    (acoustic_kick, 2),
    (fm_kick, 1.5),
    (chip_kick, 1),
    (hard_kick, 2),
    (dull_kick, 1.5),
    (layered_kick, 2),
    (hall_kick, 1),
    (record_kick, 1),
)
