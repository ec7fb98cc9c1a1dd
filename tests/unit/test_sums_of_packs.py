"""The sums that `sort` and `run` print, by pack and altogether."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drumwatch.core.outcomes import outcome_of
from drumwatch.core.records import (
    ARCHIVE,
    CANNOT_ANALYZE,
    KEPT_WHOLE,
    PROJECT,
    REMOVE_FOLDERS,
    Entry,
    Verdict,
)
from drumwatch.daemon.pack_summaries import PackSummaries
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.planner import LEFT_WHOLE, NOT_HEARD, UP_TO_DATE
from drumwatch.sorting.sorter import Done
from drumwatch.sorting.summary import FAILURES_SHOWN, PACKS_SHOWN, Summary

SOUND = Entry(
    id=1,
    time=0.0,
    batch=1,
    pack="Oak Kit",
    source=Path("/old/Oak Kit/1.wav"),
    destination=Path("/library/kick/1.wav"),
    action="move",
    state="done",
    label="kick",
    type="kick",
    confidence=0.9,
    rule="default",
    reason="",
    model="",
    content_hash="",
    stamp=None,
    verdict=Verdict("kick", "kick", 0.9, {}, {}, "hat", "one-shot", 0.1),
)
UNSURE: dict[str, Any] = {"rule": "unsure", "action": "leave", "destination": None}
UNHEARD: dict[str, Any] = {
    "rule": CANNOT_ANALYZE,
    "action": "leave",
    "state": "failed",
    "label": "",
    "verdict": None,
    "error": "x.wav is no sound.",
}
DOCUMENT: dict[str, Any] = {"rule": "pack", "label": "", "verdict": None}
CASE: Any = SimpleNamespace(closes=None)


def entry(**fields: Any) -> Entry:
    return replace(SOUND, **fields)


def summary_of(*entries: Entry, dry_run: bool = False) -> Summary:
    summary = Summary(dry_run=dry_run)
    for one in entries:
        summary.add(Done(CASE, [one], None))
    return summary


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, "filed"),
        ({"action": "tag"}, "filed"),
        ({"state": "planned"}, "filed"),
        (UNSURE, "unsure"),
        ({"rule": "unsure"}, "unsure"),
        ({"action": "leave"}, "left alone"),
        ({"action": "leave", "rule": "duplicate"}, "left alone"),
        ({"state": "failed"}, "failed"),
        (UNHEARD, "could not be heard"),
        ({"rule": PROJECT, "action": "leave", "label": "", "verdict": None}, "left whole"),
        (DOCUMENT, None),
        ({"rule": KEPT_WHOLE, "label": "", "verdict": None}, None),
        ({"rule": ARCHIVE, "action": "leave", "verdict": None}, None),
        ({"action": REMOVE_FOLDERS}, None),
    ],
    ids=[
        "moved", "tagged", "would be moved", "unsure", "unsure in a folder", "left by the configuration", "duplicate",
        "failed", "unheard", "project", "document", "kept whole", "archive", "emptied folders",
    ],
)  # fmt: skip
def test_each_entry_has_one_outcome(fields, outcome):
    assert outcome_of(entry(**fields)) == outcome


def test_the_sum_names_labels_and_reasons():
    summary = summary_of(
        *[entry()] * 3,
        entry(label="hat"),
        entry(**UNSURE),
        entry(action="leave"),
        *[entry(action="leave", rule="duplicate")] * 2,
        entry(**DOCUMENT),
    )
    summary.add(Done(CASE, [], UP_TO_DATE))
    summary.add(Done(CASE, [], Left(LEFT_WHOLE)))
    summary.add(Done(CASE, [], Left(NOT_HEARD, needs="M4A")))

    assert summary.line() == (
        "11 files looked at: 4 filed (3 kick, 1 hat), 1 unsure,"
        " 3 left alone (2 the same sound as another, 1 as the configuration says), 1 left whole, 1 could not be heard,"
        " 1 in the library already. 1 more went along with their pack."
    )
    assert not summary.has_failures


def test_nothing_to_do_is_said():
    assert Summary().line() == "0 files looked at: nothing to do."


def test_one_pack_has_no_line_of_its_own_and_more_have():
    one, two = summary_of(entry()), summary_of(entry(), entry(pack="Elm Kit", batch=2, **UNSURE))

    assert next(iter(one.lines(80))).startswith("1 file looked at")
    assert list(two.lines(80))[:2] == ["Oak Kit: 1 filed", "Elm Kit: 1 unsure"]


def test_many_packs_are_cut_to_the_largest_and_the_rest_is_counted():
    packs = [entry(pack=f"Kit {n:02}", batch=n) for n in range(30) for _ in range(31 - n)]

    lines = list(summary_of(*packs).lines(80))

    assert lines[0] == "Kit 00: 31 filed"
    assert lines[PACKS_SHOWN - 1] == "… and 21 more packs: 252 filed"
    assert lines[PACKS_SHOWN].startswith("495 files looked at")


def test_a_long_name_of_a_pack_fits_into_the_line():
    lines = list(summary_of(entry(pack="long " * 40), entry()).lines(80))

    assert all(len(line) <= 80 for line in lines)
    assert lines[1].endswith("…") or lines[0].endswith("…")


def test_what_went_wrong_is_said_a_few_times_and_then_counted():
    summary = summary_of(*[entry(**UNHEARD)] * 12)

    lines = list(summary.lines(80))

    assert lines[:FAILURES_SHOWN] == ["x.wav is no sound."] * FAILURES_SHOWN
    assert lines[FAILURES_SHOWN] == "… and 7 more: `drumwatch log --state failed` shows them."
    assert summary.has_failures


def test_no_line_breaks_within_a_word():
    lines = list(summary_of(*[entry(label=f"label number {n}") for n in range(30)]).lines(60))

    assert all(len(line) <= 60 for line in lines)
    assert "30 files looked at" in lines[0]
    assert " ".join(lines).count("1 label number") == 30


def test_a_dry_run_says_what_would_be():
    lines = list(summary_of(entry(state="planned"), dry_run=True).lines(80))

    assert lines == ["1 file would be sorted: 1 filed (1 kick)."]


def test_the_daemon_sums_up_a_pack_once():
    packs = PackSummaries()
    for one in (*[entry()] * 46, *[entry(**UNSURE)] * 2, entry(**DOCUMENT), entry(pack="")):
        packs.note(one)

    assert packs.take("Oak Kit") == "Oak Kit: 46 filed, 2 unsure, 1 other file went along"
    assert packs.take("Oak Kit") == ""
    assert packs.take_all() == []


def test_what_is_left_of_packs_is_summed_up_together():
    packs = PackSummaries()
    for one in (entry(), entry(pack="Elm\x1b Kit", **UNHEARD)):
        packs.note(one)

    assert packs.take_all() == ["Oak Kit: 1 filed", "Elm\\x1b Kit: 1 could not be heard"]
    assert not packs


def test_a_dry_run_of_the_daemon_says_what_would_be():
    packs = PackSummaries()
    for one in (entry(state="planned"), entry(state="planned", **UNSURE), entry(state="planned", **DOCUMENT)):
        packs.note(one)

    assert packs.take_all() == [
        "Oak Kit: 1 filed, 1 unsure, 1 other file went along (dry run: nothing was touched)"
    ]
