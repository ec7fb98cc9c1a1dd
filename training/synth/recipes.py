"""Which builder makes which type, and how often each is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.model import TYPES
from training.synth import drums, others

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.blocks import Floats

RECIPES = {
    "kick": drums.kick,
    "snare": drums.snare,
    "hat-closed": drums.hat_closed,
    "hat-open": drums.hat_open,
    "clap": drums.clap,
    "rim": drums.rim,
    "tom": drums.tom,
    "hand-drum": drums.hand_drum,
    "bell": drums.bell,
    "shaker": drums.shaker,
    "cymbal": drums.cymbal,
    "loop": others.loop,
    "bass": others.bass,
    "tonal": others.tonal,
    "vocal": others.vocal,
    "fx": others.fx,
}
SHARE = {
    "kick": 3,
    "snare": 3,
    "hat-closed": 2,
    "hat-open": 2,
    "tom": 2,
    "tonal": 3,
    "fx": 2,
}  # the others: 1


def draw(rng: Generator) -> tuple[int, Floats]:
    """A type, as its place in TYPES, and a sound of that type, loudest sample 1."""
    shares = np.array([SHARE.get(kind, 1) for kind in TYPES], float)
    at = int(rng.choice(len(TYPES), p=shares / shares.sum()))
    y = np.nan_to_num(RECIPES[TYPES[at]](rng)).astype(np.float32)
    return at, y / max(float(np.abs(y).max()), 1e-9)
