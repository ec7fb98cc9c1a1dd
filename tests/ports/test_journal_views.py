"""The views that the review shows, over a journal in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from drumwatch.core.entry_detail import NO_DETAIL
from drumwatch.core.records import Verdict
from drumwatch.journal import Confirmation, Journal, Plan, ViewQuery, order_named, view_named

FOLDER = Path("/Downloads")


@pytest.fixture
def journal():
    with Journal(":memory:") as opened:
        yield opened


def verdict(label, clash=""):
    return Verdict(
        label, label, 0.9, {label: 0.9}, {label: 0.9}, "other", "one-shot", 0.3, model="m1", clash=clash
    )


def filed(journal, name, label="kick", *, pack="Pack", rule="default", confidence=0.9, clash=""):
    """The id of an entry that moved this sound, or left it where the rule is unsure."""
    batch = journal.batches.current(FOLDER, pack, 10.0)
    place = None if rule == "unsure" else Path("/Library", label, name)
    plan = Plan(
        batch, FOLDER / name, place, "move" if place else "leave", rule, "because", label, label, confidence,
        verdict(label, clash), content_hash=name, state="done",
    )  # fmt: skip
    return journal.entries.plan(plan, 10.0)


def tonal(journal, name, *, note=None, tempo=None):
    """The id of an entry of a sound with this note or tempo."""
    batch = journal.batches.current(FOLDER, "Pack", 10.0)
    found = replace(verdict("kick"), note=note, tempo=tempo)
    plan = Plan(
        batch, FOLDER / name, Path("/Library", name), "move", "default", "because", "kick", "kick", 0.9,
        found, content_hash=name, state="done",
    )  # fmt: skip
    return journal.entries.plan(plan, 10.0)


def confirmed(journal, name, entry=None):
    journal.confirmations.add(
        Confirmation(11.0, name, "kick", "review", FOLDER / name, "kick", "Pack", entry)
    )


def test_each_view_has_its_sounds_with_the_newest_first(journal):
    kick = filed(journal, "a.wav")
    unsure = filed(journal, "b.wav", rule="unsure")
    clash = filed(journal, "c.wav", clash="snare")

    assert journal.views.ids(ViewQuery("unsure")) == [unsure]
    assert journal.views.ids(ViewQuery("recent")) == [clash, unsure, kick]
    assert journal.views.ids(ViewQuery("map")) == [clash, unsure, kick]
    assert journal.views.ids(ViewQuery("clashes")) == [clash]
    assert journal.views.ids(ViewQuery("projects")) == []
    assert journal.views.counts(ViewQuery()) == {
        "unsure": 1, "recent": 3, "clashes": 1, "map": 3, "projects": 0
    }  # fmt: skip


def test_a_clash_is_shown_until_it_is_confirmed_and_again_after_an_undo(journal):
    clash = filed(journal, "c.wav", clash="snare")
    correction = filed(journal, "c again.wav")
    before = journal.views.ids(ViewQuery("clashes"))

    confirmed(journal, "c.wav", correction)
    during = journal.views.ids(ViewQuery("clashes"))
    journal.entries.finish(correction, "undone")

    assert (before, during, journal.views.ids(ViewQuery("clashes"))) == ([clash], [], [clash])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (ViewQuery("recent", label="snare"), ["b.wav"]),
        (ViewQuery("recent", type="snare"), ["b.wav"]),
        (ViewQuery("recent", text="dusty B.WAV"), ["b.wav"]),
        (ViewQuery("recent", text="dusty a.wav"), []),
        (ViewQuery("recent", below=0.5), ["b.wav"]),
        (ViewQuery("recent", at_least=0.9), ["a.wav"]),
        (ViewQuery("recent", batch=2), ["b.wav"]),
        (ViewQuery("recent", day="1999-01-01"), []),
    ],
)
def test_a_view_is_filtered(journal, query, names):
    filed(journal, "a.wav")
    filed(journal, "b.wav", "snare", pack="Dusty", confidence=0.4)

    assert [entry.source.name for entry in journal.views.sounds(query)] == names


def test_a_filter_by_one_of_the_days_has_all_sounds_of_that_day(journal):
    entry = filed(journal, "a.wav")

    (day,) = journal.views.days()

    assert journal.views.ids(ViewQuery("recent", day=day)) == [entry]


def test_the_packs_of_a_view_count_their_sounds_by_label(journal):
    filed(journal, "a.wav")
    filed(journal, "b.wav", rule="unsure")
    filed(journal, "c.wav", "snare")
    filed(journal, "d.wav", "hat", pack="Other")

    packs = journal.views.packs(ViewQuery("recent"))

    assert [(pack.pack, pack.labels, pack.left) for pack in packs] == [
        ("Other", {"hat": 1}, 0),
        ("Pack", {"kick": 2, "snare": 1}, 1),
    ]


def test_projects_are_searched_by_name_and_have_no_label(journal):
    batch = journal.batches.new(FOLDER, "", 10.0)
    journal.projects.note(batch, FOLDER / "Oak Song", "a song", NO_DETAIL, 10.0)

    def found(**filters):
        return [project.source.name for project in journal.views.projects(ViewQuery("projects", **filters))]

    assert found(text="oak") == ["Oak Song"]
    assert found(text="elm") == []
    assert found(label="kick") == []


def test_an_unknown_view_is_that_of_the_recent_sounds():
    assert (view_named("unsure"), view_named("1; DROP TABLE entry")) == ("unsure", "recent")


ORDERS = {
    "newest": [5, 4, 3, 2, 1],
    "oldest": [1, 2, 3, 4, 5],
    "unsure": [2, 4, 5, 3, 1],
    "sure": [1, 5, 3, 4, 2],
    "name": [3, 5, 1, 2, 4],  # the file names, wherever they are: a 2, A 10, b 1, b 2, c
    "pack": [5, 4, 3, 1, 2],  # the pack "alpha", then "Beta", then what came alone
}


@pytest.mark.parametrize("order", sorted(ORDERS))
def test_sounds_are_listed_in_the_order_that_is_asked_for(journal, order):
    filed(journal, "b 1.wav", pack="Beta", confidence=0.9)
    filed(journal, "b 2.wav", pack="", confidence=0.3, rule="unsure")
    filed(journal, "a 2.wav", pack="Beta", confidence=0.8)
    filed(journal, "c.wav", pack="alpha", confidence=0.5)
    filed(journal, "A 10.wav", pack="alpha", confidence=0.8)

    assert journal.views.ids(ViewQuery("recent", order=order)) == ORDERS[order]


def test_packs_are_listed_by_name_or_by_age(journal):
    filed(journal, "a.wav", pack="Beta")
    filed(journal, "b.wav", pack="alpha 10")
    filed(journal, "c.wav", pack="Alpha 9")
    filed(journal, "d.wav", pack="")

    def names(order):
        return [pack.pack for pack in journal.views.packs(ViewQuery("recent", order=order))]

    assert names("pack") == ["Alpha 9", "alpha 10", "Beta", ""]
    assert names("newest") == list(reversed(names("oldest")))
    assert names("oldest") == ["Beta", "alpha 10", "Alpha 9", ""]


def test_an_order_that_does_not_exist_is_the_newest_first():
    assert (order_named("name"), order_named("x; DROP TABLE entry")) == ("name", "newest")


def test_sounds_can_be_filtered_and_ordered_by_note_and_tempo(journal):
    fast, low, high, slow = (
        tonal(journal, "fast.wav", tempo=170.0),
        tonal(journal, "low.wav", note="F#"),
        tonal(journal, "high.wav", note="C"),
        tonal(journal, "slow.wav", tempo=90.0),
    )
    neither = tonal(journal, "neither.wav", note="")
    ids = journal.views.ids

    assert ids(ViewQuery("recent", note="F#")) == [low]
    assert ids(ViewQuery("recent", min_bpm=100.0)) == [fast]
    assert ids(ViewQuery("recent", max_bpm=100.0)) == [slow]
    assert ids(ViewQuery("recent", order="note")) == [high, low, neither, slow, fast]
    assert ids(ViewQuery("recent", order="tempo")) == [slow, fast, neither, high, low]


def test_a_note_that_is_found_later_is_added_to_all_entries_of_the_content_that_have_none(journal):
    first = tonal(journal, "a.wav")
    second = tonal(journal, "a.wav")
    named = tonal(journal, "b.wav", note="C")

    journal.entries.add_note(journal.entries.get(first), "F#", "sound")
    journal.entries.add_note(journal.entries.get(named), "F#", "sound")

    notes = [journal.entries.get(number).verdict.note for number in (first, second, named)]
    assert notes == ["F#", "F#", "C"]
    assert journal.entries.get(first).verdict == replace(verdict("kick"), note="F#", note_from="sound")
