"""Kicks, toms and hand drums: skins, circuits and boxes."""

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
    modes,
    noise,
    placed,
    swept,
    times,
    wave,
)

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats


def kick(rng: Generator) -> Floats:
    kinds = (electronic_kick, electronic_kick, acoustic_kick, fm_kick, hard_kick, dull_kick)
    return kinds[rng.integers(len(kinds))](rng)


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


def hard_kick(rng: Generator) -> Floats:
    """A kick of dance music: driven until its tail is a tone, with noise or a hat laid over the stroke."""
    y = electronic_kick(rng)
    y = np.tanh(y * log_uniform(rng, 3, 40))
    over = noise(times(0.2), rng, log_uniform(rng, 500, 5000), 15000) * fall(
        times(0.2), log_uniform(rng, 0.01, 0.15)
    )
    y = filtered(y, log_uniform(rng, 15, 60), log_uniform(rng, 1200, 16000))
    return placed(len(y) / SR, [(0.0, y), (0.0, over * rng.uniform(0, 0.5))])


def dull_kick(rng: Generator) -> Floats:
    """A big drum with reverberation or from an old record: much noise, little tone."""
    t = times(log_uniform(rng, 0.15, 0.9))
    thump = noise(t, rng, log_uniform(rng, 30, 60), log_uniform(rng, 90, 400)) * fall(
        t, log_uniform(rng, 0.08, 0.5)
    )
    tone = np.sin(swept(t, log_uniform(rng, 60, 200), log_uniform(rng, 40, 80), 0.02)) * fall(
        t, log_uniform(rng, 0.08, 0.4)
    )
    return thump * rng.uniform(0.3, 1) + tone + click(t, rng, 300, 5000, 0.01) * rng.uniform(0, 0.5)


def tom(rng: Generator) -> Floats:
    kinds = (plain_tom, plain_tom, acoustic_tom, acoustic_tom, syndrum, low_drum)
    return kinds[rng.integers(len(kinds))](rng)


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


def acoustic_tom(rng: Generator) -> Floats:
    """A skin with all its modes, the lower ones ringing on, the head of the stroke bent upward."""
    base = log_uniform(rng, 65, 260)
    t = times(log_uniform(rng, 0.3, 2.0))
    ratios = np.array([1, 1.59, 2.14, 2.3, 2.65, 2.92, 3.5, 4.1]) * rng.uniform(0.95, 1.05, 8)
    decay = float(t[-1]) * rng.uniform(0.5, 1) / ratios ** rng.uniform(0.5, 2)
    skin = modes(t, base * ratios, decay, rng.uniform(0.1, 1, 8) / ratios ** rng.uniform(0.3, 1.8), rng)
    bent = np.sin(swept(t, base * rng.uniform(1.02, 1.4), base, log_uniform(rng, 0.02, 0.2))) * fall(
        t, decay[0]
    )
    stick = click(t, rng, log_uniform(rng, 300, 2000), 9000, log_uniform(rng, 0.004, 0.02)) * rng.uniform(
        0.05, 0.8
    )
    snares = noise(t, rng, 1500, 9000) * fall(t, log_uniform(rng, 0.1, 0.8), 0.01) * rng.uniform(0, 0.15)
    return skin * rng.uniform(0.2, 1) + bent * rng.uniform(0.3, 1) + stick + snares


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


def low_drum(rng: Generator) -> Floats:
    """Surdo, taiko, timpani: a large skin that is struck softly and rings long."""
    t = times(log_uniform(rng, 0.5, 3))
    base = log_uniform(rng, 50, 170)
    ratios = np.array([1, 1.5, 1.99, 2.44, 2.9]) if chance(rng, 0.5) else np.array([1, 1.6, 2.15, 2.3, 2.65])
    decay = float(t[-1]) * rng.uniform(0.4, 1.2, 5) / ratios ** rng.uniform(0, 1)
    felt = noise(t, rng, 60, log_uniform(rng, 200, 3000)) * fall(
        t, log_uniform(rng, 0.02, 0.15), log_uniform(rng, 0.001, 0.01)
    )
    return modes(t, base * ratios, decay, rng.uniform(0.2, 1, 5) / ratios, rng) + felt * rng.uniform(0.1, 0.8)


def hand_drum(rng: Generator) -> Floats:
    kinds = (palm_drum, palm_drum, conga, conga, cajon, cajon, timbale, tabla, cuica)
    return kinds[rng.integers(len(kinds))](rng)


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


def conga(rng: Generator) -> Floats:
    """Congas, bongos, djembes: one note of a tight skin, open, muffled or slapped."""
    base = log_uniform(rng, 90, 650)
    ring = log_uniform(rng, 0.08, 1.0)
    t = times(ring * 1.2)
    ratios = np.array([1, rng.uniform(1.45, 1.75), rng.uniform(1.9, 2.3), rng.uniform(2.6, 3.4)])
    level = np.array([1, 0.4, 0.25, 0.15]) * rng.uniform(0.2, 1, 4)
    skin = modes(t, base * ratios, ring / ratios ** rng.uniform(0.3, 1.5), level, rng)
    hand = noise(t, rng, log_uniform(rng, 200, 1500), log_uniform(rng, 2000, 12000))
    return skin + hand * fall(t, log_uniform(rng, 0.005, 0.06)) * rng.uniform(0.05, 1)


def cajon(rng: Generator) -> Floats:
    """A box: a dull thump in the middle, a slap with a buzz at the edge."""
    t = times(log_uniform(rng, 0.12, 0.6))
    edge = rng.uniform(0, 1)
    base = log_uniform(rng, 55, 130)
    air = np.sin(swept(t, base * rng.uniform(1, 1.5), base, 0.02)) * fall(t, log_uniform(rng, 0.06, 0.3))
    wood = modes(t, log_spread(rng, 150, 1800, 8), rng.uniform(0.01, 0.12, 8), rng.uniform(0.1, 1, 8), rng)
    buzz = noise(t, rng, log_uniform(rng, 600, 3000), log_uniform(rng, 4000, 12000)) * fall(
        t, log_uniform(rng, 0.03, 0.25)
    )
    return air * (1.2 - edge) + wood * rng.uniform(0.2, 1) * 0.5 + buzz * edge * rng.uniform(0.2, 1)


def timbale(rng: Generator) -> Floats:
    """A thin skin over a shell of metal: rings long, with a crowd of lines."""
    t = times(log_uniform(rng, 0.2, 1.8))
    base = log_uniform(rng, 150, 600)
    shell = modes(
        t,
        log_spread(rng, base, 6000, 16),
        log_uniform(rng, 0.1, 1.6) * rng.uniform(0.3, 1, 16),
        rng.uniform(0.05, 0.6, 16),
        rng,
    )
    ratios = np.array([1, 1.6, 2.15, 2.3, 2.65])
    skin = modes(t, base * ratios, rng.uniform(0.2, 1.5, 5), rng.uniform(0.2, 1, 5), rng)
    return skin + shell * rng.uniform(0.1, 0.8) + click(t, rng, 1000, 10000, 0.005) * rng.uniform(0.1, 1)


def tabla(rng: Generator) -> Floats:
    """Harmonic strokes of the small drum, and the large one that a wrist bends."""
    t = times(log_uniform(rng, 0.2, 1.2))
    if chance(rng, 0.5):
        base = log_uniform(rng, 220, 450)
        y = modes(
            t,
            base * np.arange(1.0, 6),
            log_uniform(rng, 0.1, 0.9) * rng.uniform(0.3, 1, 5),
            rng.uniform(0, 1, 5),
            rng,
        )
    else:
        base = log_uniform(rng, 60, 130)
        y = np.sin(
            swept(t, base * rng.uniform(0.7, 1.1), base * rng.uniform(1, 1.8), rng.uniform(0.05, 0.3))
        ) * fall(t, float(t[-1]))
    return y + click(t, rng, 800, 7000, 0.008) * rng.uniform(0.05, 0.8)


def cuica(rng: Generator) -> Floats:
    """A skin that is rubbed: a rough voice that slides up or down."""
    t = times(log_uniform(rng, 0.1, 0.6))
    base = log_uniform(rng, 180, 700)
    hz = np.interp(t, np.linspace(0, t[-1], 3), base * rng.uniform(0.6, 1.7, 3))
    phase = 2 * np.pi * np.cumsum(hz * (1 + 0.02 * noise(t, rng, 10, 90))) / SR
    y = filtered(
        wave(phase, rng.choice(["saw", "triangle", "square"])), base, base * log_uniform(rng, 1.5, 6)
    )
    return y * np.minimum(t / rng.uniform(0.005, 0.06), 1) * fall(t, float(t[-1]), curve=2)
