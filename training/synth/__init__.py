"""Sounds by construction: drums of every make, and what is not a drum. Labelled because we know what we built."""

from training.synth import (
    building_blocks,
    cymbals,
    effects,
    membranes,
    notes,
    recipes,
    recording,
    shakers,
    snares,
)
from training.synth.recipes import RECIPES, draw

__all__ = ["MODULES", "RECIPES", "draw"]

# A change in any makes other sounds
MODULES = (building_blocks, effects, cymbals, notes, shakers, recipes, recording, membranes, snares)
