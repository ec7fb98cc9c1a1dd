"""A random forest as stacked arrays, evaluated in numpy: all trees descend one level at a time.

scikit-learn fits the forest in `retraining/fit_forest.py`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAF = -1
COLUMNS = ("roots", "feature", "threshold", "left", "right", "value")  # of a stored forest, in this order
LEVELS_AT_ONCE = 4  # that the trees descend before it is asked whether all have reached a leaf


@dataclass(frozen=True, slots=True)
class Forest:
    """The nodes of all trees in one array per column; children are absolute row numbers, and a leaf is its own child."""

    roots: NDArray[np.int32]  # shape (trees,); the other columns have one row per node
    feature: NDArray[np.int16]  # LEAF at a leaf
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[
        np.float16
    ]  # shape (nodes, groups): share of each group among the training sounds of a node
    # Shape (nodes, 4): feature, bits of the threshold, left and right of a node side by side in memory; a leaf has the
    # feature 0 and the threshold infinity, so that it leads to itself
    _nodes: NDArray[np.int32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the columns that each step reads side by side."""
        is_leaf = self.feature == LEAF
        threshold = np.where(is_leaf, np.float32(np.inf), self.threshold).astype(np.float32, copy=False)
        nodes = np.empty((len(self.feature), 4), np.int32)
        columns = (np.where(is_leaf, 0, self.feature), threshold.view(np.int32), self.left, self.right)
        for number, column in enumerate(columns):
            nodes[:, number] = column
        object.__setattr__(self, "_nodes", nodes)

    def predict(self, x: Floats) -> Floats:
        """Return the probability of each group: the mean over the leaves that the sound reaches.

        Parameters
        ----------
        x : float32, shape (features,) or (sounds, features)

        Returns
        -------
        float32, shape (groups,) or (sounds, groups)
            Each row sums to 1.
        """
        node = np.broadcast_to(self.roots, (*x.shape[:-1], len(self.roots)))
        for level in itertools.count(1):
            after = self.step(x, node)
            if level % LEVELS_AT_ONCE == 0 and np.array_equal(after, node):
                break
            node = after
        leaves = self.value.take(node, axis=0).astype(np.float32)
        mean: Floats = np.add.reduce(leaves, axis=-2) / np.float32(len(self.roots))
        return mean

    def contributions(self, x: Floats, weights: Floats) -> Floats:
        """Return how much each feature changes the weighted probability on the paths from the roots to the leaves.

        The decomposition is exact: the value at the roots plus all contributions is the prediction.

        Parameters
        ----------
        x : float32, shape (features,)
        weights : float32, shape (groups,)
            The weight of each group in the value that is explained.

        Returns
        -------
        float32, shape (features,)
        """
        value = self.value.astype(np.float32) @ weights
        moved = np.zeros(len(x), np.float32)
        node = self.roots
        while (split := self.feature[node]).max() != LEAF:
            after = self.step(x, node)
            inner = split != LEAF
            np.add.at(moved, split[inner], (value[after] - value[node])[inner])
            node = after
        return moved / np.float32(len(self.roots))

    def step(self, x: Floats, node: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the nodes one level below, shape of `node`; below a leaf is the leaf itself.

        `x` has the shape (features,) or (sounds, features).
        """
        rows = self._nodes.take(node, axis=0)
        feature, threshold = rows[..., 0], rows[..., 1].view(np.float32)
        value = x.take(feature) if x.ndim == 1 else np.take_along_axis(x, feature, axis=-1)
        return np.where(value <= threshold, rows[..., 2], rows[..., 3])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the columns by name, with the shapes and dtypes of the fields."""
        return {name: getattr(self, name) for name in COLUMNS}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> Forest:
        """Return the forest from arrays by name; `prefix` stands before each name."""
        columns: dict[str, Any] = {name: arrays[prefix + name] for name in COLUMNS}
        return cls(**columns)
