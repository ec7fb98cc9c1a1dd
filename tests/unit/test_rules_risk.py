"""How often the model is wrong, by the risk curves of its card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drumwatch.filing.confidence import RiskCurve

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
