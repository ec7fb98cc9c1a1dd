"""Find near copies of sounds that the user has confirmed: louder or softer, resampled, through a codec, slightly shorter."""

from __future__ import annotations

import base64
import functools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model import reference_sounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model

    Floats = NDArray[np.float32]

# Scaled distance, measured by `benchmarks/copies.py`: most copies lie within it, other sounds of the same pack hardly ever do,
# and sounds of different labels are 1.4 times as far apart or more.
RADIUS = 0.15


def near_copy_of(vector: Floats, classifier: Model, path: str) -> str:
    """Return the hash of the nearest sound in the file `path` if it is a near copy, else an empty string.

    Parameters
    ----------
    vector : float32, shape (vector,)
        The feature vector of the sound.
    classifier : Model
        The model whose nets computed `vector`.
    path : str
        JSON list of confirmed sounds; a missing file counts as an empty list.
    """
    try:
        stat = os.stat(path)
    except OSError:
        return ""  # no sound is confirmed yet
    hashes, points = named(path, stat.st_mtime_ns, stat.st_size, classifier.analysis_id)
    if not hashes:
        return ""
    weight = reference_sounds.reference_sounds_of(classifier).weight
    squared_distance = np.square((points - vector) * weight).sum(axis=1)
    nearest = int(squared_distance.argmin())
    return hashes[nearest] if squared_distance[nearest] <= RADIUS**2 else ""


@functools.lru_cache(maxsize=1)
def named(path: str, mtime_ns: int, size: int, analysis_id: str) -> tuple[list[str], Floats]:  # noqa: ARG001  part of the cache key
    """Return the hashes of the sounds in the file, and their feature vectors with shape (sounds, vector).

    Only sounds that were analyzed by the nets with this id are returned.
    """
    known = [one for one in json.loads(Path(path).read_text("utf-8")) if one["ear"] == analysis_id]
    points = [np.frombuffer(base64.b64decode(one["evidence"]), np.float32) for one in known]
    return [one["hash"] for one in known], np.stack(points) if points else np.zeros((0, 0), np.float32)
