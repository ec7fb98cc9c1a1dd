"""The forest of the shipped model: grown as at home, on the corpus alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing import growing
from training.corpus import GROUPS

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

    from drumwatch.hearing.forest import Forest

grow = growing.grow


def out_of_fold(X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """(sounds, groups): what forests say about sounds of families that they did not see."""
    said = np.zeros((len(X), len(GROUPS)), np.float32)
    for number in np.unique(fold):
        held = fold == number
        trees = grow(X[~held], group[~held], weight[~held])
        said[np.ix_(held, trees.classes_)] = trees.predict_proba(X[held])
    return said


def laid_out(trees: ExtraTreesClassifier) -> Forest:
    """All trees in stacked arrays."""
    return growing.laid_out([trees], len(GROUPS))
