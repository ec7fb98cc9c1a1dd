"""The one sentence that says what became of an archive."""

from typing import Any

from drumwatch.packs.archive_outcomes import ArchiveOutcome, Fate, FateKind, sentence_of

FILED, BEFORE = Fate(FateKind.FILED), Fate(FateKind.BEFORE)


def unread(why: str) -> Fate:
    return Fate(FateKind.UNREADABLE, why)


def outcome(in_projects: int = 0, refused: int = 0, **fates: Any) -> ArchiveOutcome:
    named = {f"Kicks/{name}.wav": fate for name, fate in fates.items()}
    return ArchiveOutcome("Pack.zip", named, in_projects, refused)


def test_an_archive_that_gave_everything_says_how_much():
    assert sentence_of(outcome(a=FILED, b=FILED)) == "Pack.zip: 2 of 2 sounds filed."


def test_what_could_not_be_heard_is_named_with_the_reason():
    found = outcome(a=FILED, b=unread("its check sum is wrong"), c=unread("it is locked"))

    assert sentence_of(found) == (
        "Pack.zip: 1 of 3 sounds filed, 2 could not be heard: b.wav (its check sum is wrong), c.wav (it is locked)."
    )
    assert not found.is_good


def test_files_with_one_reason_share_it_and_many_are_counted():
    locked: dict[str, Any] = {name: unread("it is locked") for name in "bcdef"}
    found = outcome(a=FILED, **locked, z=unread("it is damaged"))

    assert sentence_of(found) == (
        "Pack.zip: 1 of 7 sounds filed, 6 could not be heard: b.wav, c.wav, d.wav (it is locked) and 3 more."
    )


def test_no_sound_in_it_and_no_sound_to_be_had_are_two_things():
    assert sentence_of(outcome()) == "Pack.zip has no sound in it."
    assert sentence_of(outcome(a=unread("it is damaged"))) == (
        "Pack.zip: no sound could be had from it: 1 could not be heard: a.wav (it is damaged)."
    )
    assert (outcome().is_good, outcome(a=unread("it is damaged")).is_good) == (True, False)


def test_what_was_not_filed_is_counted_in_its_own_words_and_all_is_well():
    fates: dict[str, FateKind] = {"b": FateKind.UNSURE, "d": FateKind.LEFT_ALONE, "e": FateKind.THERE}
    not_filed: Any = {name: Fate(kind) for name, kind in fates.items()}
    found = outcome(a=FILED, **not_filed, c=BEFORE, in_projects=3)

    assert sentence_of(found) == (
        "Pack.zip: 2 of 8 sounds filed (1 of them before), 1 in the library already, 1 unsure, 1 left alone,"
        " 3 left whole with their project."
    )
    assert found.is_good


def test_other_files_that_could_not_be_taken_out_are_counted():
    found = outcome(a=FILED, refused=2)

    assert sentence_of(found) == "Pack.zip: 1 of 1 sound filed, 2 other files could not be taken out."
    assert not found.is_wholly_read


def test_what_could_not_be_filed_is_no_fault_of_the_archive():
    found = outcome(a=FILED, b=Fate(FateKind.NOT_FILED, "the disk is full"))

    assert sentence_of(found) == "Pack.zip: 1 of 2 sounds filed, 1 failed: b.wav (the disk is full)."
    assert (found.is_wholly_read, found.is_good) == (True, False)


def test_names_are_made_printable():
    found = ArchiveOutcome("Pa\x1bck.zip", {"a\n.wav": unread("it is damaged")})

    assert sentence_of(found).isprintable()
