"""Which sounds are similar to one, by the distances of their feature vectors."""

from __future__ import annotations

import numpy as np
from sounds import decaying_sine, kick, noise_burst, write

from drumwatch.analysis.analyze import analyze, find_similar
from drumwatch.workers.protocol import Analyze, FindSimilar


def features(path, y):
    return analyze(Analyze(str(write(path, y)), with_features=True)).features


def test_the_nearest_comes_first_and_what_is_too_different_is_not_named(tmp_path):
    boom = features(tmp_path / "a.wav", decaying_sine(60))
    others = {
        "hat": features(tmp_path / "b.wav", np.diff(noise_burst(0.15, decay=0.015), n=3).astype(np.float32)),
        "near": features(tmp_path / "c.wav", decaying_sine(60, decay=0.11)),
        "same": boom,
    }

    found = find_similar(FindSimilar(boom, others)).keys

    assert found == ("same", "near")


def test_vectors_of_other_features_are_left_out(tmp_path):
    boom = features(tmp_path / "a.wav", kick())

    assert find_similar(FindSimilar(boom, {"old": "AAAAAAAAAAA="})).keys == ()
    assert find_similar(FindSimilar(boom, {})).keys == ()
