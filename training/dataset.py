"""The corpus as columns: what each sound is, how much it counts, and which fold it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import LABEL_MATRIX
from training import corpus, folds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from training.corpus import Example


@dataclass(frozen=True, slots=True)
class Dataset:
    """The corpus as columns: one row a sound."""

    examples: Sequence[Example]
    group: np.ndarray
    label: np.ndarray
    weight: (
        np.ndarray
    )  # a maker of many sounds counts less each; 0: the label is believed wrong, so it is not trained on
    fold: np.ndarray

    @property
    def used(self) -> np.ndarray:
        return self.weight > 0

    @property
    def families(self) -> list[str]:
        return [example.family for example in self.examples]


def load_dataset(corpus_folder: Path) -> Dataset:
    """All sounds of the manifest, split by families."""
    examples = corpus.read(corpus_folder)
    families = [example.family for example in examples]
    group = np.array([example.group for example in examples])
    label = (corpus.group_types() @ LABEL_MATRIX).argmax(axis=1)[group]
    wrong = corpus.wrongly_labelled()
    weight = folds.family_weights(families) * [example.id not in wrong for example in examples]
    return Dataset(examples, group, label, weight, folds.fold_of_each(families, stored=folds.stored_folds()))
