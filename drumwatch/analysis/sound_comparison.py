"""Compare sounds of different types: which go together, and which are nearly the same."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import map_layout
from drumwatch.analysis.analyze import loaded_model
from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.analysis.model.near_copies import RADIUS
from drumwatch.workers.protocol import Compared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drumwatch.workers.protocol import CompareSounds

    Floats = NDArray[np.float32]

AS_IF_BEFORE = 8.0  # sounds of all types that count for a type, so that one with few sounds has a mean and a deviation too
ROWS_AT_ONCE = 512
MOST_PAIRS = 500_000  # in an answer; a library of thousands of nearly equal sounds has more


def compare(job: CompareSounds) -> Compared:
    """Return the place of each sound by what distinguishes it from others of its type, and the pairs that are nearly the same.

    Raises ModelRefused if the model cannot be used.
    """
    classifier = loaded_model(job.model or str(model_file.SHIPPED))
    usable = [at for at, sound in enumerate(job.sounds) if sound.ear == classifier.analysis_id]
    places: list[tuple[float, ...]] = [()] * len(job.sounds)
    if not usable:
        return Compared(tuple(places), ())
    x = np.stack([np.frombuffer(base64.b64decode(job.sounds[at].evidence), np.float32) for at in usable])
    for at, place in zip(usable, by_type(x, [job.sounds[at].type for at in usable]), strict=True):
        places[at] = tuple(np.round(place, 2).tolist())
    weight = reference_sounds.reference_sounds_of(classifier).weight
    near = ((usable[one], usable[other]) for one, other in nearly_the_same(x * weight))
    return Compared(tuple(places), tuple(near))


def by_type(x: Floats, types: Sequence[str]) -> Floats:
    """Return each vector as principal components of its deviation from what is usual for its type, shape (sounds, components).

    So a kick that is brighter than other kicks lies near a hat that is brighter than other hats: the sounds of one pack are
    found together more often than by the vectors themselves (`benchmarks/kits.py`). `x` has the shape (sounds, vector).
    """
    x = np.nan_to_num(x, posinf=0, neginf=0)
    mean, variance = x.mean(axis=0), x.var(axis=0)
    scaled = np.empty_like(x)
    names = np.array(types)
    for name in np.unique(names):
        rows = x[names == name]
        share = len(rows) / (len(rows) + AS_IF_BEFORE)
        center = share * rows.mean(axis=0) + (1 - share) * mean
        spread = np.sqrt(share * rows.var(axis=0) + (1 - share) * variance)
        scaled[names == name] = (rows - center) / np.where(spread > 0, spread, 1)
    return map_layout.principal(np.clip(scaled, -map_layout.SPREAD, map_layout.SPREAD))


def nearly_the_same(x: Floats) -> list[tuple[int, int]]:
    """Return the pairs of rows that lie within the radius of a near copy; `x`, shape (sounds, vector), is weighted."""
    x = x.astype(np.float64)
    squares = np.square(x).sum(axis=1)
    found: list[tuple[int, int]] = []
    for start in range(0, len(x), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        distance = squares[rows, None] - 2 * x[rows] @ x.T + squares
        one, other = np.nonzero(distance <= RADIUS**2)
        found += [(a, b) for a, b in zip((one + start).tolist(), other.tolist(), strict=True) if a < b]
    return found[:MOST_PAIRS]
