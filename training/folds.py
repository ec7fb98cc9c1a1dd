"""Splits that keep families whole: what sounds alike by origin is never on both sides."""

from __future__ import annotations

import csv
import functools
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDS = 8
STORED = Path(__file__).parent / "words" / "folds.csv"


@functools.cache
def stored_folds() -> Mapping[str, int]:
    """The fold of each family that has one already, so that a grown corpus leaves the vault of the earlier ones closed."""
    with STORED.open(newline="", encoding="utf-8") as table:
        return {row["family"]: int(row["fold"]) for row in csv.DictReader(table)}


def fold_of_each(
    families: Sequence[str], count: int = FOLDS, stored: Mapping[str, int] | None = None
) -> np.ndarray:
    """A fold number per sound: the `stored` one of its family, else the largest families first, each to the emptiest fold so far."""
    sizes = Counter(families)
    fold_of = {family: fold for family, fold in (stored or {}).items() if family in sizes}
    loads = [0] * count
    for family, fold in fold_of.items():
        loads[fold] += sizes[family]
    for family, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        if family not in fold_of:
            fold_of[family] = loads.index(min(loads))
            loads[fold_of[family]] += size
    return np.array([fold_of[family] for family in families])


def family_weights(families: Sequence[str]) -> np.ndarray:
    """A hundred files of one maker say less than a hundred of a hundred makers: 1/sqrt(size), mean 1."""
    sizes = Counter(families)
    weights = np.array([sizes[family] ** -0.5 for family in families])
    return weights / weights.mean()
