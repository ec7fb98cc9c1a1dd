"""What confirmations mean to a model, and when max_wrong is exceeded in practice."""

from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.filing.confidence import RiskCurve
from drumwatch.journal import Confirmation
from drumwatch.learning.drift import Outcome, drifts
from drumwatch.learning.retrain import Compared, Figures, Replayed, why_worse
from drumwatch.learning.training_request import allowed_types, label_to_keep, types_of

RISK = RiskCurve.from_card({"risk": {"snare": [[0.5, 0.1], [0.9, 0.02]]}})


def confirmations(label: str, count: int) -> list[Confirmation]:
    return [
        Confirmation(0.0, f"{label} {n}", label, "command", Path("s.wav"), "kick", "") for n in range(count)
    ]


@pytest.mark.parametrize(
    ("word", "labels", "types"),
    [
        ("hat", {}, ("hat-closed", "hat-open")),
        ("hat-open", {}, ("hat-open",)),
        ("kick", {"kick": "Bass Drums"}, ("kick",)),
        ("snare", {"clap": "snare"}, ("snare", "clap")),
        ("toms", {"tom": "toms"}, ("tom",)),
        ("blips", {}, ()),
        (
            "hat",
            {"hat": "Hats", "hat-closed": "Hats/Closed", "hat-open": "Hats/Open"},
            ("hat-closed", "hat-open"),
        ),
    ],
)
def test_a_label_allows_the_types_that_go_to_its_folder(word, labels, types):
    assert types_of(word, labels) == types


def test_a_folder_of_one_type_is_kept_as_that_type_and_a_path_never_becomes_a_class():
    labels = {"tom": "Drums/Toms", "clap": "Drums/Claps", "rim": "Drums/Claps", "bell": "bells"}

    kept = [label_to_keep(one, labels) for one in ("Drums/Toms", "Drums/Claps", "bells", "kick", "blips")]

    assert kept == ["tom", "Drums/Claps", "bells", "kick", "blips"]
    assert allowed_types(confirmations("Drums/Old", 20), labels).own == ()


def test_twenty_sounds_make_a_class_and_nineteen_do_not():
    means = allowed_types(
        [*confirmations("blips", 20), *confirmations("bloops", 19), *confirmations("kick", 1)], {}
    )

    assert means.own == ("blips",)
    assert means.by_label == {"kick": ("kick",), "blips": ("blips",)}


def filed(count: int, wrong: int, pack: str = "") -> list[Outcome]:
    return [Outcome("snare", pack, 0.95, n < wrong) for n in range(count)]


def test_a_label_that_is_corrected_too_often_has_to_be_surer():
    (drift,) = drifts(filed(50, 10), RISK, 0.05)

    assert (drift.name, drift.filed, drift.wrong) == ("snare", 50, 10)
    assert drift.factor == pytest.approx(10.0)
    assert RISK.stricter({"snare": drift.factor}).at("snare", 0.95) == pytest.approx(0.2)
    assert drift.describe(0.05).startswith("snare: you corrected 10 of the last 50 filed alone")


def test_a_few_corrections_are_chance():
    assert list(drifts(filed(40, 3), RISK, 0.05)) == []


def test_a_pack_differs_from_its_label():
    found = list(drifts([*filed(150, 0), *filed(20, 8, pack="Odd Snares")], RISK, 0.05))

    assert [(one.kind, one.name) for one in found] == [("pack", "Odd Snares")]


def figures(won: int, lost: int, before: int = 10, after: int = 12) -> Figures:
    elsewhere = Compared(2000, 1700, 1700 + won - lost, won, lost)
    return Figures(elsewhere, Compared(20, before, after, 0, 0), Replayed(0, 0, 0, 0))


def test_a_model_no_worse_than_chance_explains_goes_live():
    assert why_worse(figures(won=20, lost=25)) == ""


@pytest.mark.parametrize(
    ("worse", "why"),
    [
        (figures(won=5, lost=30), "25 fewer correctly"),
        (figures(won=200, lost=225), "25 fewer correctly"),
        (figures(won=0, lost=0, before=12, after=11), "held out of its training"),
    ],
)
def test_a_model_that_is_worse_stays_out_and_the_reason_is_given(worse, why):
    assert why in why_worse(worse)
