"""Find the sounds that are most similar to one, by the weighted distance of their feature vectors."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model import reference_sounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.analysis.model.model_file import Model

# Scaled distance, chosen between two figures and not measured by itself: of the sounds that the model learned from, 90 % are of the type of
# the nearest sound of another pack if that is within 0.5 of them, 64 % from 0.5 to 0.7, and under half from 0.7 to 1.
RADIUS = 0.6
MOST = 20


def most_similar(features: str, among: Mapping[str, str], classifier: Model) -> tuple[str, ...]:
    """Return the keys of the sounds within RADIUS, the nearest first, at most MOST.

    `features` is the feature vector of a sound, and `among` those of others, as base64 of float32; vectors of another length are of
    another model, and left out.
    """
    centre = np.frombuffer(base64.b64decode(features), np.float32)
    vectors = {key: np.frombuffer(base64.b64decode(text), np.float32) for key, text in among.items()}
    keys = [key for key, vector in vectors.items() if vector.shape == centre.shape]
    if not keys:
        return ()
    weight = reference_sounds.reference_sounds_of(classifier).weight
    points = np.stack([vectors[key] for key in keys])
    squared_distance = np.square((points - centre) * weight).sum(axis=1)
    order = np.argsort(squared_distance, kind="stable")[:MOST]
    return tuple(keys[at] for at in order if squared_distance[at] <= RADIUS**2)
