import base64

import numpy as np
import pytest

from drumwatch.analysis import map_layout
from drumwatch.analysis.map_layout import lay_out
from drumwatch.workers.protocol import LayOutMap


def request(vectors):
    return LayOutMap(tuple(base64.b64encode(v.astype(np.float32).tobytes()).decode() for v in vectors))


def two_families(count=40, seed=1):
    chance = np.random.default_rng(seed)
    return [chance.normal(side, 0.3, 12) for side in (0, 3) for _ in range(count)]


def test_sounds_that_are_alike_lie_near_each_other():
    places = np.array(lay_out(request(two_families())).places)

    first, second = places[:40], places[40:]
    apart = np.linalg.norm(first.mean(axis=0) - second.mean(axis=0))
    assert apart > 2 * max(first.std(axis=0).max(), second.std(axis=0).max())


def test_the_map_fills_the_square_and_is_the_same_every_time():
    places = np.array(lay_out(request(two_families())).places)

    assert places.min(axis=0).tolist() == [0, 0]
    assert places.max(axis=0).tolist() == [1, 1]
    assert places.tolist() == lay_out(request(two_families())).places


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_few_sounds_have_places_too(count):
    vectors = [np.array([n, np.nan, np.inf, 2 * n]) for n in range(count)]

    places = lay_out(request(vectors)).places

    assert len(places) == count
    assert all(0 <= value <= 1 for place in places for value in place)


def test_a_sound_beyond_the_landmarks_has_its_place_among_those_it_is_like(monkeypatch):
    monkeypatch.setattr(map_layout, "LANDMARKS", 30)
    places = np.array(lay_out(request(two_families())).places)

    first, second = places[:40], places[40:]
    middle = [np.median(family, axis=0) for family in (first, second)]
    for own, other, family in ((0, 1, first), (1, 0, second)):
        assert (
            np.linalg.norm(family - middle[own], axis=1) < np.linalg.norm(family - middle[other], axis=1)
        ).all()


def test_likeness_is_measured_in_more_directions_than_the_map_has():
    vectors = two_families(count=5)
    senses = np.array(lay_out(request([*vectors, vectors[0]])).components)

    away = np.linalg.norm(senses - senses[0], axis=1)
    assert senses.shape[1] > 2
    assert away.argsort(kind="stable")[:2].tolist() == [0, 10]
    assert away[:5].max() < away[5:10].min()
