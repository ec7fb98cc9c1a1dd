"""A library as a map: sounds that are alike lie near each other."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.workers.protocol import MapLayout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.workers.protocol import LayOutMap

    Floats = NDArray[np.float32]

DIRECTIONS = 24  # principal ones: what lies beyond is noise, and costs time
FEW = 30  # points: with fewer, neighbourhoods mean nothing, and the two main directions say it all
LANDMARKS = (
    1500  # points laid out for themselves, in about five seconds; the time grows faster than the number
)
BESIDE = 4  # landmarks between which every other point has its place
SPREAD = 3.0  # standard deviations: one strange sound must not squeeze all others into a corner


def lay_out(job: LayOutMap) -> MapLayout:
    """A place between 0 and 1 each way for every vector in `features`, and its senses: where it lies in more directions."""
    x = np.stack([np.frombuffer(base64.b64decode(text), np.float32) for text in job.features])
    senses = principal(standardized(x))
    places = unit_square(neighbourhoods(senses))
    return MapLayout(np.round(places, 4).tolist(), np.round(senses, 2).tolist())


def standardized(x: Floats) -> Floats:
    """Every feature with the same say; what is not a number says nothing."""
    x = np.nan_to_num(x, posinf=0, neginf=0)
    deviation = x.std(axis=0)
    return np.clip((x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1), -SPREAD, SPREAD)


def principal(x: Floats) -> Floats:
    """The same points along their main directions, the widest first."""
    _, _, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    placed: Floats = x @ directions[:DIRECTIONS].T
    return placed if placed.shape[1] > 1 else np.pad(placed, ((0, 0), (0, 2 - placed.shape[1])))


def neighbourhoods(x: Floats) -> Floats:
    """Two dimensions in which neighbours stay neighbours (t-SNE, begun from the principal directions)."""
    if len(x) < FEW:
        return x[:, :2]
    from sklearn.manifold import TSNE  # noqa: PLC0415  takes a second to import

    landmarks = np.random.default_rng(0).permutation(len(x))[:LANDMARKS]
    perplexity = min(30.0, (len(landmarks) - 1) / 3)
    laid_out: Floats = TSNE(perplexity=perplexity, init="pca", random_state=0, max_iter=600).fit_transform(
        x[landmarks]
    )
    placed = np.empty((len(x), 2), np.float32)
    placed[landmarks] = laid_out
    others = np.setdiff1d(np.arange(len(x)), landmarks)
    for some in np.array_split(others, 1 + len(others) // LANDMARKS):
        placed[some] = between(x[some], x[landmarks], laid_out)
    return placed


def between(x: Floats, landmarks: Floats, places: Floats) -> Floats:
    """The place of each point among its nearest landmarks, nearer ones counting more."""
    away = np.sqrt(np.maximum((x**2).sum(1)[:, None] - 2 * x @ landmarks.T + (landmarks**2).sum(1), 0))
    nearest = np.argsort(away, axis=1)[:, :BESIDE]
    weight = 1 / np.square(np.take_along_axis(away, nearest, axis=1) + 1e-3)
    placed: Floats = (places[nearest] * weight[..., None]).sum(axis=1) / weight.sum(axis=1, keepdims=True)
    return placed


def unit_square(x: Floats) -> Floats:
    """Stretched to fill it."""
    low, high = x.min(axis=0), x.max(axis=0)
    return (x - low) / np.where(high > low, high - low, 1)
