"""Grows the forest with scikit-learn and lays it out as the arrays that the worker walks."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from drumwatch.hearing.forest import LEAF, Forest
from training.corpus import GROUPS

TREES = 80
SETTINGS = {"n_estimators": TREES, "min_samples_leaf": 2, "max_features": 0.2, "random_state": 1}


def grow(X: np.ndarray, group: np.ndarray, weight: np.ndarray) -> ExtraTreesClassifier:
    return ExtraTreesClassifier(**SETTINGS).fit(X, group, sample_weight=weight)


def out_of_fold(X: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """(sounds, groups): what forests say about sounds of families that they did not see."""
    said = np.zeros((len(X), len(GROUPS)), np.float32)
    for number in np.unique(fold):
        held = fold == number
        trees = grow(X[~held], group[~held], weight[~held])
        said[np.ix_(held, trees.classes_)] = trees.predict_proba(X[held])
    return said


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
