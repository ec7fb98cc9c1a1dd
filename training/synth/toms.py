"""Toms and what is tuned as low: heads on shells, kettles, circuits, chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth.blocks import (
    chance,
    click,
    fall,
    log_uniform,
    modes,
    noise,
    swept,
    times,
    wave,
)
from training.synth.membranes import (
    blow,
    drawn,
    in_hall,
    off_a_record,
    stepped,
    struck_skin,
    wires,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def tom(rng: Generator) -> Floats:
    return drawn(rng, TOMS)


def plain_tom(rng: Generator) -> Floats:
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


def drum_tom(rng: Generator) -> Floats:
    """A tom of 8 to 18 inches, close or far, its snare drum and neighbours answering.

    A stick excites the skin to some kHz; struck near the edge the overtones rule; tape or gel damps them.
    """
    base = log_uniform(rng, 58, 260)
    decay = log_uniform(rng, 0.35, 3.5)
    t = times(min(decay * 1.2, 2.5))
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 250, 7000),
        where=rng.uniform(0.0, 0.85),
        damping=rng.uniform(0.1, 1.6),
        bend=log_uniform(rng, 0.005, 0.5),
    )
    stick = blow(
        t, rng, log_uniform(rng, 250, 3000), log_uniform(rng, 3000, 14_000), log_uniform(rng, 0.005, 0.08)
    )
    buzz = wires(t, rng, log_uniform(rng, 0.1, 1.0)) * log_uniform(rng, 0.003, 0.25)
    y = skin + stick * log_uniform(rng, 0.08, 2.5)
    y = y + buzz if chance(rng, 0.6) else y
    return in_hall(y, rng, log_uniform(rng, 0.01, 0.3), gated=chance(rng, 0.4)) if chance(rng, 0.2) else y


def roto_tom(rng: Generator) -> Floats:
    """A head without a shell, tuned high: a clear note that bends far, a sharp stick, no low end."""
    base = log_uniform(rng, 130, 620)
    decay = log_uniform(rng, 0.3, 2.5)
    t = times(decay * 1.2)
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 1000, 9000),
        where=rng.uniform(0.3, 0.9),
        damping=rng.uniform(0.0, 1.0),
        bend=log_uniform(rng, 0.02, 0.5),
    )
    stick = blow(t, rng, log_uniform(rng, 800, 4000), 15_000, log_uniform(rng, 0.005, 0.08))
    return skin + stick * log_uniform(rng, 0.15, 2)


def machine_tom(rng: Generator) -> Floats:
    """Rhythm boxes: a ringing filter that sinks a little (808: 80 to 220 Hz), dull noise for the room."""
    decay = log_uniform(rng, 0.18, 1.8)
    t = times(decay * 1.15)
    base = log_uniform(rng, 72, 300)
    tone = wave(
        swept(t, base * rng.uniform(1.0, 1.6), base, log_uniform(rng, 0.015, 0.15)),
        rng.choice(["sine", "sine", "sine", "triangle"]),
    )
    room = noise(t, rng, 60, log_uniform(rng, 250, 3000)) * fall(t, decay * rng.uniform(0.3, 1.1), 0.004)
    y = tone * fall(t, decay, curve=rng.uniform(0.7, 1.3)) + room * log_uniform(rng, 0.01, 0.35)
    return y + click(t, rng, 300, log_uniform(rng, 1500, 9000), 0.003) * log_uniform(rng, 0.01, 0.6)


def syndrum(rng: Generator) -> Floats:
    """An electronic tom: a long fall of pitch, and noise beside it."""
    decay = log_uniform(rng, 0.12, 1.2)
    t = times(decay * 1.1)
    base = log_uniform(rng, 55, 350)
    fallen = wave(
        swept(t, base * log_uniform(rng, 1.2, 5), base, log_uniform(rng, 0.03, 0.4)),
        rng.choice(["sine", "triangle"]),
    )
    hiss = noise(t, rng, log_uniform(rng, 200, 2000), log_uniform(rng, 3000, 12000)) * fall(
        t, decay * rng.uniform(0.1, 0.7)
    )
    return fallen * fall(t, decay, curve=rng.uniform(0.8, 1.6)) + hiss * rng.uniform(0, 0.5)


def chip_tom(rng: Generator) -> Floats:
    """A pulse or triangle that slides down, driven or with the noise channel beside it."""
    t = times(log_uniform(rng, 0.1, 0.6))
    base = log_uniform(rng, 60, 320)
    body = wave(
        swept(t, base * log_uniform(rng, 1.2, 5), base, log_uniform(rng, 0.03, 0.3)),
        rng.choice(["triangle", "square", "saw"]),
    )
    hiss = noise(t, rng, 300, 9000) * fall(t, log_uniform(rng, 0.01, 0.3)) * rng.uniform(0, 0.6)
    y = (body + hiss) * fall(t, float(t[-1]), curve=rng.uniform(0.8, 2))
    return np.tanh(y * log_uniform(rng, 2, 20)) if chance(rng, 0.4) else stepped(y, rng)


def low_drum(rng: Generator) -> Floats:
    """Surdo, taiko, orchestral bass drum: a large skin under a soft beater, in a large room."""
    decay = log_uniform(rng, 0.4, 3.5)
    t = times(min(decay * 1.1, 3))
    skin = struck_skin(
        t,
        rng,
        log_uniform(rng, 40, 170),
        decay,
        corner=log_uniform(rng, 90, 1500),
        where=rng.uniform(0.05, 0.7),
        damping=rng.uniform(0.1, 1.2),
        bend=log_uniform(rng, 0.005, 0.3),
    )
    felt = blow(t, rng, log_uniform(rng, 60, 800), log_uniform(rng, 400, 6000), log_uniform(rng, 0.01, 0.12))
    y = skin + felt * log_uniform(rng, 0.03, 0.8)
    return in_hall(y, rng, log_uniform(rng, 0.01, 0.4)) if chance(rng, 0.4) else y


def timpano(rng: Generator) -> Floats:
    """A kettle loads its skin so that modes with diameters are nearly harmonic (Rossing: 1, 1.5, 1.99, 2.44, 2.89)."""
    decay = log_uniform(rng, 0.6, 5)
    t = times(min(decay, 3))
    base = log_uniform(rng, 62, 220)
    ratios = np.array([0.85, 1, 1.5, 1.74, 1.99, 2.44, 2.89, 3.4]) * rng.uniform(0.99, 1.01, 8)
    level = np.array([0.3, 1, 0.8, 0.2, 0.6, 0.4, 0.25, 0.15]) * rng.uniform(0.3, 1, 8)
    lasts = decay * np.array([0.1, 1, 1, 0.2, 0.9, 0.7, 0.6, 0.5]) * rng.uniform(0.5, 1, 8)
    skin = modes(t, base * ratios, lasts, level, rng)
    felt = blow(t, rng, log_uniform(rng, 60, 500), log_uniform(rng, 300, 5000), log_uniform(rng, 0.02, 0.15))
    y = skin + felt * log_uniform(rng, 0.03, 0.7)
    return in_hall(y, rng, log_uniform(rng, 0.01, 0.3)) if chance(rng, 0.5) else y


def record_tom(rng: Generator) -> Floats:
    return off_a_record(drum_tom(rng), rng)


TOMS = (
    (plain_tom, 3),
    (drum_tom, 6),
    (roto_tom, 1),
    (machine_tom, 3),
    (syndrum, 2),
    (chip_tom, 0.7),
    (low_drum, 2),
    (timpano, 1),
    (record_tom, 0.7),
)
