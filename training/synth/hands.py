"""Hand drums: skins under palms and fingers, boxes, kettles of clay, and skins that are rubbed."""

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
    swept,
    times,
    wave,
)
from training.synth.membranes import blow, drawn, struck_skin, wires

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats


def hand_drum(rng: Generator) -> Floats:
    return drawn(rng, HAND_DRUMS)


def palm_drum(rng: Generator) -> Floats:
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


def open_tone(rng: Generator) -> Floats:
    """Congas, bongos, djembes, darbukas near the edge: one clear note, the hand hardly heard."""
    base = log_uniform(rng, 90, 620)
    decay = log_uniform(rng, 0.1, 1.3)
    t = times(decay * 1.1)
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 120, 2000),
        where=rng.uniform(0.1, 0.7),
        damping=rng.uniform(0.8, 3.5),
        bend=log_uniform(rng, 0.003, 0.1),
    )
    hand = blow(
        t, rng, log_uniform(rng, 150, 2000), log_uniform(rng, 800, 8000), log_uniform(rng, 0.004, 0.04)
    )
    return skin + hand * log_uniform(rng, 0.005, 0.5)


def palm_bass(rng: Generator) -> Floats:
    """The flat hand in the middle: the air in the shell sounds (djembe, darbuka, udu: 55 to 140 Hz)."""
    base = log_uniform(rng, 50, 150)
    decay = log_uniform(rng, 0.12, 1.0)
    t = times(decay * 1.1)
    air = np.sin(swept(t, base * rng.uniform(0.8, 1.4), base, log_uniform(rng, 0.01, 0.2))) * fall(
        t, decay, log_uniform(rng, 0.0005, 0.01)
    )
    skin = struck_skin(
        t,
        rng,
        base * rng.uniform(1.5, 5),
        decay * rng.uniform(0.2, 0.8),
        corner=log_uniform(rng, 150, 900),
        where=rng.uniform(0, 0.3),
    )
    palm = blow(t, rng, log_uniform(rng, 80, 600), log_uniform(rng, 500, 5000), log_uniform(rng, 0.008, 0.06))
    return air + skin * log_uniform(rng, 0.03, 0.7) + palm * log_uniform(rng, 0.03, 0.5)


def slap(rng: Generator) -> Floats:
    """Fingers that crack against the edge: the high modes alone, open or held down."""
    base = log_uniform(rng, 180, 800)
    decay = log_uniform(rng, 0.04, 0.6)
    t = times(max(decay * 1.1, 0.1))
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 1500, 8000),
        where=rng.uniform(0.6, 0.98),
        damping=rng.uniform(0.0, 1.2),
    )
    crack = blow(
        t, rng, log_uniform(rng, 500, 2500), log_uniform(rng, 3000, 13_000), log_uniform(rng, 0.005, 0.05)
    )
    return skin * rng.uniform(0.4, 1) + crack * log_uniform(rng, 0.1, 1.2)


def muffled(rng: Generator) -> Floats:
    """Heel, toe and fingertips on a skin that the other hand holds: short and dull."""
    t = times(log_uniform(rng, 0.06, 0.25))
    base = log_uniform(rng, 120, 650)
    skin = struck_skin(
        t,
        rng,
        base,
        log_uniform(rng, 0.03, 0.15),
        corner=log_uniform(rng, 200, 1500),
        where=rng.uniform(0.1, 0.9),
        damping=rng.uniform(0.2, 1),
    )
    tip = blow(
        t, rng, log_uniform(rng, 200, 1500), log_uniform(rng, 1200, 9000), log_uniform(rng, 0.004, 0.03)
    )
    return skin + tip * log_uniform(rng, 0.05, 1)


def frame_drum(rng: Generator) -> Floats:
    """Bodhran, bendir, pandeiro, tar: a large single head, at times with strings or jingles on it."""
    base = log_uniform(rng, 55, 260)
    decay = log_uniform(rng, 0.2, 1.6)
    t = times(decay * 1.1)
    skin = struck_skin(
        t,
        rng,
        base,
        decay,
        corner=log_uniform(rng, 150, 2500),
        where=rng.uniform(0, 0.95),
        damping=rng.uniform(0.4, 1.6),
        bend=log_uniform(rng, 0.005, 0.3),
    )
    tip = blow(
        t, rng, log_uniform(rng, 200, 2000), log_uniform(rng, 2000, 10_000), log_uniform(rng, 0.004, 0.04)
    )
    y = skin + tip * log_uniform(rng, 0.03, 0.8)
    return (
        y + wires(t, rng, decay * rng.uniform(0.3, 1)) * log_uniform(rng, 0.02, 0.4)
        if chance(rng, 0.4)
        else y
    )


def talking_drum(rng: Generator) -> Floats:
    """The laces or the elbow change the tension while it rings: talking drum, dholak, udu, baya."""
    decay = log_uniform(rng, 0.2, 1.4)
    t = times(decay * 1.1)
    base = log_uniform(rng, 60, 380)
    bend = np.interp(t, np.linspace(0, t[-1], 4), base * 2 ** rng.uniform(-0.6, 0.6, 4))
    phase = 2 * np.pi * np.cumsum(bend) / SR
    y = sum(
        np.sin(phase * ratio) * fall(t, decay / ratio ** rng.uniform(0.3, 2)) * rng.uniform(0, 1) / ratio
        for ratio in (1, rng.uniform(1.5, 2.1), rng.uniform(2.2, 3.2))
    )
    hand = blow(
        t, rng, log_uniform(rng, 150, 1500), log_uniform(rng, 1500, 9000), log_uniform(rng, 0.005, 0.05)
    )
    return y + hand * log_uniform(rng, 0.02, 0.6)


def cajon(rng: Generator) -> Floats:
    """A box: a dull thump in the middle, a slap with a buzz of wires at the edge."""
    t = times(log_uniform(rng, 0.12, 0.7))
    edge = rng.beta(0.6, 0.6)  # where it is struck
    base = log_uniform(rng, 55, 140)
    air = np.sin(swept(t, base * rng.uniform(1, 1.5), base, 0.02)) * fall(t, log_uniform(rng, 0.06, 0.45))
    wood = modes(
        t,
        log_spread(rng, 100, 2500, 14),
        log_uniform(rng, 0.02, 0.2) * rng.uniform(0.2, 1, 14),
        rng.uniform(0.1, 1, 14),
        rng,
    )
    buzz = wires(t, rng, log_uniform(rng, 0.03, 0.3))
    palm = blow(
        t, rng, log_uniform(rng, 150, 1200), log_uniform(rng, 1500, 9000), log_uniform(rng, 0.005, 0.05)
    )
    return (
        air * (1.2 - edge)
        + wood * log_uniform(rng, 0.005, 0.5)
        + buzz * edge * log_uniform(rng, 0.1, 4)
        + palm * log_uniform(rng, 0.004, 0.8)
    )


def timbale(rng: Generator) -> Floats:
    """A thin skin over a shell of metal: rings long, with a crowd of lines; or the shell alone."""
    t = times(log_uniform(rng, 0.2, 1.8))
    base = log_uniform(rng, 150, 600)
    shell = modes(
        t,
        log_spread(rng, base, 7000, 16),
        log_uniform(rng, 0.1, 1.6) * rng.uniform(0.3, 1, 16),
        rng.uniform(0.05, 0.6, 16),
        rng,
    )
    skin = struck_skin(
        t,
        rng,
        base,
        log_uniform(rng, 0.2, 1.6),
        corner=log_uniform(rng, 1500, 8000),
        where=rng.uniform(0.3, 0.98),
        damping=rng.uniform(0.1, 1),
    )
    stick = blow(t, rng, log_uniform(rng, 600, 3000), 13_000, log_uniform(rng, 0.004, 0.04))
    return skin + shell * log_uniform(rng, 0.01, 0.4) + stick * log_uniform(rng, 0.05, 1)


def tabla(rng: Generator) -> Floats:
    """Tabla, madal, mridangam: a small drum, a large one, or both hands at once."""
    t = times(log_uniform(rng, 0.15, 2.5))
    hands = rng.integers(3)
    y = np.zeros_like(t)
    if hands != 0:
        y = y + loaded_skin(t, rng)
    if hands != 1:
        y = y + baya(t, rng)
    return y + blow(t, rng, 500, 7000, log_uniform(rng, 0.004, 0.03)) * log_uniform(rng, 0.01, 0.8)


def loaded_skin(t: Floats, rng: Generator) -> Floats:
    """A patch of paste in the middle makes the modes harmonic (Raman 1934); the fingers choose among them."""
    base = log_uniform(rng, 130, 480)
    level = rng.uniform(0, 1, 5) ** rng.uniform(1, 4)
    decay = log_uniform(rng, 0.08, 4.0) * rng.uniform(0.2, 1, 5)
    return modes(t, base * np.arange(1.0, 6) * rng.uniform(0.99, 1.01, 5), decay, level, rng)


def baya(t: Floats, rng: Generator) -> Floats:
    """The large drum, which the heel of the hand bends upward while it rings, or stops."""
    base = log_uniform(rng, 55, 150)
    up = swept(t, base * rng.uniform(0.7, 1.1), base * rng.uniform(1, 1.9), rng.uniform(0.05, 0.5))
    decay = float(t[-1]) * rng.uniform(0.3, 1)
    return sum(
        np.sin(k * up) * fall(t, decay / k) * a
        for k, a in ((1, 1.0), (2, rng.uniform(0, 0.4)), (3, rng.uniform(0, 0.2)))
    )


def cuica(rng: Generator) -> Floats:
    """A skin that is rubbed: a rough voice that slides up or down, through a shell that colours it."""
    t = times(log_uniform(rng, 0.08, 1.2))
    base = log_uniform(rng, 160, 900)
    hz = np.interp(t, np.linspace(0, t[-1], 4), base * rng.uniform(0.6, 1.7, 4))
    phase = 2 * np.pi * np.cumsum(hz * (1 + log_uniform(rng, 0.001, 0.04) * noise(t, rng, 10, 90))) / SR
    source = wave(phase, rng.choice(["sine", "saw", "triangle", "square"]))
    y = filtered(source, base * rng.uniform(0.3, 1), base * log_uniform(rng, 1.2, 8), 2)
    y = y * (1 + log_uniform(rng, 0.01, 0.5) * noise(t, rng, 20, 400))
    return (
        y * np.minimum(t / log_uniform(rng, 0.005, 0.2), 1) * fall(t, float(t[-1]), curve=rng.uniform(1, 4))
    )


def machine_conga(rng: Generator) -> Floats:
    """The ringing filter of a rhythm box: a plain tone, from 130 to 900 Hz, and nothing else."""
    decay = log_uniform(rng, 0.05, 0.6)
    t = times(decay * 1.1)
    base = log_uniform(rng, 130, 900)
    y = np.sin(swept(t, base * rng.uniform(1.0, 1.25), base, log_uniform(rng, 0.005, 0.06))) * fall(t, decay)
    return y + click(t, rng, 500, 9000, 0.003) * rng.uniform(0, 0.3)


HAND_DRUMS = (
    (palm_drum, 2),
    (open_tone, 4),
    (palm_bass, 1.5),
    (slap, 2),
    (muffled, 1.5),
    (frame_drum, 1),
    (talking_drum, 1),
    (cajon, 3),
    (timbale, 1.5),
    (tabla, 2),
    (cuica, 1),
    (machine_conga, 1.2),
)
