"""Where names or folders say nothing, neighbors hold back: groups drawn from sounds whose probabilities are right as often as they say.

Probabilities are those of five classes that overlap like clouds of equal shape, so they are calibrated by construction, and the likeliest
one is right for about 84 sounds in 100, as in the corpus.
"""

from __future__ import annotations

import functools
import math
import random
from typing import TYPE_CHECKING

import pytest

from drumwatch.context.evidence import combined, in_context
from drumwatch.context.neighbors import Neighbors, NeighborSound, Place
from drumwatch.core.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.context.evidence import Five

DISTANCE = 2.2
COUNT = len(LABELS)


class Result:
    """For a kind of sounds: how often they are right, and how often sure and wrong, alone and with their neighbors."""

    def __init__(self) -> None:
        self.count = 0
        self.right = [0, 0]
        self.sure = [0, 0]
        self.sure_and_wrong = [0, 0]

    def add(self, label: int, alone: tuple[float, ...], judged: tuple[float, ...]) -> None:
        self.count += 1
        for at, p in enumerate((alone, judged)):
            is_right, is_sure = p.index(max(p)) == label, max(p) > 0.9
            self.right[at] += is_right
            self.sure[at] += is_sure
            self.sure_and_wrong[at] += is_sure and not is_right

    @property
    def gain(self) -> float:
        return (self.right[1] - self.right[0]) / self.count

    def share_sure(self, at: int) -> float:
        return self.sure[at] / self.count


def heard(label: int, rng: random.Random) -> Five:
    said = [math.exp(DISTANCE * (rng.gauss() + DISTANCE * (one == label))) for one in range(COUNT)]
    a, b, c, d, e = (share / sum(said) for share in said)
    return (a, b, c, d, e)


@functools.cache
def results(labels: Callable[[random.Random], list[int]], name: str, groups: int) -> tuple[Result, Result]:
    """The usual sounds of the groups, and the odd ones: the last of each group, if its label is no other's."""
    rng, usual, odd = random.Random(1), Result(), Result()
    for _ in range(groups):
        group = [(label, heard(label, rng)) for label in labels(rng)]
        neighbors = Neighbors()
        for at, (_, p) in enumerate(group):
            neighbors.put(at, NeighborSound(Place("Pack", "A", name.format(at)), p, p))
        for at, (label, p) in enumerate(group):
            others = [other for number, (other, _) in enumerate(group) if number != at]
            is_odd = at == len(group) - 1 and label not in others and len(set(others)) == 1
            (odd if is_odd else usual).add(label, p, in_context(p, combined(neighbors.evidence(at))))
    return usual, odd


def any_of_five(rng: random.Random) -> list[int]:
    return [rng.randrange(COUNT) for _ in range(20)]


def kicks_and_snares(rng: random.Random) -> list[int]:
    return [rng.randrange(2) for _ in range(20)]


def nine_and_an_odd_one(rng: random.Random) -> list[int]:
    usual, odd = rng.sample(range(COUNT), 2)
    return [usual] * 9 + [odd]


@pytest.mark.parametrize("name", ["sample {}.wav", "{}.wav"])
def test_a_jumble_of_all_labels_under_one_name_stays_as_it_is(name):
    jumble, _ = results(any_of_five, name, 400)

    assert abs(jumble.gain) <= 0.005
    assert jumble.sure_and_wrong[1] <= jumble.sure_and_wrong[0]


def test_kicks_and_snares_under_one_name_are_not_worse():
    mixed, _ = results(kicks_and_snares, "sample {}.wav", 400)

    assert mixed.gain > 0
    assert mixed.sure_and_wrong[1] < mixed.sure_and_wrong[0]


def test_the_odd_one_under_a_common_name_becomes_unsure_rather_than_wrongly_sure():
    _, odd = results(nine_and_an_odd_one, "sample {}.wav", 1000)

    assert odd.count == 1000
    assert odd.sure_and_wrong[1] / odd.count <= 0.1
    assert odd.share_sure(1) < odd.share_sure(0) / 2


def test_the_odd_one_among_numbered_files_becomes_unsure_rather_than_wrongly_sure():
    _, odd = results(nine_and_an_odd_one, "{}.wav", 1000)

    assert odd.sure_and_wrong[1] / odd.count <= 0.05
    assert odd.share_sure(1) < odd.share_sure(0) / 2


def test_the_nine_that_are_alike_win_by_it():
    nine, _ = results(nine_and_an_odd_one, "sample {}.wav", 1000)

    assert nine.gain > 0.05
    assert nine.sure_and_wrong[1] / nine.sure[1] < 0.02
