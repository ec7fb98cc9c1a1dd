"""A word on a sound that lies where it was, with a link to it or a tag in it: real files, a real journal, real workers."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sounds

from drumwatch.commands.correct import teacher
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
def room(tmp_path, monkeypatch):
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


def filed(taught, watch, name="a.wav", *, hz=0.0):
    return filed_again(
        taught, watch, sounds.write(watch.folder / name, sounds.decaying_sine(hz) if hz else sounds.kick())
    )


def filed_again(taught, watch, path):
    arrival = Arrival(path, stamp_of(path), watch.folder)
    known = Analyzed(VERDICT, content_hash(path))
    return taught._pipeline.file(arrival, watch, known).entries[0]


def test_a_link_is_made_anew_under_the_right_label_and_comes_back_when_that_is_undone(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        said = taught.confirm(entry, "snare", "review")
        linked = (watch.library / "snare/a.wav").is_symlink()
        now = taught.withdraw_correction(said)

        assert (entry.destination, linked) == (watch.library / "kick/a.wav", True)
        assert [path.relative_to(watch.library).as_posix() for path in watch.library.rglob("*.wav")] == [
            "kick/a.wav"
        ]
        assert (now.label, now.destination, now.state) == ("kick", watch.library / "kick/a.wav", "done")
        assert journal.confirmations.all() == []


def test_a_tag_says_the_right_label_and_the_old_one_again_when_that_is_undone(room):
    config, journal, watch = room("tag")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        tagged = content_hash(entry.source)
        said = taught.confirm(entry, "snare", "review")
        corrected = content_hash(entry.source)
        now = taught.withdraw_correction(said)

        assert len({tagged, corrected, entry.content_hash}) == 3
        assert content_hash(entry.source) == tagged
        assert (now.label, now.action, now.state) == ("kick", "tag", "done")


def places(watch):
    return sorted(path.relative_to(watch.library).as_posix() for path in watch.library.rglob("*.wav"))


def newest(journal):
    """What `drumwatch undo --last 1` means."""
    return to_undo(journal, Filter(last=1))[0]


@pytest.mark.parametrize("action", ["symlink", "leave"])
def test_of_two_corrections_in_a_row_each_is_taken_back_by_itself(room, action):
    config, journal, watch = room(action)
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        taught.confirm(entry, "snare", "command")
        taught.confirm(newest(journal), "hat", "command")
        said = []
        for _ in range(2):
            taught.undo(newest(journal))
            said.append((journal.confirmations.label_of(entry.content_hash), places(watch)))

        links: dict[str, list[list[str]]] = {"symlink": [["snare/a.wav"], ["kick/a.wav"]], "leave": [[], []]}
        assert said == list(zip(["snare", ""], links[action], strict=True))
        assert all(one.detail.get("instead_of") is None for one in to_undo(journal, Filter()))


def test_a_tag_that_was_corrected_twice_goes_back_step_by_step_to_its_first_bytes(room):
    config, journal, watch = room("tag")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        first = content_hash(entry.source)
        second = content_hash(taught.confirm(entry, "snare", "command").source)
        taught.confirm(newest(journal), "hat", "command")
        found = []
        for _ in range(3):
            taught.undo(newest(journal))
            found.append(content_hash(entry.source))

        assert found == [second, first, entry.content_hash]
        assert to_undo(journal, Filter()) == []


def test_what_is_made_again_keeps_its_place_in_the_order_of_time(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry, other = filed(taught, watch), filed(taught, watch, "b.wav", hz=60)
        once = taught.confirm(entry, "snare", "command")
        later = taught.confirm(other, "snare", "command")
        taught.confirm(once, "hat", "command")

        again = taught.undo(newest(journal)).again

        assert newest(journal).id == later.id
        assert [one.id for one in to_undo(journal, Filter(last=2))] == [later.id, again.id]
        since = Filter(since=journal.entries.get(later.id).time)
        assert [one.id for one in to_undo(journal, since)] == [later.id]


def test_the_newest_two_are_both_corrections_of_a_link_though_one_has_replaced_the_other(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        once = taught.confirm(entry, "snare", "command")
        twice = taught.confirm(once, "hat", "command")

        meant = to_undo(journal, Filter(last=2))
        taught.undo(meant[0], {one.id for one in meant})

        assert [one.id for one in meant] == [twice.id, once.id]
        assert (places(watch), journal.confirmations.all()) == (["kick/a.wav"], [])


def test_a_link_stays_where_its_correction_cannot_be_made(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        (watch.library / "snare").write_text("in the way")

        with pytest.raises(CannotCorrect):
            taught.confirm(entry, "snare", "command")

        assert (places(watch), journal.confirmations.all()) == (["kick/a.wav"], [])
        assert newest(journal).destination == watch.library / "kick/a.wav"


def test_a_link_to_a_sound_that_is_gone_is_left_alone_by_a_correction(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        entry.source.unlink()

        with pytest.raises(CannotCorrect, match="nothing was changed"):
            taught.confirm(entry, "snare", "command")

        assert (watch.library / "kick/a.wav").is_symlink()
        assert journal.entries.get(entry.id).state == "done"


def test_a_correction_of_a_copy_is_an_act_of_its_own_and_taking_it_back_leaves_what_was_there(room):
    config, journal, watch = room("leave")
    with journal, teacher(config, journal) as taught:
        taught.confirm(filed(taught, watch), "snare", "command")
        copy = filed(taught, watch, "b.wav")  # the same bytes: left, as you said
        said = taught.confirm(copy, "snare", "command")

        taught.undo(said)

        assert said.id != copy.id
        assert (journal.entries.get(copy.id).state, journal.entries.get(said.id).state) == ("done", "undone")
        assert journal.confirmations.label_of(copy.content_hash) == "snare"


def test_a_second_look_after_a_correction_was_taken_back_says_nothing_new(room):
    config, journal, watch = room("leave")
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        taught.undo(taught.confirm(entry, "snare", "command"))

        again = filed_again(taught, watch, entry.source)

        assert again.id == entry.id


def test_a_correction_is_not_taken_back_twice(room):
    config, journal, watch = room("leave")
    with journal, teacher(config, journal) as taught:
        said = taught.confirm(filed(taught, watch), "snare", "command")
        taught.undo(said)

        with pytest.raises(CannotUndo, match="is undone, not done"):
            taught.undo(said)


def test_the_review_takes_nothing_back_of_a_sound_of_which_only_a_copy_was_named(room):
    config, journal, watch = room("leave")
    with journal, teacher(config, journal) as taught:
        desk = ReviewService(config, journal, taught)
        taught.confirm(filed(taught, watch), "snare", "review")
        copy = filed(taught, watch, "b.wav")

        (said,) = desk.undo([copy])

        assert "nothing to take back" in said.error
        assert journal.entries.get(copy.id).state == "done"


def test_a_pack_that_is_undone_in_the_review_leaves_no_link_of_a_corrected_sound_behind(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        desk = ReviewService(config, journal, taught)
        entry = filed(taught, watch)
        taught.confirm(taught.confirm(entry, "snare", "review"), "hat", "review")

        said = desk.undo_pack(entry.batch)

        assert [one.error for one in said] == [""]
        assert (places(watch), journal.confirmations.all()) == ([], [])


def test_the_review_asks_before_an_unknown_word_becomes_a_label(room):
    config, journal, watch = room("leave")
    with journal, teacher(config, journal) as taught:
        desk = ReviewService(config, journal, taught)
        entry = filed(taught, watch)

        with pytest.raises(UnknownLabel, match="did you mean kick"):
            desk.confirm([entry], "kik")
        said = desk.confirm([entry], "kik", new=True)
        known = desk.confirm([said[0].after], "KIK")

        assert [one.after.label for one in (*said, *known)] == ["kik", "kik"]


@pytest.mark.parametrize("action", ["move", "tag"])
def test_a_sound_in_a_folder_of_programs_gets_its_label_and_stays_as_it_is(action, room):
    config, journal, watch = room("leave")
    path = watch.folder / "site-packages/a.wav"
    path.parent.mkdir()
    with journal, teacher(config, journal) as taught:
        sounds.write(path, sounds.kick())
        before = content_hash(path)
        arrival = Arrival(path, stamp_of(path), path.parent)
        (entry,) = taught._pipeline.file(arrival, watch, Analyzed(VERDICT, before)).entries
    config = replace(config, action=action, watches=(replace(watch, action=action),))
    with Journal(watch.folder.parent / "journal.db") as journal, teacher(config, journal) as taught:
        said = taught.confirm(entry, "snare", "review")
        labels = [word.label for word in journal.confirmations.all()]
        taught.withdraw_correction(said)

        assert (said.action, said.state, labels) == ("leave", "done", ["snare"])
        assert f"snare: left where it is, as it lies in {path.parent}, a folder of programs" in said.reason
        assert content_hash(path) == before
        assert list(watch.library.iterdir()) == []
        assert journal.confirmations.all() == []


def test_a_sound_in_the_library_moves_to_its_label_wherever_the_library_lies(room):
    config, journal, watch = room("move")
    library = watch.library / "node_modules"
    library.mkdir()
    watch = replace(watch, library=library)
    config = replace(config, library=library, watches=(watch,))
    with journal, teacher(config, journal) as taught:
        entry = filed(taught, watch)
        said = taught.confirm(entry, "snare", "review")

        assert (entry.destination, said.destination) == (library / "kick/a.wav", library / "snare/a.wav")


def test_a_link_that_was_dragged_and_then_corrected_is_one_link(room):
    config, journal, watch = room("symlink")
    with journal, teacher(config, journal) as taught:
        link = filed(taught, watch).destination
        (watch.library / "snare").mkdir()
        link.rename(watch.library / "snare/a.wav")
        [dragged] = FolderCorrections().learn(journal, config)

        taught.confirm(dragged, "hat", "command")

        assert places(watch) == ["hat/a.wav"]
