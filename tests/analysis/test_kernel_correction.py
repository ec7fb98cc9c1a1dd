"""A correction changes the verdicts of similar sounds, is outvoted by its neighbours where it was a mistake, and ends with distance."""

from __future__ import annotations

import numpy as np
import pytest

from drumwatch.analysis.model.kernel_correction import BANDWIDTH, REGULARIZATION, fit

FLAT = np.array([[0.6, 0.4]], np.float32)  # what the model says of every sound: the first of two types


def echo_of(points: list[float], types: list[int], weight: float = 1.0):
    """An correction along one line: sounds at these places, named these types."""
    at = np.array(points, np.float32)[:, None]
    allowed = np.eye(2, dtype=bool)[types]
    weights = np.full(len(points), weight, np.float32)
    return fit(at, np.repeat(FLAT, len(points), axis=0), allowed, weights, np.ones(1, np.float32))


def second(correction, place: float) -> float:
    """Probability of the second type at a place."""
    return float(correction.apply(np.array([place], np.float32), FLAT[0])[1])


def test_a_neighbour_follows_and_a_stranger_does_not():
    correction = echo_of([0.0], [1])

    assert second(correction, 0.0) > 0.8
    assert second(correction, BANDWIDTH / 2) > 0.7
    assert second(correction, 5 * BANDWIDTH) == pytest.approx(0.4, abs=1e-3)


def test_one_mistake_is_outvoted_by_its_neighbours():
    correction = echo_of([0.0, 0.05, -0.05, 0.1, -0.1], [1, 0, 0, 0, 0])

    assert second(correction, 0.02) < 0.5


def test_no_sound_pulls_harder_than_its_weight_allows():
    correction = echo_of([0.0], [1], weight=0.2)

    assert np.abs(correction.weights).max() <= 0.2 / REGULARIZATION


def test_a_label_that_allows_several_types_leaves_their_shares_alone():
    at = np.zeros((1, 1), np.float32)
    types = np.array([[0.5, 0.3, 0.2]], np.float32)
    allowed = np.array([[False, True, True]])
    correction = fit(at, types, allowed, np.ones(1, np.float32), np.ones(1, np.float32))

    first, b, c = correction.apply(at[0], types[0])

    assert first < 0.2
    assert b / c == pytest.approx(1.5, rel=0.05)
