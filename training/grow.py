"""Grows the forest with scikit-learn and lays it out as the arrays that the worker walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from drumwatch.hearing.forest import LEAF, Forest
from drumwatch.hearing.model import LABEL_MATRIX, spread
from training.corpus import GROUPS, group_types

if TYPE_CHECKING:
    from collections.abc import Sequence

TREES = 80
CURVE_DRAWS = 3
SETTINGS = {"n_estimators": TREES, "min_samples_leaf": 2, "max_features": 0.2, "random_state": 1}


def grow(X: np.ndarray, group: np.ndarray, weight: np.ndarray) -> ExtraTreesClassifier:
    return ExtraTreesClassifier(**SETTINGS).fit(X, group, sample_weight=weight)


def out_of_fold(
    X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray, *, heard: np.ndarray | bool = True
) -> np.ndarray:
    """(sounds, groups): what forests, grown on those of the `heard` sounds, say about sounds of families that they did not see."""
    said = np.zeros((len(X), len(GROUPS)), np.float32)
    for number in np.unique(fold):
        held = fold == number
        learned = ~held & heard
        trees = grow(X[learned], group[learned], weight[learned])
        said[np.ix_(held, trees.classes_)] = trees.predict_proba(X[held])
    return said


def learning_curve(
    X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray, families: Sequence[str]
) -> list[tuple[int, float]]:
    """(families learned from, share right on other families), for an eighth, a quarter, half and all there are outside a fold."""
    label = (group_types() @ LABEL_MATRIX).argmax(axis=1)[group]
    names, family = np.unique(families, return_inverse=True)
    draw = np.random.default_rng(1).permuted(np.tile(np.linspace(0, 1, len(names)), (CURVE_DRAWS, 1)), axis=1)
    points = []
    for share in (0.125, 0.25, 0.5, 1.0):
        said = [out_of_fold(X, group, weight, fold, heard=luck[family] <= share) for luck in draw]
        right = [(spread(p, group_types()) @ LABEL_MATRIX).argmax(axis=1) == label for p in said]
        points.append((round(len(names) * share * 7 / 8), float(np.mean(right))))
    return points


def laid_out(trees: ExtraTreesClassifier) -> Forest:
    """All trees in stacked arrays. Features are float32, so a threshold rounded down to float32 splits the same."""
    sizes = [tree.tree_.node_count for tree in trees.estimators_]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    columns = [
        columns_of(tree.tree_, int(root), trees.classes_)
        for tree, root in zip(trees.estimators_, roots, strict=True)
    ]
    return Forest(roots.astype(np.int32), *(np.concatenate(column) for column in zip(*columns, strict=True)))


def columns_of(tree: object, root: int, classes: np.ndarray) -> tuple[np.ndarray, ...]:
    here = np.arange(root, root + tree.node_count)
    leaf = tree.children_left < 0
    share = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
    value = np.zeros((tree.node_count, len(GROUPS)), np.float16)
    value[:, classes] = share
    return (
        np.where(leaf, LEAF, tree.feature).astype(np.int16),
        rounded_down(np.where(leaf, 0, tree.threshold)),
        np.where(leaf, here, tree.children_left + root).astype(np.int32),
        np.where(leaf, here, tree.children_right + root).astype(np.int32),
        value,
    )


def rounded_down(threshold: np.ndarray) -> np.ndarray:
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
