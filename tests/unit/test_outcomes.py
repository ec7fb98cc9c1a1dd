"""What became of a file, in the words for people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drumwatch.core.outcomes import OUTCOMES, SIGNS, Outcome, in_words, outcome_of, outcome_of_file, why_alone
from drumwatch.core.records import Entry, Verdict
from drumwatch.filing.describe import as_sentence, describe, reason_beside

VERDICT = Verdict("kick", "kick", 0.9, {"kick": 0.9}, {"kick": 0.9}, "", "one-shot", 0.3)
KICK = Entry(
    id=1,
    time=0.0,
    batch=1,
    pack="",
    source=Path("/in/kick.wav"),
    destination=Path("/lib/kick/kick.wav"),
    action="move",
    state="done",
    label="kick",
    type="kick",
    confidence=0.9,
    rule="default",
    reason="kick at 90 %: moved to its usual place",
    model="m",
    content_hash="",
    stamp=None,
    verdict=VERDICT,
)
NOT_FILED = replace(KICK, action="leave", destination=None)
NO_SOUND = replace(NOT_FILED, label="", verdict=None)

CASES = [
    (KICK, "filed"),
    (replace(KICK, action="tag", destination=None), "filed"),
    (replace(KICK, rule="unsure"), "unsure"),
    (replace(NOT_FILED, rule="unsure"), "unsure"),
    (NOT_FILED, "left alone"),
    (replace(NOT_FILED, rule="duplicate"), "left alone"),
    (replace(NOT_FILED, rule="my own"), "left alone"),
    (replace(NO_SOUND, rule="project"), "left whole"),
    (replace(NOT_FILED, rule="project"), "left alone"),
    (replace(NO_SOUND, rule="cannot be heard", state="failed"), "could not be heard"),
    (replace(NO_SOUND, rule="cannot be heard", state="failed", source=Path("/in/a.zip")), "failed"),
    (replace(KICK, state="failed"), "failed"),
    (replace(KICK, state="undone"), "undone"),
    (replace(KICK, undoes=4), "undone"),
    (replace(NO_SOUND, rule="archive"), None),
    (replace(NO_SOUND, action="remove-folders"), None),
]


@pytest.mark.parametrize(("entry", "outcome"), CASES, ids=[f"case {at}" for at in range(len(CASES))])
def test_every_kind_of_entry_has_its_word(entry, outcome):
    assert outcome_of_file(entry) == outcome


def test_a_document_is_no_sound_that_was_filed():
    document = replace(KICK, label="", verdict=None, rule="pack")

    assert (outcome_of(document), outcome_of_file(document)) == (None, "filed")


def test_what_is_planned_is_what_would_become_of_it():
    assert outcome_of(replace(NOT_FILED, rule="unsure", state="planned")) == "unsure"


def test_no_two_outcomes_share_a_sign_in_any_character_set():
    assert {*OUTCOMES} < {*SIGNS}
    for signs in ([one.sign for one in SIGNS.values()], [one.in_ascii for one in SIGNS.values()]):
        assert len(set(signs)) == len(signs)
        assert all(len(sign) == 1 for sign in signs)
    assert all(one.in_ascii.isascii() for one in SIGNS.values())


def test_counts_are_listed_in_one_order_with_their_parts():
    counts: dict[Outcome, int] = {"failed": 1, "filed": 2000, "left alone": 2, "unsure": 0}

    assert in_words(counts, parts={"filed": [("kick", 1999), ("hat", 1)], "left alone": []}) == (
        "2,000 filed (1,999 kick, 1 hat), 2 left alone, 1 failed"
    )


def test_a_rule_of_the_user_is_named_and_one_of_ours_is_explained():
    assert (why_alone("my loops"), why_alone("duplicate")) == ("my loops", "the same sound as another")


# Sentences about one entry


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (KICK, "kick.wav → /lib/kick/kick.wav"),
        (replace(NOT_FILED, rule="unsure"), "kick.wav unsure, waits in /in"),
        (replace(NOT_FILED, rule="unsure", state="planned"), "kick.wav unsure, would wait in /in"),
        (NOT_FILED, "kick.wav left alone in /in"),
        (replace(NOT_FILED, state="planned"), "kick.wav would be left alone in /in"),
        (replace(NO_SOUND, rule="cannot be heard", state="failed"), "kick.wav in /in could not be heard"),
        (replace(KICK, state="failed"), "kick.wav in /in failed"),
    ],
    ids=["filed", "unsure", "unsure planned", "alone", "alone planned", "not heard", "failed"],
)
def test_a_line_says_what_became_of_a_file_in_the_same_words(entry, sentence):
    assert describe(entry) == sentence


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            replace(NO_SOUND, rule="cannot be heard", state="failed", error="kick.wav is empty."),
            "kick.wav in /in could not be heard (it is empty)",
        ),
        (
            replace(NOT_FILED, reason="kick at 90 %: as the configuration says"),
            "kick 90 %: kick.wav left alone in /in (as the configuration says)",
        ),
        (
            replace(NOT_FILED, rule="too long", reason="42.0 s long, and samples end at 20 s: left alone"),
            "kick 90 %: kick.wav left alone in /in (42.0 s long, and samples end at 20 s)",
        ),
        (
            replace(NOT_FILED, rule="unsure", reason="61 % sure of kick: of 100 … you allow 5"),
            "kick.wav unsure, waits in /in (61 % sure of kick: of 100 … you allow 5)",
        ),
        (
            replace(NOT_FILED, rule="duplicate", reason="the same sound as /lib/a.wav: left where it is"),
            "kick 90 %: kick.wav left alone in /in (the same sound as /lib/a.wav)",
        ),
    ],
    ids=["name", "label", "too long", "unsure", "duplicate"],
)
def test_nothing_is_said_twice_in_a_sentence_not_even_of_entries_of_earlier_versions(entry, sentence):
    assert as_sentence(entry) == sentence


def test_a_reason_beside_its_line_leaves_out_the_label():
    assert reason_beside(KICK) == "moved to its usual place"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [("move", "kick.wav back in /in/kick.wav"), ("copy", "kick.wav removed again from /lib/kick")],
)
def test_what_was_taken_back_went_back_or_was_only_a_copy(action, sentence):
    undone = replace(
        KICK, action=action, undoes=1, source=Path("/lib/kick/kick.wav"), destination=Path("/in/kick.wav")
    )

    assert describe(undone) == sentence
