"""Compute a map of a library, on which similar sounds lie near each other."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.workers.protocol import MapLayout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.workers.protocol import LayOutMap

    Floats = NDArray[np.float32]

DIRECTIONS = 24  # principal components that are used; the others are noise and cost time
FEW = 30  # points; with fewer, t-SNE has no meaningful neighbourhoods, so two principal components are used
LANDMARKS = 1500  # points that t-SNE places, in about five seconds; the time grows faster than their number
BESIDE = 4  # nearest landmarks that determine the position of every other point
SPREAD = 3.0  # standard deviations at which features are clipped, so that no outlier compresses the map


def lay_out(job: LayOutMap) -> MapLayout:
    """Return a map position and the principal components for every feature vector in `job.features`.

    Positions (`places`) have the shape (sounds, 2), each coordinate 0 to 1; `components` have the shape
    (sounds, at most DIRECTIONS).
    """
    x = np.stack([np.frombuffer(base64.b64decode(text), np.float32) for text in job.features])
    senses = principal(standardized(x))
    places = unit_square(neighbourhoods(senses))
    return MapLayout(np.round(places, 4).tolist(), np.round(senses, 2).tolist())


def standardized(x: Floats) -> Floats:
    """Scale each feature, x of shape (sounds, features), to mean 0 and deviation 1, clipped at SPREAD; non-finite values become 0."""
    x = np.nan_to_num(x, posinf=0, neginf=0)
    deviation = x.std(axis=0)
    return np.clip((x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1), -SPREAD, SPREAD)


def principal(x: Floats) -> Floats:
    """Return the points as principal components, shape (sounds, 2 to DIRECTIONS), by falling variance.

    `x` has the shape (sounds, features).
    """
    _, _, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    placed: Floats = x @ directions[:DIRECTIONS].T
    return placed if placed.shape[1] > 1 else np.pad(placed, ((0, 0), (0, 2 - placed.shape[1])))


def neighbourhoods(x: Floats) -> Floats:
    """Return positions, shape (sounds, 2), by t-SNE (scikit-learn) that starts from a PCA; `x` has the shape (sounds, components)."""
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
    for chunk in np.array_split(others, 1 + len(others) // LANDMARKS):
        placed[chunk] = between(x[chunk], x[landmarks], laid_out)
    return placed


def between(x: Floats, landmarks: Floats, places: Floats) -> Floats:
    """Place each point at the mean of its nearest landmarks, weighted by the inverse squared distance.

    Parameters
    ----------
    x : float32, shape (sounds, components)
    landmarks : float32, shape (landmarks, components)
    places : float32, shape (landmarks, 2)

    Returns
    -------
    float32, shape (sounds, 2)
    """
    distance = np.sqrt(np.maximum((x**2).sum(1)[:, None] - 2 * x @ landmarks.T + (landmarks**2).sum(1), 0))
    nearest = np.argsort(distance, axis=1)[:, :BESIDE]
    weight = 1 / np.square(np.take_along_axis(distance, nearest, axis=1) + 1e-3)
    placed: Floats = (places[nearest] * weight[..., None]).sum(axis=1) / weight.sum(axis=1, keepdims=True)
    return placed


def unit_square(x: Floats) -> Floats:
    """Scale each coordinate of `x`, shape (sounds, 2), to the range 0 to 1."""
    low, high = x.min(axis=0), x.max(axis=0)
    return (x - low) / np.where(high > low, high - low, 1)
