"""Metrics of a model, computed from predicted probabilities and true labels.

`p` is always float of shape (files, labels) with rows that sum to 1, `label` is int of shape (files,): positions in LABELS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.core.records import LABELS
from drumwatch.workers.protocol import CalibrationBin, Metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drumwatch.workers.protocol import Measure

    Floats = NDArray[np.floating[Any]]
    Places = NDArray[np.integer[Any]]

ECE_BINS = 15  # of the expected calibration error


def accuracy(p: Floats, label: Places) -> float:
    """Return the share of files, 0 to 1, whose most likely label is the true one."""
    return float((p.argmax(axis=1) == label).mean())


def confusion(p: Floats, label: Places) -> Places:
    """Return the confusion matrix, int of shape (labels, labels): rows are true labels, columns predicted ones."""
    matrix = np.zeros((len(LABELS), len(LABELS)), int)
    np.add.at(matrix, (label, p.argmax(axis=1)), 1)
    return matrix


def macro_f1(p: Floats, label: Places) -> float:
    """Return the mean F1 score, 0 to 1, over the labels that occur in `label`."""
    matrix, present = confusion(p, label), np.unique(label)
    return float((2 * np.diag(matrix) / (matrix.sum(axis=0) + matrix.sum(axis=1)).clip(1))[present].mean())


def calibration_error(p: Floats, label: Places) -> float:
    """Return the expected calibration error, 0 to 1: the mean gap between confidence and accuracy over equal-width bins."""
    return float(
        sum(abs(confidence - accurate) * share for confidence, accurate, share in calibration_bins(p, label))
    )


def calibration_bins(p: Floats, label: Places) -> list[tuple[float, float, float]]:
    """Return mean confidence, accuracy and share of all files, each 0 to 1, for every bin that is not empty."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == label
    bin_of = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    return [
        (float(confidence[bin_of == k].mean()), float(right[bin_of == k].mean()), float((bin_of == k).mean()))
        for k in np.unique(bin_of)
    ]


def coverage(p: Floats, label: Places, precision: float) -> float:
    """Return the largest share of files, 0 to 1, taken by falling confidence, of which at least `precision` are right."""
    order = np.argsort(-p.max(axis=1), kind="stable")
    right = np.cumsum((p.argmax(axis=1) == label)[order]) / np.arange(1, len(label) + 1)
    reached = np.flatnonzero(right >= precision)
    return float((reached[-1] + 1) / len(label)) if len(reached) else 0.0


def by_family(p: Floats, label: Places, families: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Return the number of files and their accuracy, 0 to 1, for each family."""
    right, names = p.argmax(axis=1) == label, np.array(families)
    return {
        name: (int((names == name).sum()), float(right[names == name].mean()))
        for name in sorted(set(families))
    }


def answer(job: Measure) -> Metrics:
    """Return all metrics for a job of the worker.

    `job.probabilities` has a row per file, shape (files, labels); `job.labels` holds the positions of the true labels in LABELS.
    """
    p, label = np.array(job.probabilities, float), np.array(job.labels, int)
    bins = tuple(CalibrationBin(*row) for row in calibration_bins(p, label))
    return Metrics(summary(p, label), confusion(p, label).tolist(), bins)


def summary(p: Floats, label: Places) -> dict[str, float]:
    """Return accuracy, macro F1, calibration error, coverage and recall by label, each a share from 0 to 1."""
    matrix, present = confusion(p, label), np.unique(label)
    return {
        "accuracy": accuracy(p, label),
        "macro F1": macro_f1(p, label),
        "calibration error": calibration_error(p, label),
        "coverage at 95 %": coverage(p, label, 0.95),
        "coverage at 97 %": coverage(p, label, 0.97),
        **{f"recall {LABELS[k]}": float(matrix[k, k] / matrix[k].sum()) for k in present},
    }
