"""What neighbors say as numbers: the examples of docs/model.md, and how far they hold back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.context.evidence import (
    PRIOR,
    LevelEvidence,
    combined,
    confirmed_as,
    count_weight,
    describe,
    evidence_of,
    factor_of,
    in_context,
    strength,
)
from drumwatch.core.records import LABELS

FLAT = (1.0, 1.0, 1.0, 1.0, 1.0)


def sure_of(label: str, share: float) -> tuple[float, ...]:
    rest = (1 - share) / (len(LABELS) - 1)
    return tuple(share if one == label else rest for one in LABELS)


def stem_factor(*mates: tuple[float, ...]) -> tuple[float, ...]:
    said = [sum(column) for column in zip(*map(evidence_of, mates), strict=True)]
    return factor_of("stem", said, len(mates))


def test_one_mate_says_a_little_and_four_say_much():
    one, four = (stem_factor(*[sure_of("kick", 0.6)] * count) for count in (1, 4))

    assert (one[0], one[3]) == pytest.approx((3.2, 0.6), abs=0.2)
    assert four[0] == pytest.approx(12, abs=0.5)
    assert strength(four) > strength(one) > 1


def test_mates_that_disagree_say_next_to_nothing():
    mates = [sure_of(label, 0.9) for label in ("kick", "snare", "percussion") for _ in range(4)]

    assert strength(stem_factor(*mates)) < 0.7


def test_a_snare_among_eight_kicks_becomes_unsure():
    kick, snare, *_ = in_context(sure_of("snare", 0.92), stem_factor(*[sure_of("kick", 0.9)] * 8))

    assert kick == pytest.approx(0.56, abs=0.03)
    assert snare == pytest.approx(0.36, abs=0.03)


def test_more_than_sixteen_mates_say_no_more():
    assert stem_factor(*[sure_of("hat", 0.7)] * 16) == pytest.approx(stem_factor(*[sure_of("hat", 0.7)] * 99))
    assert count_weight(4) == 2


def test_without_neighbors_the_probabilities_are_exactly_those_by_sound():
    p = (0.1, 0.2, 0.3, 0.15, 0.25)

    assert in_context(p, combined([])) == p


def test_no_neighbor_counts_against_a_class_of_the_users_own():
    factor = stem_factor(*[sure_of("kick", 0.9)] * 8)
    alone = (0.05, 0.05, 0.05, 0.05, 0.1, 0.7)

    judged = in_context(alone, factor)

    assert judged[5] / judged[0] > alone[5] / alone[0] * 0.3
    assert judged.index(max(judged)) == 5


def test_what_the_user_has_named_speaks_loudest():
    named, heard = (stem_factor(p) for p in (confirmed_as("clap"), sure_of("percussion", 0.7)))

    assert confirmed_as("clap") == confirmed_as("percussion") == (0.01, 0.01, 0.01, 0.96, 0.01)
    assert named[3] > heard[3]


SHARES = st.lists(st.floats(0.001, 1), min_size=5, max_size=5).map(
    lambda shares: tuple(share / sum(shares) for share in shares)
)


@given(SHARES, st.lists(SHARES, min_size=1, max_size=20))
def test_the_result_is_a_distribution_and_no_factor_is_zero(p, mates):
    factor = stem_factor(*mates)

    assert min(factor) >= 0.2
    assert sum(in_context(p, factor)) == pytest.approx(1)


def test_a_sound_as_usual_as_all_says_nothing():
    assert evidence_of(PRIOR) == pytest.approx((0.0,) * 5)
    assert strength(factor_of("folder", [0.0] * 5, 3)) == pytest.approx(0)
    assert min(evidence_of(sure_of("kick", 1.0))) == pytest.approx(math.log(0.06))


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        (
            LevelEvidence("stem", FLAT, 12, (0, 11, 0, 1, 0), "ghost"),
            "11 of 12 sounds named like it sound like a snare",
        ),
        (
            LevelEvidence("stem", FLAT, 1, (0, 1, 0, 0, 0), "ghost"),
            "the other sound named like it sounds like a snare",
        ),
        (
            LevelEvidence("word", FLAT, 1, (1, 0, 0, 0, 0), "ghost", confirmed=1),
            'the other sound with "ghost" in the name does not sound like a snare, as you said',
        ),
        (
            LevelEvidence("folder", FLAT, 9, (2, 7, 0, 0, 0), "Drums", confirmed=2),
            "7 of 9 sounds of its folder sound like a snare, 2 of them as you said",
        ),
    ],
)
def test_a_reason_counts_the_neighbors_that_agree(evidence, text):
    assert describe(evidence, "snare") == text
