"""Sounds by construction: drums of every make, and what is not a drum. Labelled because we know what we built."""

from training.synth.recipes import RECIPES, draw

__all__ = ["RECIPES", "draw"]
