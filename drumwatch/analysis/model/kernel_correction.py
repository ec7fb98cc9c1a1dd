"""Kernel logistic regression that corrects the model's predictions near sounds that the user has confirmed.

Each confirmed sound raises the probability of its label for similar sounds. The kernel is Gaussian, so that predictions do not change
a few bandwidths away. One sound changes a log-probability by 1 / REGULARIZATION at most, so that its neighbours outweigh a single mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BANDWIDTH = 0.5  # kernel bandwidth, scaled: 3 in 10 shipped sounds have one of their pack within it
REGULARIZATION = 0.2  # L2 regularization of the kernel weights
STEPS = 150  # of gradient ascent
MOMENTUM = 0.9
LEAST = 1e-4  # smallest probability, so that a type that the model excludes can still be learned


@dataclass(frozen=True, slots=True, eq=False)
class KernelCorrection:
    """Confirmed sounds, and the kernel weight of each sound for each type, in log-probability."""

    points: Floats  # shape (sounds, vector), scaled
    weights: Floats  # shape (sounds, types), in log-probability
    scale: Floats  # shape (vector,): weight of each feature in the distance
    bandwidth: float = BANDWIDTH  # of the kernel, a scaled distance

    def apply(self, vector: Floats, types: Floats) -> Floats:
        """Return the probabilities of the types after the correction.

        Parameters
        ----------
        vector : float32, shape (vector,) or (sounds, vector)
        types : float32, shape (types,) or (sounds, types)
            The probabilities before the correction.

        Returns
        -------
        float32, shape of `types`
            Each row sums to 1.
        """
        correction = gaussian_kernel(vector * self.scale, self.points, self.bandwidth) @ self.weights
        p = np.maximum(types, LEAST) * np.exp(correction - correction.max(axis=-1, keepdims=True))
        result: Floats = p / p.sum(axis=-1, keepdims=True)
        return result


def gaussian_kernel(a: Floats, b: Floats, bandwidth: float) -> Floats:
    """Return the Gaussian kernel between the points `a`, shape (…, vector), and `b`, shape (b, vector), as shape (…, b).

    It is exp(-d² / (2 bandwidth²)): 1 for the same point, 0.32 at 1.5 bandwidths, 0.01 at 3.
    """
    squared = np.square(a).sum(axis=-1, keepdims=True) + np.square(b).sum(axis=1) - 2 * a @ b.T
    return np.exp(np.maximum(squared, 0) / np.float32(-2 * bandwidth * bandwidth))


def fit(
    points: Floats, types: Floats, allowed: NDArray[np.bool_], weight: Floats, scale: Floats
) -> KernelCorrection:
    """Fit the kernel weights by which each sound becomes one of the types that its label allows.

    The weights maximize a penalized likelihood by gradient ascent with momentum; each sound's step size is bounded by the
    kernel mass around it, so that the ascent does not diverge.

    Parameters
    ----------
    points : float32, shape (sounds, vector)
        Feature vectors, scaled.
    types : float32, shape (sounds, types)
        The probabilities without a correction.
    allowed : bool, shape (sounds, types)
        The types that each sound's label allows.
    weight : float32, shape (sounds,)
        The weight of each sound in the likelihood.
    scale : float32, shape (vector,)
        The factor by which `points` were scaled.
    """
    kernel = gaussian_kernel(points, points, BANDWIDTH)
    step = (1 / (1 + 0.5 * weight.max(initial=0) / REGULARIZATION * kernel.sum(axis=1)))[:, None]
    log_p = np.log(np.maximum(types, LEAST))
    weights, velocity = np.zeros_like(log_p), np.zeros_like(log_p)
    for _ in range(STEPS):
        p = softmax(log_p + kernel @ weights)
        residual = 1 - (p * allowed).sum(axis=1, keepdims=True)
        # Types that the label allows get the same gradient, so that their ratios stay
        gradient = np.where(allowed, residual, -p)
        velocity = MOMENTUM * velocity + step * (weight[:, None] * gradient / REGULARIZATION - weights)
        weights = weights + velocity
    return KernelCorrection(points, weights.astype(np.float32), scale)


def softmax(logits: Floats) -> Floats:
    """Return the softmax over the last axis; the result has the shape of `logits`."""
    p: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)
