"""Sounds by construction: drums of every make, and what is not a drum. Labelled because we know what we built."""

from training.synth import blocks, effects, metals, notes, rattles, recipes, rooms, skins, strokes
from training.synth.recipes import RECIPES, draw

__all__ = ["RECIPES", "ROOMS", "draw"]

# A change in any makes other sounds
ROOMS = (blocks, effects, metals, notes, rattles, recipes, rooms, skins, strokes)
