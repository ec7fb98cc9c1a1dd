"""A reason names what was measured in plain words, and whether that is more or less than in most sounds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from drumwatch.analysis.explain import describe
from drumwatch.analysis.features import FEATURE_NAMES
from drumwatch.analysis.model.model_file import load


@pytest.mark.parametrize(
    ("feature", "value", "usual", "text"),
    [
        ("1000-2000 Hz: centre of time", np.log2(0.071), -6.0, "1000-2000 Hz rings late: centroid at 71 ms"),
        (
            "1000-2000 Hz: centre of time",
            np.log2(0.071),
            -2.0,
            "1000-2000 Hz rings early: centroid at 71 ms",
        ),
        ("20-70 Hz: share", -3.0, -20.0, "much energy at 20-70 Hz: 50.1 % of the whole"),
        ("whole: brightness", 10.0, 11.0, "low spectral centroid during the whole sound: 1024 Hz"),
        ("0-15 ms: noisiness", -0.5, -2.0, "high spectral flatness during 0-15 ms: -0.50"),
        ("180-400 ms: strongest line", -3.0, -9.0, "high spectral crest during 180-400 ms: -3 dB"),
        ("400-1000 ms: spread", -1.0, 1.0, "silence during 400-1000 ms"),
        ("pitch: pitch at 180-400 ms", 0.0, 5.0, "silence during 180-400 ms"),
        ("envelope: time to -20 dB", np.log2(0.2), -4.0, "decays to -20 dB slowly: 200 ms"),
        ("envelope: onset spacing", 0.0, 0.1, "a single onset"),
        ("tone: drift", 5.0, 0.0, "partials move by +4.0 semitones from body to tail"),
    ],
)
def test_a_feature_is_described_with_its_term_and_compared_with_most_sounds(feature, value, usual, text):
    assert describe(feature, float(value), usual) == text


@pytest.mark.parametrize("value", [-60.0, -1.0, 0.0, 1.0, 10.0])
def test_every_feature_has_a_wording_for_every_value(value):
    texts = [describe(feature, value, 0.5) for feature in FEATURE_NAMES]

    assert [text for text in texts if re.search(r"[{}]|  |^ ", text)] == []


def test_the_mean_of_every_feature_in_the_training_sounds_is_known():
    usual = load().nets.feature_means

    assert usual.shape == (len(FEATURE_NAMES),)
    assert np.isfinite(usual).all()
