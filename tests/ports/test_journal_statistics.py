"""What came, what was placed and what the user corrected, counted from a real journal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.records import Verdict
from drumwatch.journal import Confirmation, Filter, Journal, Plan

if TYPE_CHECKING:
    from drumwatch.core.outcomes import Outcome

IN, LIBRARY = Path("/in"), Path("/lib")
VERDICT = Verdict("kick", "kick", 0.9, {"kick": 0.9}, {"kick": 0.9}, "", "one-shot", 0.3, model="m1")


@pytest.fixture
def journal():
    with Journal(":memory:") as opened:
        yield opened


def add(journal: Journal, name: str = "kick.wav", now: float = 10.0, pack: str = "", **changes: Any) -> int:
    """One entry that is done: by default, a kick that was moved to the library."""
    fields: dict[str, Any] = {
        "rule": "default",
        "reason": "",
        "label": "kick",
        "confidence": 0.9,
        "verdict": VERDICT,
        "action": "move",
        "state": "done",
        "content_hash": name,
        "source": IN / name,
        "destination": LIBRARY / "kick" / name,
        **changes,
    }
    batch = journal.batches.current(IN, pack, now)
    return journal.entries.plan(Plan(batch, **fields), now)


def outcomes(journal: Journal) -> dict[Outcome, int]:
    return dict(journal.tallies.statistics().total.outcomes)


def test_a_sound_that_was_corrected_came_once_and_counts_for_the_label_that_drumwatch_gave(journal):
    add(journal)
    number = add(
        journal,
        source=LIBRARY / "kick/kick.wav",
        destination=LIBRARY / "snare/kick.wav",
        label="snare",
        confidence=1.0,
    )
    journal.confirmations.add(Confirmation(11.0, "kick.wav", "snare", "review", IN, "kick", "", number))

    found = journal.tallies.statistics()

    assert [*found.labels] == ["kick"]
    assert (found.total.came, found.total.corrected, found.total.confirmed) == (1, 1, 0)


def test_an_unsure_sound_that_the_user_has_named_is_filed_and_unsure_no_more(journal):
    add(journal, action="leave", destination=None, rule="unsure")
    number = add(journal, confidence=1.0)
    journal.confirmations.add(Confirmation(11.0, "kick.wav", "kick", "review", IN, "kick", "", number))

    found = journal.tallies.statistics()

    assert (outcomes(journal), found.total.confirmed) == ({"filed": 1}, 1)


def test_a_finer_type_of_the_same_label_is_no_correction(journal):
    number = add(journal, label="percussion")
    journal.confirmations.add(Confirmation(11.0, "kick.wav", "clap", "review", IN, "percussion", "", number))

    assert journal.tallies.statistics().total.corrected == 0


def test_a_sound_that_was_met_again_came_once(journal):
    in_zip = IN / "a.zip/kick.wav"
    first = add(journal, source=in_zip)
    second = add(journal, source=in_zip, action="leave", destination=None, rule="duplicate")
    for number in (first, second):
        journal.entries.finish(number, "done", detail=EntryDetail(archive_hash="h"))

    assert outcomes(journal) == {"filed": 1}


def test_the_same_file_that_comes_again_after_it_was_moved_has_come_twice(journal):
    add(journal)
    add(journal, now=20.0)

    assert outcomes(journal) == {"filed": 2}


def test_another_sound_of_the_same_name_is_another_sound(journal):
    add(journal, action="copy")
    add(journal, action="copy", content_hash="other")

    assert outcomes(journal) == {"filed": 2}


def test_a_sound_that_is_heard_at_last_is_no_more_one_that_could_not_be_heard(journal):
    add(
        journal,
        state="failed",
        action="leave",
        destination=None,
        rule="cannot be heard",
        label="",
        verdict=None,
        content_hash="",
    )
    add(journal, now=20.0)

    assert (outcomes(journal), [*journal.tallies.statistics().labels]) == ({"filed": 1}, ["kick"])


def test_what_came_before_is_not_counted_and_what_the_user_said_since_is(journal):
    add(journal, "old.wav", now=10.0, pack="Old")
    number = add(
        journal, now=20.0, source=LIBRARY / "kick/old.wav", content_hash="old.wav", label="snare", pack="Old"
    )
    journal.confirmations.add(Confirmation(20.0, "old.wav", "snare", "review", IN, "kick", "Old", number))
    add(journal, "new.wav", now=21.0, pack="New")

    found = journal.tallies.statistics(15.0)

    assert {name: (one.came, one.corrected) for name, one in found.packs.items()} == {
        "Old": (0, 1),
        "New": (1, 0),
    }


def test_documents_and_archives_are_no_sounds(journal):
    add(journal, "licence.txt", label="", verdict=None, rule="pack")
    add(journal, "a.zip", label="", verdict=None, rule="archive", action="leave", destination=None)

    assert outcomes(journal) == {}


def test_a_batch_counts_its_documents_and_a_file_that_was_left_twice_once(journal):
    add(journal, "kick.wav")
    add(journal, "licence.txt", label="", verdict=None, rule="pack")
    for _ in range(2):
        add(journal, "odd.wav", action="leave", destination=None, rule="unsure")

    assert journal.tallies.by_batch() == {1: Counter(filed=2, unsure=1)}


def test_the_newest_first_are_all_that_match_and_no_more(journal):
    numbers = [add(journal, f"{n}.wav", now=float(n)) for n in range(1200)]

    found = [entry.id for entry in journal.entries.newest_first(Filter())]
    last = [entry.id for entry in journal.entries.newest_first(Filter(last=3))]

    assert found == numbers[::-1]
    assert last == numbers[:-4:-1]
    assert [e.id for e in journal.entries.newest_first(Filter(since=1198.0))] == numbers[:-3:-1]


def test_a_link_to_the_same_sound_in_the_library_stands_for_a_sound_that_came(journal):
    add(journal)
    add(
        journal,
        source=LIBRARY / "kick/kick.wav",
        destination=LIBRARY / "kick/b.wav",
        action="hardlink",
        rule="duplicate",
    )
    add(journal, source=LIBRARY / "kick/kick.wav", destination=None, action="leave", rule="duplicate")
    again = add(journal, "b.wav", destination=None, action="leave", rule="duplicate")
    journal.entries.finish(again, "done", detail=EntryDetail(twin=LIBRARY / "kick/b.wav"))

    assert outcomes(journal) == {"filed": 2}
