"""Predictions of the shipped model for sounds of families that it was not trained on, without training nets again.

For the sounds that it was trained on, the log-probabilities of nets that were not trained on the family are stored with the reference
sounds, and the trees are fitted again without each fold. Sounds of families that came later are classified by the model as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import analyze
from drumwatch.analysis.model import model_file
from drumwatch.analysis.model.model_file import (
    LABEL_MATRIX,
    TYPES,
    blend,
    calibrate,
    spread,
    temperature_factor,
)
from drumwatch.analysis.model.reference_sounds import reference_sounds_of
from drumwatch.workers.protocol import Analyze
from training import calibration, corpus, fit_forest, folds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.analysis.model.model_file import Model
    from training.corpus import Example

USUAL = 0.95  # share of sounds of held-out families that are no further away than this
NAME_BYTES = 64  # stored of the name of a reference sound


@dataclass(frozen=True, slots=True)
class HeldOutPredictions:
    """Sounds with predictions by a model that was not trained on their families."""

    examples: Sequence[Example]
    types: np.ndarray  # (sounds, types), calibrated
    label: np.ndarray
    is_new: np.ndarray  # of a family that came to the corpus after the training

    @property
    def families(self) -> list[str]:
        return [example.family for example in self.examples]


def load(corpus_folder: Path, cache: Path) -> HeldOutPredictions:
    """All sounds of the corpus for which there are such predictions; the analysis of the new ones is kept in the cache."""
    model, examples = model_file.load(), corpus.read(corpus_folder)
    known = rows_of_reference_sounds(model, examples)
    trained_on = {examples[row].family for row in known}
    new = [row for row, example in enumerate(examples) if example.family not in trained_on]
    types = held_out_types(model, examples, known)
    if new:
        vectors = vectors_of([examples[row] for row in new], model, cache)
        types = np.concatenate([types, model.predict(vectors)])
    found = [examples[row] for row in (*known, *new)]
    label = (corpus.group_types() @ LABEL_MATRIX).argmax(axis=1)[[example.group for example in found]]
    return HeldOutPredictions(found, types, label, np.arange(len(found)) >= len(known))


def rows_of_reference_sounds(model: Model, examples: Sequence[Example]) -> list[int]:
    """The row of the corpus for each reference sound; both are in the order of the manifest."""
    names = [bytes(name) for name in reference_sounds_of(model).name]
    rows: list[int] = []
    for row, example in enumerate(examples):
        if len(rows) < len(names) and stored_name(example) == names[len(rows)]:
            rows.append(row)
    if len(rows) < len(names):
        raise SystemExit(
            f"This corpus has no sound {names[len(rows)].decode()!r}: the model learned from another one."
        )
    return rows


def stored_name(example: Example) -> bytes:
    return f"{example.pack}: {example.path.stem}".encode()[:NAME_BYTES]


def held_out_types(model: Model, examples: Sequence[Example], known: Sequence[int]) -> np.ndarray:
    """(sounds, types): held-out predictions for the reference sounds, calibrated as in training."""
    families = [example.family for example in examples]  # with the sounds left out of the training, as there
    fold = folds.fold_of_each(families, stored=folds.stored_folds())[known]
    weight = folds.family_weights(families)[known]
    reference = reference_sounds_of(model)
    x = reference.vectors[:, : -len(TYPES)].astype(np.float32)
    log_p = reference.vectors[:, -len(TYPES) :].astype(np.float32)
    groups = fit_forest.out_of_fold(x, reference.group.astype(int), weight, fold)
    types = blend(spread(groups, corpus.group_types()), log_p, model.nets_weight)
    far = calibration.distances(x * model.novelty.scale, fold)
    factor = temperature_factor(far / np.quantile(far, USUAL))
    return calibrate(types, model.temperature * factor[:, None])


def vectors_of(examples: Sequence[Example], model: Model, cache: Path) -> np.ndarray:
    """(sounds, vector): the feature vectors of sounds, analyzed once."""
    ids = np.array([example.id for example in examples])
    file = cache / f"held-out-{model.analysis_id[:12]}.npz"
    if file.exists():
        with np.load(file, allow_pickle=False) as arrays:
            if np.array_equal(arrays["ids"], ids):
                return arrays["vectors"]
    vectors = np.array([analyze.measure(Analyze(str(example.path)), model)[1].vector for example in examples])
    cache.mkdir(parents=True, exist_ok=True)
    np.savez(file, allow_pickle=False, ids=ids, vectors=vectors)
    return vectors
