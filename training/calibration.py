"""Calibration: the temperature of the probabilities, and the risk that `max_wrong` is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import LABEL_MATRIX, calibrate, nearest
from drumwatch.core.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPERATURES = np.round(np.arange(0.4, 2.01, 0.02), 2)
KNOTS = np.round(np.concatenate([np.arange(0.3, 0.9, 0.05), np.arange(0.9, 1.0, 0.01)]), 3)
DRAWS = 400
QUANTILE = 0.9  # of the draws of families, this share has a smaller risk than the one in the card


def best_temperature(types: np.ndarray, label: np.ndarray, novelty_temperature: np.ndarray) -> float:
    """The temperature with the least log loss on held-out sounds, novel ones flattened by their own temperature."""

    def log_loss_at(temperature: float) -> float:
        return log_loss(calibrate(types, temperature * novelty_temperature[:, None]) @ LABEL_MATRIX, label)

    return float(min(TEMPERATURES, key=log_loss_at))


def distances(points: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Mean distance of each sound to its nearest ones in other families' folds."""
    far = np.zeros(len(points))
    for number in np.unique(fold):
        held, others = points[fold == number], points[fold != number]
        squared = np.square(held).sum(1)[:, None] + np.square(others).sum(1) - 2 * held @ others.T
        far[fold == number] = np.sqrt(np.maximum(nearest(squared), 0)).mean(axis=1)
    return far


def log_loss(p: np.ndarray, label: np.ndarray) -> float:
    return float(-np.log(np.maximum(p[np.arange(len(label)), label], 1e-6)).mean())


def risk(
    p: np.ndarray, label: np.ndarray, families: Sequence[str], seed: int = 0
) -> dict[str, list[list[float]]]:
    """Per label: [confidence, share of wrong labels among files with this predicted label and at least that confidence].

    Families are drawn again and again, as a user's next pack is a draw; the risk in the table is high among the draws.
    The risk never rises with the confidence: where few files are as sure, the risk of the less sure ones counts for them.
    """
    confidence, predicted = p.max(axis=1), p.argmax(axis=1)
    names, family = np.unique(np.array(families), return_inverse=True)
    draws = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS)
    table = {}
    for number, name in enumerate(LABELS):
        shares = [
            high_share(family[at], predicted[at] != label[at], draws)
            for at in (np.flatnonzero((predicted == number) & (confidence >= knot)) for knot in KNOTS)
        ]
        monotone = np.minimum.accumulate(shares)
        table[name] = [
            [float(knot), round(float(share), 4)] for knot, share in zip(KNOTS, monotone, strict=True)
        ]
    return table


def high_share(family: np.ndarray, wrong: np.ndarray, draws: np.ndarray) -> float:
    """The share of wrong ones that few draws of families exceed; few files count as half a mistake more."""
    count = draws.shape[1]
    sounds = draws @ np.bincount(family, minlength=count)
    mistakes = draws @ np.bincount(family, weights=wrong, minlength=count)
    return float(np.quantile((mistakes + 0.5) / (sounds + 1), QUANTILE))


def coverage_of(
    p: np.ndarray, label: np.ndarray, families: Sequence[str], fold: np.ndarray, max_wrong: float
) -> tuple[float, float]:
    """Share of files acted on, and of wrong ones among them, when the risk was measured without the file's fold."""
    acted = np.zeros(len(label), bool)
    names = np.array(families)
    for number in np.unique(fold):
        held = fold == number
        acted[held] = is_sure(p[held], risk(p[~held], label[~held], names[~held].tolist()), max_wrong)
    wrong = p.argmax(axis=1) != label
    return float(acted.mean()), float(wrong[acted].mean()) if acted.any() else 0.0


def is_sure(p: np.ndarray, table: dict[str, list[list[float]]], max_wrong: float) -> np.ndarray:
    """Whether each file's confidence reaches the first knot of its label whose risk is small enough."""
    least = [min((knot for knot, share in table[name] if share <= max_wrong), default=2.0) for name in LABELS]
    return p.max(axis=1) >= np.array(least)[p.argmax(axis=1)]
