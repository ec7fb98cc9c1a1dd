"""Sounds of different types are compared by what distinguishes each from others of its type."""

from __future__ import annotations

import base64

import numpy as np

from drumwatch.analysis.analyze import loaded_model
from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.analysis.sound_comparison import by_type, compare, nearly_the_same
from drumwatch.workers.protocol import ComparedSound, CompareSounds


def base64_of(vector):
    return base64.b64encode(np.asarray(vector, np.float32).tobytes()).decode()


def test_a_bright_kick_lies_near_a_bright_hat_although_kicks_and_hats_differ():
    rng = np.random.default_rng(0)
    brightness = np.tile(np.linspace(-3, 3, 40), 2)
    types = ["kick"] * 40 + ["hat-closed"] * 40
    x = rng.normal(0, 0.1, (80, 6)).astype(np.float32)
    x[:, 0] = brightness
    x[40:, 1:] += 20

    places = by_type(x, types)

    away = np.linalg.norm(places[40:] - places[39], axis=1)
    assert away[39] < away[20] < away[0]


def test_the_same_sound_twice_is_a_pair_and_sounds_of_another_analysis_have_no_place():
    classifier = loaded_model(str(model_file.SHIPPED))
    vectors = reference_sounds.reference_sounds_of(classifier).vectors[:6].astype(np.float32)
    ear = classifier.analysis_id
    known = [ComparedSound(ear, base64_of(vector), "kick") for vector in (*vectors, vectors[2])]
    job = CompareSounds((known[0], ComparedSound("older", "AAAA", "kick"), *known[1:]))

    found = compare(job)

    assert [bool(place) for place in found.places] == [True, False, *[True] * 6]
    assert (3, 7) in found.near
    assert job.fits(found)
    assert not found.problem()


def test_many_rows_are_compared_in_parts_with_the_same_result():
    x = np.random.default_rng(1).normal(0, 1, (1100, 40)).astype(np.float32)
    x[1050] = x[3]

    assert nearly_the_same(x) == [(3, 1050)]
