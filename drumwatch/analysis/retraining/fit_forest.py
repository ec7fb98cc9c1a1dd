"""Fit forests with scikit-learn and convert them to the arrays of `Forest`; importing scikit-learn takes a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from drumwatch.analysis.model.forest import LEAF, Forest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TREES = 80
SETTINGS: dict[str, Any] = {"min_samples_leaf": 2, "max_features": 0.2}


def fit(
    X: Floats, group: NDArray[np.integer[Any]], weight: Floats, trees: int = TREES, seed: int = 1
) -> ExtraTreesClassifier:
    """Fit extremely randomized trees; the same seed gives the same trees.

    Parameters
    ----------
    X : float32, shape (sounds, features)
    group : int, shape (sounds,)
        The training group of each sound.
    weight : float32, shape (sounds,)
        The sample weights.
    """
    forest = ExtraTreesClassifier(n_estimators=trees, random_state=seed, **SETTINGS)
    return forest.fit(X, group, sample_weight=weight)


def to_arrays(parts: Sequence[ExtraTreesClassifier], groups: int) -> Forest:
    """Return the trees of all fitted classifiers as one `Forest` with `groups` groups.

    Thresholds are rounded down to float32. The features are float32, so every split stays the same.
    """
    trees = [(tree.tree_, part.classes_) for part in parts for tree in part.estimators_]
    roots = np.concatenate([[0], np.cumsum([tree.node_count for tree, _ in trees])[:-1]])
    columns = [
        columns_of(tree, int(root), classes, groups)
        for (tree, classes), root in zip(trees, roots, strict=True)
    ]
    return Forest(roots.astype(np.int32), *(np.concatenate(column) for column in zip(*columns, strict=True)))


def columns_of(
    tree: Any,  # noqa: ANN401  scikit-learn has no type annotations
    root: int,
    classes: NDArray[np.integer[Any]],
    groups: int,
) -> tuple[NDArray[Any], ...]:
    """Return feature, threshold, left, right, shape (nodes,), and value, shape (nodes, groups), of one tree.

    `root` is the row of the tree's root in the stacked arrays; `classes` are the groups that the classifier knows.
    """
    own_row = np.arange(root, root + tree.node_count)
    leaf = tree.children_left < 0
    share = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
    value = np.zeros((tree.node_count, groups), np.float16)
    value[:, classes] = share
    return (
        np.where(leaf, LEAF, tree.feature).astype(np.int16),
        rounded_down(np.where(leaf, 0, tree.threshold)),
        np.where(leaf, own_row, tree.children_left + root).astype(np.int32),
        np.where(leaf, own_row, tree.children_right + root).astype(np.int32),
        value,
    )


def rounded_down(threshold: NDArray[np.floating[Any]]) -> Floats:
    """Return each threshold as the largest float32 that is not greater; the shape stays."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
