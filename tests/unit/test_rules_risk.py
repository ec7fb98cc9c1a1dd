"""How often the model is wrong, by the risk curves of its card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.core.records import Verdict
from drumwatch.filing.confidence import RiskCurve, evidence_behind

RISK = RiskCurve.from_card({"risk": {"kick": [[0.5, 0.4], [0.9, 0.1], [1.0, 0.02]], "snare": [[0.5, 0.9]]}})


@pytest.mark.parametrize(
    ("confidence", "risk"),
    [(0.0, 1.0), (0.49, 1.0), (0.5, 0.4), (0.89, 0.4), (0.9, 0.1), (0.99, 0.1), (1.0, 0.02)],
)
def test_the_risk_is_that_of_the_last_measured_point_that_was_reached(confidence, risk):
    assert RISK.at("kick", confidence) == risk


def test_above_the_last_point_it_stays_and_an_unmeasured_label_is_all_risk():
    assert RISK.at("snare", 0.99) == 0.9
    assert RISK.at("zap", 1.0) == 1.0
    assert RiskCurve.from_card({}).at("kick", 1.0) == 1.0


def test_where_more_confidence_was_measured_worse_the_worse_figure_holds_below_as_well():
    risk = RiskCurve.from_card({"risk": {"kick": [[0.5, 0.1], [0.9, 0.2], [0.8, 0.05]]}})

    assert [risk.at("kick", confidence) for confidence in (0.5, 0.8, 0.9)] == [0.2, 0.2, 0.2]


def test_no_measurement_makes_a_verdict_certain():
    risk = RiskCurve.from_card({"risk": {"kick": [[0.5, 0.0]]}})

    assert 0 < risk.at("kick", 1.0) < 0.001


def test_a_folder_of_several_labels_has_their_risks_by_their_parts():
    assert RISK.of({"kick": 0.675, "snare": 0.225}, 0.9) == pytest.approx(0.75 * 0.1 + 0.25 * 0.9)
    assert RISK.of({"kick": 0.9}, 0.9) == RISK.at("kick", 0.9)
    assert RISK.of({}, 0.0) == 1.0


SHARE = st.floats(0, 1)


@given(st.lists(st.tuples(SHARE, SHARE), max_size=6), SHARE, SHARE)
def test_more_confidence_is_never_more_risk(knots, one, other):
    risk = RiskCurve.from_card({"risk": {"kick": knots}})
    low, high = sorted((one, other))

    assert 0 < risk.at("kick", high) <= risk.at("kick", low) + 1e-12 <= 1 + 1e-12


BY_EVIDENCE = RiskCurve.from_card(
    {
        "risk": {"kick": [[0.5, 0.4], [0.9, 0.1]], "zap": [[0.5, 0.2]]},
        "risk_with_neighbors": {"kick": [[0.5, 0.04]]},
        "risk_with_name": {"kick": [[0.5, 0.01]]},
    }
)


def test_sounds_with_neighbors_or_a_name_have_error_rates_of_their_own():
    risks = [BY_EVIDENCE.fitting(kind).at("kick", 0.6) for kind in ("sound", "neighbors", "name")]

    assert risks == [0.4, 0.04, 0.01]


def test_a_class_of_the_users_own_has_the_same_error_rate_whatever_speaks_for_it():
    risks = [BY_EVIDENCE.fitting(kind).at("zap", 0.6) for kind in ("sound", "neighbors", "name")]

    assert risks == [0.2, 0.2, 0.2]


def test_a_card_of_an_earlier_version_has_one_curve_for_all():
    assert RISK.fitting("neighbors").at("kick", 0.9) == RISK.at("kick", 0.9)


def test_a_label_that_was_corrected_often_is_more_risky_by_whatever_it_was_found():
    stricter = BY_EVIDENCE.stricter({"kick": 3.0})

    assert [stricter.fitting(kind).at("kick", 0.6) for kind in ("sound", "neighbors", "name")] == [
        pytest.approx(1.0),
        pytest.approx(0.12),
        pytest.approx(0.03),
    ]


@pytest.mark.parametrize(
    ("name_says", "clash", "strength", "evidence"),
    [
        ("", "", 0.0, "sound"),
        ("", "", 0.9, "sound"),
        ("", "", 1.0, "neighbors"),
        ("kick", "", 0.0, "name"),
        ("kick", "", 2.0, "name"),
        ("kick", "tom", 0.0, "sound"),  # the sound contradicts the name
        ("snare", "", 0.0, "sound"),  # the verdict is another one than the name's
        ("snare", "", 2.0, "neighbors"),
    ],
)
def test_the_error_rate_is_chosen_by_what_decided(name_says, clash, strength, evidence):
    p = {"kick": 0.6, "snare": 0.4}
    verdict = Verdict("kick", "kick", 0.6, p, p, "snare", "one-shot", 0.4)
    told = replace(verdict, name_says=name_says, clash=clash, context_strength=strength)

    assert evidence_behind(told) == evidence
