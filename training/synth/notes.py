"""Basses and notes: which instruments there are, where they play, and how often packs hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.synth import patches, played
from training.synth.blocks import chance, filtered, log_uniform

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats
    from training.synth.filters import Voice


# Voice, lowest and highest pitch in Hz, weight.
BASSES: tuple[tuple[Voice, float, float, float], ...] = (
    (patches.sub, 30, 110, 3),
    (patches.bass_guitar, 31, 200, 3),
    (patches.analogue, 31, 150, 4),
    (patches.growl, 31, 130, 2),
    (patches.fm, 31, 150, 2),
    (patches.chip, 40, 160, 0.5),
)
TONES: tuple[tuple[Voice, float, float, float], ...] = (
    (played.karplus, 65, 1200, 1),
    (played.plucked, 65, 1300, 3),
    (played.strummed, 65, 450, 1.5),
    (played.hammered, 30, 2500, 1.5),
    (played.electric_piano, 60, 1500, 1),
    (played.organ, 55, 1500, 0.7),
    (played.reed, 100, 1500, 0.5),
    (played.bar, 110, 4200, 3),
    (played.bowed, 65, 1800, 2),
    (played.woodwind, 65, 2500, 2),
    (played.brass, 45, 900, 1.2),
    (played.orchestra_hit, 80, 400, 0.25),
    (patches.analogue, 60, 1500, 2.5),
    (patches.fm, 60, 2000, 1.5),
    (patches.pad, 50, 600, 1),
    (patches.chord_stab, 80, 600, 1.5),
    (patches.chip, 80, 2500, 1),
    (patches.digital_bell, 110, 1500, 1),
    (patches.digital_bar, 130, 3500, 1),
)


def note(rng: Generator, voices: tuple[tuple[Voice, float, float, float], ...]) -> Floats:
    weights = np.array([weight for *_, weight in voices])
    voice, low, high, _ = voices[rng.choice(len(voices), p=weights / weights.sum())]
    return voice(rng, log_uniform(rng, low, high))


def bass(rng: Generator) -> Floats:
    y = note(rng, BASSES)
    return filtered(y, 20, log_uniform(rng, 300, 16_000)) if chance(rng, 0.4) else y


def tonal(rng: Generator) -> Floats:
    return note(rng, TONES)
