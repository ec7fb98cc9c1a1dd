"""A forest as stacked arrays, walked in numpy: all trees take a step at once. scikit-learn grows it, elsewhere."""

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
    """Trees end to end in one array per column; children are absolute row numbers, a leaf is its own child."""

    roots: NDArray[np.int32]
    feature: NDArray[np.int16]  # LEAF at a leaf
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float16]  # (nodes, groups): share of each group among the training sounds at a node

    def predict(self, x: Floats) -> Floats:
        """Share of each group, the mean over the leaves that `x` falls into; for one sound or one in each row."""
        node = np.broadcast_to(self.roots, (*x.shape[:-1], len(self.roots)))
        while (split := self.feature[node]).max(initial=LEAF) != LEAF:
            node = self.step(x, node, split)
        return self.value[node].mean(axis=-2, dtype=np.float32)

    def contributions(self, x: Floats, weights: Floats) -> Floats:
        """How far each feature moved the weighted share of the groups on the way from the roots to the leaves.

        Exact: the root's share plus all contributions is the prediction.
        """
        worth = self.value.astype(np.float32) @ weights
        moved = np.zeros(len(x), np.float32)
        node = self.roots
        while (split := self.feature[node]).max() != LEAF:
            after = self.step(x, node, split)
            inner = split != LEAF
            np.add.at(moved, split[inner], (worth[after] - worth[node])[inner])
            node = after
        return moved / np.float32(len(self.roots))

    def step(self, x: Floats, node: NDArray[np.int32], split: NDArray[np.int16]) -> NDArray[np.int32]:
        asked = x[split] if x.ndim == 1 else np.take_along_axis(x, split.astype(np.intp), axis=-1)
        return np.where(asked <= self.threshold[node], self.left[node], self.right[node])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str = "") -> Forest:
        columns: dict[str, Any] = {name: arrays[prefix + name] for name in cls.__slots__}
        return cls(**columns)
