"""What a drag says: real files, a real journal, no daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drumwatch.config import Config
from drumwatch.core.errors import CannotUndo
from drumwatch.core.records import Verdict
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal, Plan
from drumwatch.learning.folder_corrections import MOST_SEARCHES, FolderCorrections, summaries
from drumwatch.pipeline import take_back

if TYPE_CHECKING:
    from pathlib import Path

HEARD = Verdict(
    "kick", "kick", 0.9, {"kick": 0.9, "snare": 0.1}, {"kick": 0.9, "snare": 0.1}, "snare", "one-shot", 0.3
)


class House:
    """A library with sounds in it that the journal knows."""

    def __init__(self, root: Path, **settings) -> None:
        self.library = root / "library"
        self.intake = root / "intake"
        self.intake.mkdir(parents=True)
        self.config = Config(library=self.library, **settings)
        self.journal = Journal(root / "journal.db")
        self.folders = FolderCorrections(clock=lambda: 5.0)

    def filed(self, place: str, *, action: str = "move", rule: str = "default", holds: bytes = b"") -> Path:
        """A sound that drumwatch has put there, or has left in the intake folder."""
        path = (self.intake if action == "leave" else self.library) / place
        path.parent.mkdir(parents=True, exist_ok=True)
        source = self.intake / path.name
        real = source if action == "symlink" else path
        real.write_bytes(holds or b"RIFF" + place.encode())
        if action == "symlink":
            path.symlink_to(source)
        plan = Plan(
            self.journal.batches.current(self.intake, "Pack", 0.0), path if action == "leave" else source,
            None if action == "leave" else path,
            action, rule, "kick at 90 %", "kick", "kick", 0.9, HEARD, content_hash(real), stamp_of(real), "done",
        )  # fmt: skip
        self.journal.entries.plan(plan, 1.0)
        return path

    def drag(self, old: Path, new: str) -> None:
        target = self.library / new
        target.parent.mkdir(parents=True, exist_ok=True)
        old.rename(target)

    def told(self) -> list[str]:
        return [entry.reason for entry in self.folders.learn(self.journal, self.config)]

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(word.label, word.way) for word in self.journal.confirmations.all()]


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.journal.close()


def test_another_labels_folder_is_a_word_and_the_journal_follows(house):
    house.drag(house.filed("kick/Pack/a.wav"), "snare/Pack/a.wav")

    [entry] = house.folders.learn(house.journal, house.config)

    assert (entry.label, entry.type, entry.reason) == ("snare", "snare", "you put it into snare")
    assert (entry.source, entry.destination) == (
        house.library / "kick/Pack/a.wav",
        house.library / "snare/Pack/a.wav",
    )
    assert house.words == [("snare", "folder")]
    assert house.told() == []


def test_a_type_can_be_meant_too(house):
    house.drag(house.filed("kick/a.wav"), "clap/a.wav")

    assert house.told() == ["you put it into clap"]
    assert house.words == [("clap", "folder")]


def test_out_of_the_unsure_folder_even_the_guessed_label_is_a_word(house):
    house.drag(house.filed("to review/a.wav", rule="unsure"), "kick/a.wav")

    assert house.told() == ["you put it into kick"]
    assert house.words == [("kick", "folder")]


def test_what_was_left_as_unsure_and_is_dragged_into_the_library_by_hand_is_a_word(house):
    house.drag(house.filed("a.wav", action="leave", rule="unsure"), "hat/a.wav")

    assert house.told() == ["you put it into hat"]
    assert house.words == [("hat", "folder")]


def test_another_name_or_pack_in_the_same_label_teaches_nothing(house):
    house.drag(house.filed("kick/Pack/a.wav"), "kick/Mine/boom.wav")

    assert house.told() == ["you gave it another place in the same label"]
    assert house.words == []


def test_a_whole_label_renamed_is_followed_teaches_nothing_and_is_told_in_one_line(house):
    for place in ("One/a.wav", "One/b.wav", "Two/c.wav", "d.wav"):
        house.filed(f"kick/{place}")
    (house.library / "kick").rename(house.library / "Kick drums")

    moved = house.folders.learn(house.journal, house.config)

    assert sorted(str(entry.destination.relative_to(house.library)) for entry in moved) == [
        "Kick drums/One/a.wav",
        "Kick drums/One/b.wav",
        "Kick drums/Two/c.wav",
        "Kick drums/d.wav",
    ]
    old, new = house.library / "kick", house.library / "Kick drums"
    assert list(summaries(moved)) == [
        f"4 sounds went from {old} to {new} (you moved it to Kick drums, which stands for no label: nothing was learned)"
    ]
    assert house.words == []


def test_a_label_renamed_and_back_again_has_said_nothing(house):
    house.filed("kick/a.wav")
    (house.library / "kick").rename(house.library / "Kick drums")
    house.told()
    (house.library / "Kick drums").rename(house.library / "kick")

    assert house.told() == ["you gave it another place in the same label"]
    assert house.words == []


def test_a_folder_of_ones_own_means_something_once_it_was_configured(tmp_path):
    house = House(tmp_path, labels={"tom": "toms"})
    house.drag(house.filed("kick/a.wav"), "toms/a.wav")
    house.drag(house.filed("kick/b.wav"), "favourites/b.wav")

    assert sorted(house.told()) == [
        "you moved it to favourites, which stands for no label: nothing was learned",
        "you put it into toms",
    ]
    assert house.words == [("toms", "folder")]
    house.journal.close()


def test_the_label_is_read_where_the_layout_has_it(tmp_path):
    house = House(tmp_path, layout="{pack}/{label}/{name}")
    house.drag(house.filed("Pack/kick/a.wav"), "Pack/snare/a.wav")

    assert house.told() == ["you put it into snare"]
    house.journal.close()


def test_a_drag_and_its_opposite_are_two_words(house):
    house.drag(house.filed("kick/a.wav"), "snare/a.wav")
    house.told()
    house.drag(house.library / "snare/a.wav", "kick/a.wav")

    assert house.told() == ["you put it into kick"]
    assert house.words == [("kick", "folder")]


def test_deleting_teaches_nothing_and_changes_nothing(house):
    house.filed("kick/a.wav").unlink()

    assert house.told() == []
    assert (house.words, house.journal.entries.newest_id()) == ([], 1)


def test_out_of_the_library_teaches_nothing(house):
    house.filed("kick/a.wav").rename(house.intake / "elsewhere.wav")

    assert house.told() == []
    assert house.words == []


def test_a_copy_in_another_label_is_no_word_while_the_sound_is_where_it_was(house):
    path = house.filed("kick/a.wav")
    (house.library / "snare").mkdir()
    (house.library / "snare/a.wav").write_bytes(path.read_bytes())

    assert house.told() == []


def test_what_may_be_either_of_two_places_is_nobodys_word(house):
    path = house.filed("kick/a.wav")
    for label in ("snare", "hat"):
        (house.library / label).mkdir()
        (house.library / label / "a.wav").write_bytes(path.read_bytes())
    path.unlink()

    assert house.told() == []


def test_two_equal_sounds_that_moved_together_are_both_followed(house):
    house.filed("kick/One/a.wav", holds=b"RIFF the same")
    house.filed("kick/Two/b.wav", holds=b"RIFF the same")
    (house.library / "kick").rename(house.library / "snare")

    assert house.told() == ["you put it into snare"] * 2


def test_a_link_that_is_dragged_is_a_word_about_its_sound_and_goes_back_when_that_is_undone(house):
    link = house.filed("kick/a.wav", action="symlink")
    house.drag(link, "snare/a.wav")

    [entry] = house.folders.learn(house.journal, house.config)
    back = take_back(house.journal, entry)

    assert (entry.action, entry.label) == ("symlink", "snare")
    assert (house.intake / "a.wav").exists()
    assert link.readlink() == house.intake / "a.wav"
    assert not (house.library / "snare/a.wav").is_symlink()
    assert (house.words, house.told()) == ([], [])
    assert "its link is back at " in back.reason


def test_a_link_that_was_dragged_twice_goes_back_step_by_step(house):
    link = house.filed("kick/a.wav", action="symlink")
    entries, found = [], []
    for old, new in (("kick", "snare"), ("snare", "hat")):
        house.drag(house.library / old / "a.wav", f"{new}/a.wav")
        entries += house.folders.learn(house.journal, house.config)
    for entry in reversed(entries):
        take_back(house.journal, house.journal.entries.get(entry.id))
        found += [path.parent.name for path in house.library.rglob("*") if path.is_symlink()]

    assert found == ["snare", "kick"]
    assert link.is_symlink()


def test_a_link_goes_back_into_a_folder_that_has_gone_or_where_a_cut_off_undo_has_put_it(house):
    link = house.filed("kick/a.wav", action="symlink")
    house.drag(link, "snare/a.wav")
    [entry] = house.folders.learn(house.journal, house.config)
    link.parent.rmdir()
    take_back(house.journal, entry)
    assert link.is_symlink()

    house.drag(link, "hat/a.wav")
    [entry] = house.folders.learn(house.journal, house.config)
    link.symlink_to(house.intake / "a.wav")
    take_back(house.journal, entry)
    assert link.is_symlink()
    assert not (house.library / "hat/a.wav").is_symlink()


def test_a_link_whose_old_place_is_taken_stays_where_the_user_has_put_it(house):
    link = house.filed("kick/a.wav", action="symlink")
    house.drag(link, "snare/a.wav")
    [entry] = house.folders.learn(house.journal, house.config)
    link.write_bytes(b"somebody else's")

    with pytest.raises(CannotUndo, match="Something else is at"):
        take_back(house.journal, entry)

    assert link.read_bytes() == b"somebody else's"
    assert (house.library / "snare/a.wav").is_symlink()


def test_a_word_that_was_undone_goes_back_and_teaches_no_more(house):
    house.drag(house.filed("kick/a.wav"), "snare/a.wav")
    [entry] = house.folders.learn(house.journal, house.config)

    take_back(house.journal, entry)

    assert (house.library / "kick/a.wav").exists()
    assert (house.words, house.told()) == ([], [])


def test_a_drag_that_takes_a_while_is_seen_and_what_is_gone_is_not_looked_for_for_ever(house):
    path = house.filed("kick/a.wav")
    whole = path.read_bytes()
    path.unlink()
    first = house.told()
    (house.library / "snare").mkdir()
    (house.library / "snare/a.wav").write_bytes(whole)
    second = house.told()
    house.filed("kick/b.wav").unlink()
    looks = [house.told() for _ in range(MOST_SEARCHES)]
    (house.library / "snare/b.wav").write_bytes(b"RIFFkick/b.wav")

    assert (first, second) == ([], ["you put it into snare"])
    assert looks == [[]] * MOST_SEARCHES
    assert house.told() == []
    assert FolderCorrections().learn(house.journal, house.config) != []
