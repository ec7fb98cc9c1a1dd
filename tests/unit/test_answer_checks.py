"""What a worker's answer may not hold although its types are right."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import Reason, Verdict
from drumwatch.learning.retrain import store_result
from drumwatch.workers import answer_checks, model_store
from drumwatch.workers.protocol import (
    Analyze,
    Analyzed,
    BrokenAnswer,
    Digest,
    Failed,
    Trained,
    Unpack,
    UnpackedArchive,
    UnpackLimits,
    decode_answer,
    encode_answer,
)

VERDICT = Verdict(
    "blips", "blips", 0.9, {"blips": 0.9, "kick": 0.1}, {"blips": 0.9, "kick": 0.1}, "kick", "one-shot", 0.5
)


@pytest.mark.parametrize(
    "text", ["1e400", "-1e400", "NaN", "Infinity", "9223372036854775808", "9" * 5000, "[1, -Infinity]"]
)
def test_a_number_that_the_journal_cannot_store_is_refused(text):
    with pytest.raises(ValueError, match=r"too large|is no JSON"):
        answer_checks.parse(text)


@pytest.mark.parametrize("text", ["9223372036854775807", "-5", "1e300", "0.25", "7"])
def test_a_usual_number_is_read(text):
    assert answer_checks.parse(text) == json.loads(text)


def test_a_line_of_too_many_values_is_refused_before_they_are_made():
    assert answer_checks.parse("[1, 2]", most_values=2) == [1, 2]
    with pytest.raises(ValueError, match="too many"):
        answer_checks.parse("[1, 2, 3]", most_values=2)


@pytest.mark.parametrize(
    ("value", "names", "odd"),
    [
        ("a\u266b\U0001f941", False, False),
        ("\udcff", False, True),
        ("\udcff", True, False),
        ("\ud800", True, True),
        ({"a": ["\udcff"]}, False, True),
        ({"\ud800": 1}, True, True),
        ([1, None, True, 0.5], False, False),
    ],
)
def test_only_names_of_files_may_be_no_unicode(value, names, odd):
    assert answer_checks.has_odd_surrogates(value, names=names) is odd


@pytest.mark.parametrize(
    ("line", "may_have"),
    [
        ('{"path": "kick.wav", "label": "a\\n\\"b"}', False),
        (json.dumps({"path": "\udcff.wav"}), True),
        (json.dumps({"\ud800": 1}), True),
        (json.dumps("\u266b"), True),
        (json.dumps("\u266b", ensure_ascii=False), True),
        (json.dumps("\ud800", ensure_ascii=False), True),
    ],
)
def test_a_line_of_plain_characters_is_not_looked_through(line, may_have):
    assert answer_checks.may_have_surrogates(line) is may_have


def test_a_verdict_with_a_label_of_the_user_is_one():
    assert answer_checks.verdict_problem(VERDICT) == ""


@pytest.mark.parametrize(
    "more",
    [
        {"label": "snare"},
        {"type": "snare"},
        {"runner_up": "snare"},
        {"confidence": -0.1},
        {"confidence": 1.1},
        {"types": {"blips": 2.0}},
        {"probabilities": {"blips": 0.9, "kick": 0.1, "a/b": 0.0}},
        {"name_says": ".."},
        {"clash": "a\nb"},
        {"shape": "round"},
        {"duration": -1.0},
        {"tempo": 0.0},
        {"model": "a\x1b[31m"},
        {"reasons": (Reason("x" * 5000, 0.1),)},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_verdict_that_would_harm_its_reader_is_none(more):
    verdict = replace(VERDICT, **more)

    assert answer_checks.verdict_problem(verdict)
    with pytest.raises(BrokenAnswer):
        decode_answer(encode_answer(7, Analyzed(verdict)), 7, Analyze("a.wav"))


def test_a_sentence_without_an_end_is_no_reason():
    line = json.dumps({"id": 7, "answer": "failed", "kind": "unreadable", "message": "x" * 5000})

    with pytest.raises(BrokenAnswer, match="too long"):
        decode_answer(line, 7, Digest("a.wav"))


def test_the_text_of_a_long_exception_is_cut_and_still_an_answer():
    failed = Failed.of(ValueError("x" * 100_000), "a.wav")

    assert decode_answer(encode_answer(7, failed), 7, Digest("a.wav")) == failed


def test_a_negative_count_of_files_is_none():
    request = Unpack("/p.zip", "/lib/out", UnpackLimits(5, 100, 200))

    with pytest.raises(BrokenAnswer, match="no count"):
        decode_answer(encode_answer(7, UnpackedArchive("c0ffee", "/lib/out", -1, 0, 0)), 7, request)


@pytest.mark.parametrize("card", [{}, {"id": "my2-00000000"}, {"id": "../../x", "figures": 5}])
def test_a_model_without_its_card_is_not_stored(tmp_path, monkeypatch, card):
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path))

    with pytest.raises(DrumwatchError, match="nothing was stored"):
        store_result(Trained(b"", card, {}), cache=None)

    assert model_store.user_models() == []
