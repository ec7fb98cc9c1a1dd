"""A random forest as stacked arrays, evaluated in numpy: all trees descend one level at a time.

scikit-learn fits the forest in `retraining/fit_forest.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAF = -1


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
        while (split := self.feature[node]).max(initial=LEAF) != LEAF:
            node = self.step(x, node, split)
        return self.value[node].mean(axis=-2, dtype=np.float32)

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
            after = self.step(x, node, split)
            inner = split != LEAF
            np.add.at(moved, split[inner], (value[after] - value[node])[inner])
            node = after
        return moved / np.float32(len(self.roots))

    def step(self, x: Floats, node: NDArray[np.int32], split: NDArray[np.int16]) -> NDArray[np.int32]:
        """Return the nodes one level below, shape of `node`; `split` holds the feature that each node tests."""
        value = x[split] if x.ndim == 1 else np.take_along_axis(x, split.astype(np.intp), axis=-1)
        return np.where(value <= self.threshold[node], self.left[node], self.right[node])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the columns by name, with the shapes and dtypes of the fields."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> Forest:
        """Return the forest from arrays by name; `prefix` stands before each name."""
        columns: dict[str, Any] = {name: arrays[prefix + name] for name in cls.__slots__}
        return cls(**columns)
