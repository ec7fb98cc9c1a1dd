"""The labelled sounds that the model was trained on, as feature vectors, for measuring distances and for retraining."""

from __future__ import annotations

import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import SHIPPED, ModelRefused
from drumwatch.core.os_reasons import reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model

    Floats = NDArray[np.float32]

STORED_NAMES = (
    "evidence",
    "group",
    "name",
    "weight",
)  # of the arrays in the file, in the order of the fields


@dataclass(frozen=True, slots=True)
class ReferenceSounds:
    """The feature vectors of all labelled sounds, computed by nets that were not trained on the sound's family."""

    vectors: NDArray[np.float16]  # shape (sounds, vector)
    group: NDArray[np.uint8]  # shape (sounds,): position in the card's groups
    name: NDArray[np.bytes_]  # shape (sounds,): pack and sound
    weight: Floats  # shape (vector,): weight of each feature in the distance


@functools.lru_cache(maxsize=1)
def reference_sounds_of(model: Model) -> ReferenceSounds:
    """Return the reference sounds of this model, or of the shipped model that it was retrained from.

    Raises ModelRefused if the file cannot be read or does not belong to the model.
    """
    path = (SHIPPED if model.correction else Path(model.path)).with_name("memory.npz")
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise ModelRefused(
            f"The reference sounds of the model cannot be read, because {reason(exc)}: install drumwatch again."
        ) from exc
    if hashlib.sha256(data).hexdigest() != model.card["memory_sha256"]:
        raise ModelRefused(
            f"{path} does not belong to the model {model.id}: copy both again, or train it again."
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return ReferenceSounds(*(arrays[name] for name in STORED_NAMES))
