"""From the corrections in the journal to a higher risk of a label."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drumwatch.config import Config
from drumwatch.core.records import Verdict
from drumwatch.journal import Confirmation, Journal, Plan
from drumwatch.learning.drift import watched_risk
from drumwatch.workers.model_store import StoredModel

CONFIG = Config(Path("/lib"), max_wrong=0.05)
MODEL = StoredModel(Path("m1.json"), {"id": "m1", "risk": {"snare": [[0.5, 0.02]], "kick": [[0.5, 0.02]]}})


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


def filed(
    journal: Journal, count: int, label: str = "snare", *, rule: str = "default", name_says: str = ""
) -> list[int]:
    """So many sounds that were filed as this label, each with bytes of its own."""
    verdict = Verdict(label, label, 0.97, {label: 0.97}, {label: 0.97}, "kick", "one-shot", 0.3, model="m1")
    verdict = replace(verdict, name_says=name_says)
    batch = journal.batches.new(Path("/in"), "Pack", 0.0)
    numbers = []
    for n in range(count):
        name = f"{label} {batch} {n}"
        place = Path("/lib") / name
        plan = Plan(batch, Path("/in") / name, place, "move", rule, "", label, label, 0.97, verdict, name)
        numbers.append(journal.entries.plan(plan._replace(state="done"), 1.0))
    return numbers


def corrected(journal: Journal, numbers: list[int], label: str) -> None:
    for number in numbers:
        entry = journal.entries.get(number)
        journal.confirmations.add(
            Confirmation(2.0, entry.content_hash, label, "review", entry.source, "snare", "Pack")
        )


def test_a_label_that_is_often_corrected_becomes_more_risky_here(journal):
    corrected(journal, filed(journal, 60)[:12], "percussion")

    risk, found = watched_risk(journal, CONFIG, MODEL)

    assert risk.at("snare", 0.97) == pytest.approx(0.2)
    assert risk.at("kick", 0.97) == 0.02
    assert [(one.kind, one.name, one.wrong) for one in found] == [
        ("label", "snare", 12),
        ("pack", "Pack", 12),
    ]


def test_sounds_that_were_filed_by_their_names_are_measured_by_the_error_rate_of_such(journal):
    risks = {"risk": {"snare": [[0.5, 0.02]]}, "risk_with_name": {"snare": [[0.5, 0.1]]}}
    corrected(journal, filed(journal, 60, name_says="snare")[:12], "percussion")

    risk, _ = watched_risk(journal, CONFIG, StoredModel(Path("m1.json"), {"id": "m1", **risks}))

    assert risk.fitting("name").at("snare", 0.97) == pytest.approx(0.2)
    assert risk.at("snare", 0.97) == pytest.approx(0.04)


def test_one_or_two_corrections_are_an_accident_however_few_were_filed(journal):
    corrected(journal, filed(journal, 3)[:2], "percussion")

    assert watched_risk(journal, CONFIG, MODEL)[1] == []


def test_confirming_a_label_is_no_correction(journal):
    corrected(journal, filed(journal, 60)[:12], "snare")

    assert watched_risk(journal, CONFIG, MODEL)[1] == []


def test_with_enough_sounds_that_need_no_correction_it_ends(journal):
    corrected(journal, filed(journal, 60)[:12], "percussion")
    filed(journal, 200)

    risk, found = watched_risk(journal, CONFIG, MODEL)

    assert found == []
    assert risk.at("snare", 0.97) == 0.02


def test_what_was_put_aside_as_unsure_breaks_no_promise(journal):
    corrected(journal, filed(journal, 60, rule="unsure")[:12], "percussion")

    assert watched_risk(journal, CONFIG, MODEL)[1] == []


def test_a_correction_that_was_taken_back_counts_no_more(journal):
    numbers = filed(journal, 60)
    (undone,) = filed(journal, 1, "percussion")
    for number in numbers[:12]:
        entry = journal.entries.get(number)
        word = Confirmation(
            2.0, entry.content_hash, "percussion", "review", entry.source, "snare", "", undone
        )
        journal.confirmations.add(word)
    journal.entries.finish(undone, "undone")

    assert watched_risk(journal, CONFIG, MODEL)[1] == []
