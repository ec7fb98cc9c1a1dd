"""The figures that a model is judged by, from probabilities of labels and what the labels were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.records import LABELS
from drumwatch.workers.protocol import CalibrationBin, Metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drumwatch.workers.protocol import Measure

    Floats = NDArray[np.floating[Any]]
    Places = NDArray[np.integer[Any]]

ECE_BINS = 15


def accuracy(p: Floats, label: Places) -> float:
    return float((p.argmax(axis=1) == label).mean())


def confusion(p: Floats, label: Places) -> Places:
    """Rows: what it was; columns: what was said."""
    table = np.zeros((len(LABELS), len(LABELS)), int)
    np.add.at(table, (label, p.argmax(axis=1)), 1)
    return table


def macro_f1(p: Floats, label: Places) -> float:
    """Over the labels that there are sounds of."""
    table, there = confusion(p, label), np.unique(label)
    return float((2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1)).clip(1))[there].mean())


def calibration_error(p: Floats, label: Places) -> float:
    """Mean gap between said and true share of right answers, over equal bins of confidence."""
    return float(sum(abs(said - right) * share for said, right, share in calibration_bins(p, label)))


def calibration_bins(p: Floats, label: Places) -> list[tuple[float, float, float]]:
    """Mean confidence, share right, share of all files, per bin that is not empty."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == label
    at = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    return [
        (float(confidence[at == k].mean()), float(right[at == k].mean()), float((at == k).mean()))
        for k in np.unique(at)
    ]


def coverage(p: Floats, label: Places, precision: float) -> float:
    """Largest share of files, surest first, of which at least `precision` are right."""
    order = np.argsort(-p.max(axis=1), kind="stable")
    right = np.cumsum((p.argmax(axis=1) == label)[order]) / np.arange(1, len(label) + 1)
    reached = np.flatnonzero(right >= precision)
    return float((reached[-1] + 1) / len(label)) if len(reached) else 0.0


def by_family(p: Floats, label: Places, families: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Number of files and share right, per family."""
    right, names = p.argmax(axis=1) == label, np.array(families)
    return {
        name: (int((names == name).sum()), float(right[names == name].mean()))
        for name in sorted(set(families))
    }


def answer(job: Measure) -> Metrics:
    """All figures for probabilities of LABELS, one row a file, and the labels' places in LABELS."""
    p, label = np.array(job.probabilities, float), np.array(job.labels, int)
    bins = tuple(CalibrationBin(*row) for row in calibration_bins(p, label))
    return Metrics(summary(p, label), confusion(p, label).tolist(), bins)


def summary(p: Floats, label: Places) -> dict[str, float]:
    table, there = confusion(p, label), np.unique(label)
    return {
        "accuracy": accuracy(p, label),
        "macro F1": macro_f1(p, label),
        "calibration error": calibration_error(p, label),
        "coverage at 95 %": coverage(p, label, 0.95),
        "coverage at 97 %": coverage(p, label, 0.97),
        **{f"recall {LABELS[k]}": float(table[k, k] / table[k].sum()) for k in there},
    }
