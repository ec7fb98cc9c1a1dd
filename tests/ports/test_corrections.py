"""A correction of a sound that stays in place, with a link to it or a tag in it: real files, a real journal, real workers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sounds
from correctors import open_corrector

from drumwatch.config import Config, Watch
from drumwatch.core.errors import CannotUndo
from drumwatch.core.records import Arrival, Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Filter, Journal
from drumwatch.learning.corrections import CannotCorrect
from drumwatch.learning.folder_corrections import FolderCorrections
from drumwatch.learning.labels import UnknownLabel
from drumwatch.learning.undo import to_undo
from drumwatch.review.service import ReviewService
from drumwatch.workers.protocol import Analyzed

HEARD = {"kick": 0.99, "snare": 0.01}
VERDICT = Verdict("kick", "kick", 0.99, HEARD, HEARD, "snare", "one-shot", 0.3)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder whose sounds stay where they are, with what happens to them given by `action`."""
    monkeypatch.setenv("DRUMWATCH_STATE", str(tmp_path / "state"))
    intake, library = tmp_path / "intake", tmp_path / "library"
    intake.mkdir()
    library.mkdir()

    def open_(action):
        watch = Watch(intake, library, action=action, max_wrong=1.0)
        config = Config(library, action=action, max_wrong=1.0, watches=(watch,), min_free=0)
        return config, Journal(tmp_path / "journal.db"), watch

    return open_


def filed(corrector, watch, name="a.wav", *, hz=0.0):
    return filed_again(
        corrector, watch, sounds.write(watch.folder / name, sounds.decaying_sine(hz) if hz else sounds.kick())
    )


def filed_again(corrector, watch, path):
    arrival = Arrival(path, stamp_of(path), watch.folder)
    known = Analyzed(VERDICT, content_hash(path))
    return corrector._pipeline.file(arrival, watch, known).entries[0]


def test_a_link_is_made_anew_under_the_right_label_and_comes_back_when_that_is_undone(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        correction = corrector.confirm(entry, "snare", "review")
        linked = (watch.library / "snare/a.wav").is_symlink()
        now = corrector.withdraw_correction(correction)

        assert (entry.destination, linked) == (watch.library / "kick/a.wav", True)
        assert [path.relative_to(watch.library).as_posix() for path in watch.library.rglob("*.wav")] == [
            "kick/a.wav"
        ]
        assert (now.label, now.destination, now.state) == ("kick", watch.library / "kick/a.wav", "done")
        assert journal.confirmations.all() == []


def test_a_tag_says_the_right_label_and_the_old_one_again_when_that_is_undone(folders):
    config, journal, watch = folders("tag")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        tagged = content_hash(entry.source)
        correction = corrector.confirm(entry, "snare", "review")
        corrected = content_hash(entry.source)
        now = corrector.withdraw_correction(correction)

        assert len({tagged, corrected, entry.content_hash}) == 3
        assert content_hash(entry.source) == tagged
        assert (now.label, now.action, now.state) == ("kick", "tag", "done")


def places(watch):
    return sorted(path.relative_to(watch.library).as_posix() for path in watch.library.rglob("*.wav"))


def newest(journal):
    """What `drumwatch undo --last 1` means."""
    return to_undo(journal, Filter(last=1))[0]


@pytest.mark.parametrize("action", ["symlink", "leave"])
def test_of_two_corrections_in_a_row_each_is_taken_back_by_itself(folders, action):
    config, journal, watch = folders(action)
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        corrector.confirm(entry, "snare", "command")
        corrector.confirm(newest(journal), "hat", "command")
        correction = []
        for _ in range(2):
            corrector.undo(newest(journal))
            correction.append((journal.confirmations.label_of(entry.content_hash), places(watch)))

        links: dict[str, list[list[str]]] = {"symlink": [["snare/a.wav"], ["kick/a.wav"]], "leave": [[], []]}
        assert correction == list(zip(["snare", ""], links[action], strict=True))
        assert all(one.detail.instead_of is None for one in to_undo(journal, Filter()))


def test_a_tag_that_was_corrected_twice_goes_back_step_by_step_to_its_first_bytes(folders):
    config, journal, watch = folders("tag")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        first = content_hash(entry.source)
        second = content_hash(corrector.confirm(entry, "snare", "command").source)
        corrector.confirm(newest(journal), "hat", "command")
        found = []
        for _ in range(3):
            corrector.undo(newest(journal))
            found.append(content_hash(entry.source))

        assert found == [second, first, entry.content_hash]
        assert to_undo(journal, Filter()) == []


def test_what_is_made_again_keeps_its_place_in_the_order_of_time(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        entry, other = filed(corrector, watch), filed(corrector, watch, "b.wav", hz=60)
        once = corrector.confirm(entry, "snare", "command")
        later = corrector.confirm(other, "snare", "command")
        corrector.confirm(once, "hat", "command")

        again = corrector.undo(newest(journal)).remade

        assert newest(journal).id == later.id
        assert [one.id for one in to_undo(journal, Filter(last=2))] == [later.id, again.id]
        since = Filter(since=journal.entries.get(later.id).time)
        assert [one.id for one in to_undo(journal, since)] == [later.id]


def test_the_newest_two_are_both_corrections_of_a_link_though_one_has_replaced_the_other(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        once = corrector.confirm(entry, "snare", "command")
        twice = corrector.confirm(once, "hat", "command")

        meant = to_undo(journal, Filter(last=2))
        corrector.undo(meant[0], {one.id for one in meant})

        assert [one.id for one in meant] == [twice.id, once.id]
        assert (places(watch), journal.confirmations.all()) == (["kick/a.wav"], [])


def test_a_link_stays_where_its_correction_cannot_be_made(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        (watch.library / "snare").write_text("in the way")

        with pytest.raises(CannotCorrect):
            corrector.confirm(entry, "snare", "command")

        assert (places(watch), journal.confirmations.all()) == (["kick/a.wav"], [])
        assert newest(journal).destination == watch.library / "kick/a.wav"


def test_a_link_to_a_sound_that_is_gone_is_left_alone_by_a_correction(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        entry.source.unlink()

        with pytest.raises(CannotCorrect, match="nothing was changed"):
            corrector.confirm(entry, "snare", "command")

        assert (watch.library / "kick/a.wav").is_symlink()
        assert journal.entries.get(entry.id).state == "done"


def test_a_correction_of_a_copy_is_an_act_of_its_own_and_taking_it_back_leaves_what_was_there(folders):
    config, journal, watch = folders("leave")
    with journal, open_corrector(config, journal) as corrector:
        corrector.confirm(filed(corrector, watch), "snare", "command")
        copy = filed(corrector, watch, "b.wav")  # the same bytes: left, as the label is confirmed
        correction = corrector.confirm(copy, "snare", "command")

        corrector.undo(correction)

        assert correction.id != copy.id
        assert (journal.entries.get(copy.id).state, journal.entries.get(correction.id).state) == (
            "done",
            "undone",
        )
        assert journal.confirmations.label_of(copy.content_hash) == "snare"


def test_a_second_look_after_a_correction_was_taken_back_says_nothing_new(folders):
    config, journal, watch = folders("leave")
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        corrector.undo(corrector.confirm(entry, "snare", "command"))

        again = filed_again(corrector, watch, entry.source)

        assert again.id == entry.id


def test_a_correction_is_not_taken_back_twice(folders):
    config, journal, watch = folders("leave")
    with journal, open_corrector(config, journal) as corrector:
        correction = corrector.confirm(filed(corrector, watch), "snare", "command")
        corrector.undo(correction)

        with pytest.raises(CannotUndo, match="is undone, not done"):
            corrector.undo(correction)


def test_the_review_takes_nothing_back_of_a_sound_of_which_only_a_copy_was_named(folders):
    config, journal, watch = folders("leave")
    with journal, open_corrector(config, journal) as corrector:
        review = ReviewService(config, journal, corrector)
        corrector.confirm(filed(corrector, watch), "snare", "review")
        copy = filed(corrector, watch, "b.wav")

        (correction,) = review.undo([copy])

        assert "nothing to take back" in correction.error
        assert journal.entries.get(copy.id).state == "done"


def test_a_pack_that_is_undone_in_the_review_leaves_no_link_of_a_corrected_sound_behind(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        review = ReviewService(config, journal, corrector)
        entry = filed(corrector, watch)
        corrector.confirm(corrector.confirm(entry, "snare", "review"), "hat", "review")

        correction = review.undo_pack(entry.batch)

        assert [one.error for one in correction] == [""]
        assert (places(watch), journal.confirmations.all()) == ([], [])


def test_the_review_asks_before_an_unknown_name_becomes_a_label(folders):
    config, journal, watch = folders("leave")
    with journal, open_corrector(config, journal) as corrector:
        review = ReviewService(config, journal, corrector)
        entry = filed(corrector, watch)

        with pytest.raises(UnknownLabel, match="did you mean kick"):
            review.confirm([entry], "kik")
        correction = review.confirm([entry], "kik", new=True)
        known = review.confirm([correction[0].after], "KIK")

        assert [one.after.label for one in (*correction, *known)] == ["kik", "kik"]


@pytest.mark.parametrize("action", ["move", "tag"])
def test_a_sound_in_a_folder_of_programs_gets_its_label_and_stays_as_it_is(action, folders):
    config, journal, watch = folders("leave")
    path = watch.folder / "site-packages/a.wav"
    path.parent.mkdir()
    with journal, open_corrector(config, journal) as corrector:
        sounds.write(path, sounds.kick())
        before = content_hash(path)
        arrival = Arrival(path, stamp_of(path), path.parent)
        (entry,) = corrector._pipeline.file(arrival, watch, Analyzed(VERDICT, before)).entries
    config = replace(config, action=action, watches=(replace(watch, action=action),))
    with Journal(watch.folder.parent / "journal.db") as journal, open_corrector(config, journal) as corrector:
        correction = corrector.confirm(entry, "snare", "review")
        labels = [word.label for word in journal.confirmations.all()]
        corrector.withdraw_correction(correction)

        assert (correction.action, correction.state, labels) == ("leave", "done", ["snare"])
        assert f"snare: left alone, as it lies in {path.parent}, a folder of programs" in correction.reason
        assert content_hash(path) == before
        assert list(watch.library.iterdir()) == []
        assert journal.confirmations.all() == []


def test_a_sound_in_the_library_moves_to_its_label_wherever_the_library_lies(folders):
    config, journal, watch = folders("move")
    library = watch.library / "node_modules"
    library.mkdir()
    watch = replace(watch, library=library)
    config = replace(config, library=library, watches=(watch,))
    with journal, open_corrector(config, journal) as corrector:
        entry = filed(corrector, watch)
        correction = corrector.confirm(entry, "snare", "review")

        assert (entry.destination, correction.destination) == (
            library / "kick/a.wav",
            library / "snare/a.wav",
        )


def test_a_link_that_was_dragged_and_then_corrected_is_one_link(folders):
    config, journal, watch = folders("symlink")
    with journal, open_corrector(config, journal) as corrector:
        link = filed(corrector, watch).destination
        (watch.library / "snare").mkdir()
        link.rename(watch.library / "snare/a.wav")
        [dragged] = FolderCorrections().learn(journal, config)

        corrector.confirm(dragged, "hat", "command")

        assert places(watch) == ["hat/a.wav"]
