"""The labelled sounds that the model learned from, as numbers: to name the nearest ones, and to learn on at home."""

from __future__ import annotations

import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.model import SHIPPED, ModelRefused
from drumwatch.workers.protocol import Neighbor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model

    Floats = NDArray[np.float32]

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Memory:
    """Evidence of every labelled sound, as nets that had not heard its family gave it."""

    evidence: NDArray[np.float16]  # (sounds, evidence)
    group: NDArray[np.uint8]  # row of the card's groups
    name: NDArray[np.bytes_]  # pack and sound
    weight: Floats  # per piece of evidence: how much a difference in it says

    def nearest(self, evidence: Floats, groups: list[str]) -> tuple[Neighbor, ...]:
        """The sounds most like this one, and what they are."""
        away = np.square((self.evidence.astype(np.float32) - evidence) * self.weight).sum(axis=1)
        return tuple(
            Neighbor(self.name[at].decode("utf-8", "replace"), groups[self.group[at]])
            for at in np.argsort(away, kind="stable")[:NEAREST]
        )


@functools.lru_cache(maxsize=1)
def beside(model: Model) -> Memory:
    """The memory that was written together with this model, or with the shipped one that it was taught on."""
    path = (SHIPPED if model.echo else Path(model.path)).with_name("memory.npz")
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise ModelRefused(
            f"The sounds beside the model cannot be read ({exc}): install drumwatch again."
        ) from exc
    if hashlib.sha256(data).hexdigest() != model.card["memory_sha256"]:
        raise ModelRefused(
            f"{path} does not belong to the model {model.id}: copy both again, or train it again."
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Memory(*(arrays[name] for name in Memory.__slots__))
