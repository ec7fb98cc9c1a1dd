"""Splits that keep families whole: what sounds alike by origin is never on both sides."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDS = 8


def fold_of_each(families: Sequence[str], count: int = FOLDS) -> np.ndarray:
    """A fold number per sound; the largest families first, each to the emptiest fold so far."""
    loads = [0] * count
    fold_of: dict[str, int] = {}
    for family, size in sorted(Counter(families).items(), key=lambda item: (-item[1], item[0])):
        fold_of[family] = loads.index(min(loads))
        loads[fold_of[family]] += size
    return np.array([fold_of[family] for family in families])


def family_weights(families: Sequence[str]) -> np.ndarray:
    """A hundred files of one maker say less than a hundred of a hundred makers: 1/sqrt(size), mean 1."""
    sizes = Counter(families)
    weights = np.array([sizes[family] ** -0.5 for family in families])
    return weights / weights.mean()
