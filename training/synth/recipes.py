"""Which builder makes which group, and how often each is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.corpus import GROUPS
from training.synth import cymbals, effects, membranes, notes, shakers, snares
from training.synth.building_blocks import chance
from training.synth.recording import recorded

if TYPE_CHECKING:
    from numpy.random import Generator

    from training.synth.building_blocks import Floats

RECIPES = {
    "kick": membranes.kick,
    "snare": snares.snare,
    "hat-closed": cymbals.hat_closed,
    "hat-open": cymbals.hat_open,
    "clap": snares.clap,
    "rim": snares.rim,
    "tom": membranes.tom,
    "hand-drum": membranes.hand_drum,
    "bell": cymbals.bell,
    "shaker": shakers.shaker,
    "cymbal": cymbals.cymbal,
    "loop": notes.loop,
    "bass": notes.bass,
    "tonal": notes.tonal,
    "vocal": notes.vocal,
    "fx": effects.fx,
    "some percussion": shakers.percussion,
}
# How often a kind is drawn; the others: 1
SHARE = {
    "kick": 3,
    "snare": 3,
    "hat-closed": 2,
    "hat-open": 2,
    "tom": 2.5,
    "hand-drum": 2,
    "bell": 2,
    "shaker": 1.5,
    "cymbal": 1.5,
    "tonal": 3,
    "fx": 3,
}
RECORDED = {"loop": 0.3, "bass": 0.3, "tonal": 0.5, "fx": 0.5}  # share with a recording; the others: 0.7


def draw(rng: Generator) -> tuple[int, Floats]:
    """A group, as its place in GROUPS, and a sound of it, loudest sample 1."""
    shares = np.array([SHARE.get(group, 1) for group in RECIPES])
    group = str(rng.choice(list(RECIPES), p=shares / shares.sum()))
    y = np.nan_to_num(RECIPES[group](rng)).astype(np.float32)
    y = recorded(y, rng) if chance(rng, RECORDED.get(group, 0.7)) else y
    return GROUPS.index(group), y / max(float(np.abs(y).max()), 1e-9)
