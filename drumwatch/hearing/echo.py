"""What the user has said, felt nearby: each confirmed sound pulls whatever sounds like it towards its label.

Kernel logistic regression on top of what the model says anyway. Its pull ends a few reaches away, so that elsewhere nothing changes; one
sound pulls with 1 / STIFFNESS at most, so that one mistake is outvoted by its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

REACH = 0.5  # scaled distance: three in ten shipped sounds have another of their pack within it
STIFFNESS = 0.2
STEPS = 150
MOMENTUM = 0.9
LEAST = 1e-4  # what no one has thought of can still be learned


@dataclass(frozen=True, slots=True, eq=False)
class Echo:
    """Confirmed sounds, and the pull of each on every type, in log probability."""

    points: Floats  # (sounds, evidence), scaled
    pull: Floats  # (sounds, types)
    scale: Floats  # per piece of evidence: how much a difference in it says
    reach: float = REACH

    def moved(self, evidence: Floats, types: Floats) -> Floats:
        """The probabilities of types, once what was said of alike sounds is heard."""
        pull = closeness(evidence * self.scale, self.points, self.reach) @ self.pull
        p = np.maximum(types, LEAST) * np.exp(pull - pull.max(axis=-1, keepdims=True))
        result: Floats = p / p.sum(axis=-1, keepdims=True)
        return result


def closeness(a: Floats, b: Floats, reach: float) -> Floats:
    """(…, b): 1 for the same point, a third at 1.5 reaches, nothing beyond three."""
    squared = np.square(a).sum(axis=-1, keepdims=True) + np.square(b).sum(axis=1) - 2 * a @ b.T
    return np.exp(np.maximum(squared, 0) / np.float32(-2 * reach * reach))


def fitted(points: Floats, types: Floats, may_be: NDArray[np.bool_], weight: Floats, scale: Floats) -> Echo:
    """The pulls by which each sound becomes one of the types that it `may_be`, against what is said without any: `types`.

    The maximum of the penalised likelihood, by steps that each sound's neighbourhood makes safe.
    """
    near = closeness(points, points, REACH)
    step = (1 / (1 + 0.5 * weight.max(initial=0) / STIFFNESS * near.sum(axis=1)))[:, None]
    said = np.log(np.maximum(types, LEAST))
    pull, speed = np.zeros_like(said), np.zeros_like(said)
    for _ in range(STEPS):
        p = softmax(said + near @ pull)
        missing = 1 - (p * may_be).sum(axis=1, keepdims=True)
        # The types that a label allows rise together and keep their shares
        wanted = np.where(may_be, missing, -p)
        speed = MOMENTUM * speed + step * (weight[:, None] * wanted / STIFFNESS - pull)
        pull = pull + speed
    return Echo(points, pull.astype(np.float32), scale)


def softmax(logits: Floats) -> Floats:
    p: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)
