"""Sounds by construction: drums of every make, and what is not a drum. Labelled because we know what we built."""

from training.synth import (
    bells,
    blocks,
    cymbals,
    effects,
    filters,
    games,
    hands,
    kicks,
    loops,
    membranes,
    metals,
    notes,
    oddments,
    patches,
    played,
    rattles,
    recipes,
    rooms,
    strokes,
    things,
    toms,
    voices,
)
from training.synth.recipes import RECIPES, draw

__all__ = ["RECIPES", "ROOMS", "draw"]

ROOMS = (
    bells,
    blocks,
    cymbals,
    effects,
    filters,
    games,
    hands,
    loops,
    membranes,
    metals,
    notes,
    oddments,
    patches,
    played,
    rattles,
    recipes,
    rooms,
    kicks,
    strokes,
    things,
    toms,
    voices,
)  # a change in any makes other sounds
