"""Reasons are facts that a musician hears, speak for the label that they are given for, and never contradict each other."""

from __future__ import annotations

import itertools
import re

import msgspec
import numpy as np
import pytest
from sounds import SR, decaying_sine, kick, noise_burst, write

from drumwatch.analysis.analyze import analyze
from drumwatch.analysis.explain import by_facts
from drumwatch.analysis.features import FEATURE_NAMES, extract
from drumwatch.analysis.model.model_file import SHIPPED, TYPES, load
from drumwatch.analysis.model.reference_sounds import reference_sounds_of
from drumwatch.analysis.net_inputs import net_inputs_of
from drumwatch.analysis.sound_facts import FACETS, OF_FEATURE, facts_of, quantities_of
from drumwatch.analysis.spectrum import analyse
from drumwatch.core.records import LABEL_OF_TYPE, Reason, Verdict
from drumwatch.workers.protocol import Analyze

# Pairs of patterns of facts that must not be said of one sound
CONTRADICTIONS = [
    (r"dies away at once|has a short tail", r"rings on|goes on"),
    (r"within a quarter of a second", r"for (2[6-9]\d|3\d\d) ms|for \S+ s$"),
    (r"dies away at once", r"rings in the middle for|hisses for|goes on|its bottom rings"),
    (r"dies away slowly|goes on and on", r"a short push at the bottom$"),
    (r"^(bright )?noise$|hiss$", r"its pitch|clear pitch|one note"),
    (r"its pitch does not", r"holds no note"),
    (r"clear pitch|one note", r"holds no note"),
    (r"has no click", r"but the click|begins with a click"),
    (r"next to no highs", r"begins with a click|hiss|bright"),
    (r"low boom", r"nothing deep"),
    (r"in the middle$", r"next to nothing in the middle"),
    (r"a single stroke", r"again and again|in a row"),
]


@pytest.fixture(scope="module")
def known():
    """Type and facts of each sound that the model learned from."""
    model = load(str(SHIPPED))
    stored = reference_sounds_of(model)
    kinds = [model.card["groups"][group] for group in stored.group]
    return [
        (kind, facts_of(quantities_of(vector)))
        for kind, vector in zip(kinds, stored.vectors.astype(np.float32), strict=True)
    ]


def facts(y: np.ndarray) -> set[str]:
    spectrum = analyse(y, SR)
    return {
        found.text
        for found in facts_of(quantities_of(extract(spectrum, net_inputs_of(spectrum).lines))).values()
    }


def test_a_long_low_sine_without_a_click_is_told_as_a_drummer_would(tmp_path):
    t = np.arange(round(1.2 * SR)) / SR
    y = (np.sin(2 * np.pi * 50 * t) * np.exp(-t / 0.15) * np.minimum(t / 0.01, 1)).astype(np.float32)
    path = str(write(tmp_path / "a.wav", y))

    reasons = analyze(Analyze(path, with_reasons=True)).verdict.reasons

    assert "low boom" in {text for reason in reasons for text in re.findall("low boom", reason.text)}
    assert {
        "low boom",
        "dies away slowly",
        "has no click at the start",
    } <= facts(y)
    assert "next to no highs" in facts(y)


def test_a_burst_of_noise_is_noise_with_a_short_tail():
    assert {"hiss", "has a short tail", "a single stroke"} <= facts(noise_burst(0.3, decay=0.02))


def test_a_falling_sine_dives_and_a_steady_one_does_not():
    assert any("pitch dives" in fact for fact in facts(kick()))
    assert "its pitch does not move" in facts(decaying_sine(180, 0.5))


def test_strokes_that_repeat_are_no_single_stroke():
    hands = [np.pad(noise_burst(0.1, decay=0.004, seed=n), (0, SR // 4)) for n in range(4)]
    clap = np.sum([np.roll(hand, round(n * 0.018 * SR)) for n, hand in enumerate(hands)], axis=0)
    loop = np.concatenate([noise_burst(0.15)] * 12)

    assert "several bursts in a row, like hands" in facts(clap.astype(np.float32))
    assert "strikes again and again" in facts(loop)


def verdict_on(kind: str) -> Verdict:
    label = LABEL_OF_TYPE.get(kind, kind)
    return Verdict(label, kind, 0.9, {label: 0.9}, {kind: 0.9}, "", "one-shot", 0.3)


def reasons_for(kind: str, y: np.ndarray, **weights: float) -> list[Reason]:
    """The reasons if the features of these facets change the label's probability so much."""
    spectrum = analyse(y, SR)
    found = facts_of(quantities_of(extract(spectrum, net_inputs_of(spectrum).lines)))
    contributions = np.zeros(len(FEATURE_NAMES), np.float32)
    for facet, weight in weights.items():
        contributions[next(at for at, name in enumerate(FEATURE_NAMES) if OF_FEATURE[name] == facet)] = weight
    return by_facts(found, contributions, verdict_on(kind))


def test_what_speaks_for_the_label_together_is_one_phrase_with_the_numbers_behind_it():
    (reason,) = reasons_for("bass", decaying_sine(50, 1.5, decay=0.2), body=0.2, length=0.1)

    assert reason.text == "long low boom"
    assert reason.weight == pytest.approx(0.3)
    assert re.fullmatch(r"\d+ % of its energy below 130 Hz, .+; falls by 20 dB in 0\.\d s", reason.measured)


def test_noise_that_is_short_has_a_short_tail():
    white = noise_burst(0.3, decay=0.03)
    dark = np.convolve(white, np.ones(24) / 24, "same").astype(np.float32)

    texts = [reason.text for reason in reasons_for("clap", dark, body=0.2, length=0.1)]

    assert texts == ["noise with a short tail"]


@pytest.mark.parametrize(("kind", "weight"), [("hat-closed", 0.1), ("kick", -0.1)])
def test_a_fact_that_would_speak_for_the_wrong_side_is_left_out(kind, weight):
    assert reasons_for(kind, decaying_sine(50, 0.6), body=weight) == []


@pytest.mark.parametrize("weight", [0.1, -0.1])
def test_a_fact_that_nobody_wonders_about_speaks_neither_for_nor_against(weight):
    steady = decaying_sine(180, 0.8, decay=0.3)

    assert "rings with a clear pitch" in facts(steady)
    assert reasons_for("tonal", steady, note=weight) == []


def test_facts_about_a_class_of_the_user_s_own_speak_as_the_trees_say():
    boom = decaying_sine(50, 0.6)

    assert [reason.text for reason in reasons_for("blips", boom, body=0.1)] == ["low boom"]
    assert [reason.weight for reason in reasons_for("blips", boom, body=-0.1)] == [pytest.approx(-0.1)]


def test_a_reason_of_an_earlier_version_is_shown_as_it_is():
    stored = b'{"text": "much energy at 20-70 Hz: 50.1 % of the whole", "weight": 0.2, "feature": "20-70 Hz: share"}'

    reason = msgspec.json.decode(stored, type=Reason)

    assert (reason.text, reason.measured) == ("much energy at 20-70 Hz: 50.1 % of the whole", "")


def test_every_feature_belongs_to_a_facet():
    assert [name for name in FEATURE_NAMES if not OF_FEATURE[name]] == []


def test_facts_name_types_that_there_are():
    typical = {kind for facet in FACETS for fact in facet.facts for kind in fact.typical.split()}

    assert typical == set(TYPES)


def test_no_two_facts_about_a_sound_contradict_each_other(known):
    found = [
        (kind, one, other)
        for kind, facts in known
        for one, other in itertools.permutations([found.text for found in facts.values()], 2)
        for first, second in CONTRADICTIONS
        if re.search(first, one) and re.search(second, other)
    ]

    assert found[:20] == []


def test_numbers_are_behind_every_fact(known):
    assert [
        found for _, facts in known for found in facts.values() if not re.search(r"\d", found.measured)
    ] == []


def test_a_fact_is_typical_of_types_of_which_it_holds_about_as_often_as_of_most_or_more_often(known):
    of_type = {kind: [facts for other, facts in known if other == kind] for kind in TYPES}
    wrong = []
    for facet in FACETS:
        for fact in filter(lambda fact: fact.text, facet.facts):
            held = {
                kind: np.mean([facet.name in one and one[facet.name].fact is fact for one in sounds])
                for kind, sounds in of_type.items()
            }
            usual = np.mean(list(held.values()))
            if usual > 0.01:
                wrong += [
                    (fact.text, kind)
                    for kind in TYPES
                    if fact.is_typical_of(kind) and held[kind] < 0.6 * usual
                ]

    assert wrong == []
