"""The forest of the shipped model: fitted like that of a user model, on the corpus alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import LABEL_MATRIX, spread
from drumwatch.analysis.retraining import fit_forest
from training.corpus import GROUPS, group_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.ensemble import ExtraTreesClassifier

    from drumwatch.analysis.model.forest import Forest

fit = fit_forest.fit
CURVE_DRAWS = 3


def out_of_fold(
    X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray, *, used: np.ndarray | bool = True
) -> np.ndarray:
    """(sounds, groups): predictions of forests that were fitted to the `used` sounds of the other folds."""
    predicted = np.zeros((len(X), len(GROUPS)), np.float32)
    for number in np.unique(fold):
        held = fold == number
        learned = ~held & used & (weight > 0)
        trees = fit(X[learned], group[learned], weight[learned])
        predicted[np.ix_(held, trees.classes_)] = trees.predict_proba(X[held])
    return predicted


def learning_curve(
    X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray, families: Sequence[str]
) -> list[tuple[int, float]]:
    """(families learned from, share right on other families), for an eighth, a quarter, half and all there are outside a fold."""
    label = (group_types() @ LABEL_MATRIX).argmax(axis=1)[group]
    names, family = np.unique(families, return_inverse=True)
    draw = np.random.default_rng(1).permuted(np.tile(np.linspace(0, 1, len(names)), (CURVE_DRAWS, 1)), axis=1)
    points = []
    for share in (0.125, 0.25, 0.5, 1.0):
        predicted = [out_of_fold(X, group, weight, fold, used=rank[family] <= share) for rank in draw]
        right = [(spread(p, group_types()) @ LABEL_MATRIX).argmax(axis=1) == label for p in predicted]
        points.append((round(len(names) * share * 7 / 8), float(np.mean(right))))
    return points


def to_arrays(trees: ExtraTreesClassifier) -> Forest:
    """All trees in stacked arrays."""
    return fit_forest.to_arrays([trees], len(GROUPS))
