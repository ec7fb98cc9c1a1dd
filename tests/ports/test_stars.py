"""Stars: kept by content, through moves, corrections and undo; a filter of every view and of the log."""

from pathlib import Path

import pytest

from drumwatch.core.records import Verdict
from drumwatch.journal import Filter, Journal, Plan, ViewQuery

FOLDER = Path("/Downloads")
VERDICT = Verdict("kick", "kick", 0.9, {"kick": 0.9}, {"kick": 0.9}, "other", "one-shot", 0.5)


@pytest.fixture
def journal():
    with Journal(":memory:") as opened:
        yield opened


def note(journal, name, content, *, action="leave", source=None, destination=None, **more):
    batch = journal.batches.current(FOLDER, more.pop("pack", "Pack"), 10.0)
    plan = Plan(
        batch, source or FOLDER / name, destination, action, more.pop("rule", "default"), "because", "kick",
        "kick", more.pop("confidence", 0.9), VERDICT, content, state="done", **more,
    )  # fmt: skip
    return journal.entries.plan(plan, 10.0)


def test_a_star_stays_with_a_sound_that_is_moved_corrected_and_put_back(journal):
    note(journal, "a.wav", "a")
    journal.stars.add(["a"], 11.0)
    library = Path("/Library/kick/a.wav")
    moved = note(journal, "a.wav", "a", action="move", destination=library)
    after_the_move = journal.views.ids(ViewQuery("recent", starred=True))
    corrected = note(
        journal, "a.wav", "a", action="move", source=library, destination=Path("/Library/hat/a.wav")
    )
    after_the_correction = journal.views.ids(ViewQuery("recent", starred=True))
    journal.entries.finish(corrected, "undone")
    after_the_undo = journal.views.ids(ViewQuery("recent", starred=True))

    assert (after_the_move, after_the_correction, after_the_undo) == ([moved], [corrected], [moved])


def test_a_star_that_is_taken_away_is_gone_and_the_others_stay(journal):
    journal.stars.add(["a", "b"], 11.0)
    journal.stars.remove(["a"])

    assert (journal.stars.has("a"), journal.stars.all()) == (False, ["b"])


def test_a_second_star_changes_nothing_and_what_was_never_analyzed_has_none(journal):
    journal.stars.add(["a", ""], 11.0)
    journal.stars.add(["b"], 12.0)
    journal.stars.add(["a"], 13.0)

    assert journal.stars.all() == ["b", "a"]


def test_the_log_is_filtered_by_stars(journal):
    note(journal, "a.wav", "a")
    starred = note(journal, "b.wav", "b")
    journal.stars.add(["b"], 11.0)

    assert [entry.id for entry in journal.entries.find(Filter(starred=True))] == [starred]


def test_a_filter_by_stars_counts_in_every_view_and_hides_projects(journal):
    note(journal, "a.wav", "a", rule="unsure")
    note(journal, "b.wav", "b", rule="unsure")
    journal.stars.add(["b"], 11.0)
    query = ViewQuery(starred=True)

    assert journal.views.counts(query) == {"unsure": 1, "recent": 1, "clashes": 0, "map": 1, "projects": 0}
    assert journal.views.projects(query) == []


def test_chosen_sounds_are_summarized_and_unknown_ids_do_not_count(journal):
    first = note(journal, "a.wav", "a", confidence=0.6, rule="unsure")
    second = note(journal, "b.wav", "b", confidence=0.9, pack="Other")
    note(journal, "c.wav", "c", confidence=0.1)
    journal.stars.add(["b"], 11.0)

    found = journal.selections.summary([first, second, 999])

    assert found._asdict() == {
        "sounds": 2, "labels": {"kick": 2}, "packs": {"Other": 1, "Pack": 1}, "unsure": 1, "starred": 1,
        "least_confidence": 0.6, "most_confidence": 0.9, "seconds": 1.0,
    }  # fmt: skip
    assert journal.selections.summary([]).sounds == 0
