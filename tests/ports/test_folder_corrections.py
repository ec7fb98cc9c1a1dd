"""Corrections by dragging: real files, a real journal, no daemon."""

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


class PipelineHarness:
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

    def reported(self) -> list[str]:
        return [entry.reason for entry in self.folders.learn(self.journal, self.config)]

    @property
    def confirmed(self) -> list[tuple[str, str]]:
        return [(word.label, word.way) for word in self.journal.confirmations.all()]


@pytest.fixture
def harness(tmp_path):
    harness = PipelineHarness(tmp_path)
    yield harness
    harness.journal.close()


def test_another_labels_folder_is_a_correction_and_the_journal_follows(harness):
    harness.drag(harness.filed("kick/Pack/a.wav"), "snare/Pack/a.wav")

    [entry] = harness.folders.learn(harness.journal, harness.config)

    assert (entry.label, entry.type, entry.reason) == ("snare", "snare", "you put it into snare")
    assert (entry.source, entry.destination) == (
        harness.library / "kick/Pack/a.wav",
        harness.library / "snare/Pack/a.wav",
    )
    assert harness.confirmed == [("snare", "folder")]
    assert harness.reported() == []


def test_a_type_can_be_meant_too(harness):
    harness.drag(harness.filed("kick/a.wav"), "clap/a.wav")

    assert harness.reported() == ["you put it into clap"]
    assert harness.confirmed == [("clap", "folder")]


def test_out_of_the_unsure_folder_even_the_guessed_label_is_a_confirmation(harness):
    harness.drag(harness.filed("to review/a.wav", rule="unsure"), "kick/a.wav")

    assert harness.reported() == ["you put it into kick"]
    assert harness.confirmed == [("kick", "folder")]


def test_what_was_left_as_unsure_and_is_dragged_into_the_library_by_hand_is_a_confirmation(harness):
    harness.drag(harness.filed("a.wav", action="leave", rule="unsure"), "hat/a.wav")

    assert harness.reported() == ["you put it into hat"]
    assert harness.confirmed == [("hat", "folder")]


def test_another_name_or_pack_in_the_same_label_is_no_correction(harness):
    harness.drag(harness.filed("kick/Pack/a.wav"), "kick/Mine/boom.wav")

    assert harness.reported() == ["you gave it another place in the same label"]
    assert harness.confirmed == []


def test_a_whole_label_renamed_is_followed_without_a_correction_and_reported_in_one_line(harness):
    for place in ("One/a.wav", "One/b.wav", "Two/c.wav", "d.wav"):
        harness.filed(f"kick/{place}")
    (harness.library / "kick").rename(harness.library / "Kick drums")

    moved = harness.folders.learn(harness.journal, harness.config)

    assert sorted(str(entry.destination.relative_to(harness.library)) for entry in moved) == [
        "Kick drums/One/a.wav",
        "Kick drums/One/b.wav",
        "Kick drums/Two/c.wav",
        "Kick drums/d.wav",
    ]
    old, new = harness.library / "kick", harness.library / "Kick drums"
    assert list(summaries(moved)) == [
        f"4 sounds went from {old} to {new} (you moved it to Kick drums, which stands for no label: nothing was learned)"
    ]
    assert harness.confirmed == []


def test_a_label_renamed_and_back_again_is_no_correction(harness):
    harness.filed("kick/a.wav")
    (harness.library / "kick").rename(harness.library / "Kick drums")
    harness.reported()
    (harness.library / "Kick drums").rename(harness.library / "kick")

    assert harness.reported() == ["you gave it another place in the same label"]
    assert harness.confirmed == []


def test_a_folder_of_ones_own_means_something_once_it_was_configured(tmp_path):
    harness = PipelineHarness(tmp_path, labels={"tom": "toms"})
    harness.drag(harness.filed("kick/a.wav"), "toms/a.wav")
    harness.drag(harness.filed("kick/b.wav"), "favourites/b.wav")

    assert sorted(harness.reported()) == [
        "you moved it to favourites, which stands for no label: nothing was learned",
        "you put it into toms",
    ]
    assert harness.confirmed == [("toms", "folder")]
    harness.journal.close()


def test_the_label_is_read_where_the_layout_has_it(tmp_path):
    harness = PipelineHarness(tmp_path, layout="{pack}/{label}/{name}")
    harness.drag(harness.filed("Pack/kick/a.wav"), "Pack/snare/a.wav")

    assert harness.reported() == ["you put it into snare"]
    harness.journal.close()


def test_a_drag_and_its_opposite_are_two_corrections(harness):
    harness.drag(harness.filed("kick/a.wav"), "snare/a.wav")
    harness.reported()
    harness.drag(harness.library / "snare/a.wav", "kick/a.wav")

    assert harness.reported() == ["you put it into kick"]
    assert harness.confirmed == [("kick", "folder")]


def test_deleting_is_no_correction_and_changes_nothing(harness):
    harness.filed("kick/a.wav").unlink()

    assert harness.reported() == []
    assert (harness.confirmed, harness.journal.entries.newest_id()) == ([], 1)


def test_moving_out_of_the_library_is_no_correction(harness):
    harness.filed("kick/a.wav").rename(harness.intake / "elsewhere.wav")

    assert harness.reported() == []
    assert harness.confirmed == []


def test_a_copy_in_another_label_is_no_correction_while_the_sound_is_where_it_was(harness):
    path = harness.filed("kick/a.wav")
    (harness.library / "snare").mkdir()
    (harness.library / "snare/a.wav").write_bytes(path.read_bytes())

    assert harness.reported() == []


def test_what_may_be_either_of_two_places_is_no_correction(harness):
    path = harness.filed("kick/a.wav")
    for label in ("snare", "hat"):
        (harness.library / label).mkdir()
        (harness.library / label / "a.wav").write_bytes(path.read_bytes())
    path.unlink()

    assert harness.reported() == []


def test_two_equal_sounds_that_moved_together_are_both_followed(harness):
    harness.filed("kick/One/a.wav", holds=b"RIFF the same")
    harness.filed("kick/Two/b.wav", holds=b"RIFF the same")
    (harness.library / "kick").rename(harness.library / "snare")

    assert harness.reported() == ["you put it into snare"] * 2


def test_a_link_that_is_dragged_is_a_correction_of_its_sound_and_goes_back_when_that_is_undone(harness):
    link = harness.filed("kick/a.wav", action="symlink")
    harness.drag(link, "snare/a.wav")

    [entry] = harness.folders.learn(harness.journal, harness.config)
    back = take_back(harness.journal, entry)

    assert (entry.action, entry.label) == ("symlink", "snare")
    assert (harness.intake / "a.wav").exists()
    assert link.readlink() == harness.intake / "a.wav"
    assert not (harness.library / "snare/a.wav").is_symlink()
    assert (harness.confirmed, harness.reported()) == ([], [])
    assert "its link is back at " in back.reason


def test_a_link_that_was_dragged_twice_goes_back_step_by_step(harness):
    link = harness.filed("kick/a.wav", action="symlink")
    entries, found = [], []
    for old, new in (("kick", "snare"), ("snare", "hat")):
        harness.drag(harness.library / old / "a.wav", f"{new}/a.wav")
        entries += harness.folders.learn(harness.journal, harness.config)
    for entry in reversed(entries):
        take_back(harness.journal, harness.journal.entries.get(entry.id))
        found += [path.parent.name for path in harness.library.rglob("*") if path.is_symlink()]

    assert found == ["snare", "kick"]
    assert link.is_symlink()


def test_a_link_goes_back_into_a_folder_that_has_gone_or_where_a_cut_off_undo_has_put_it(harness):
    link = harness.filed("kick/a.wav", action="symlink")
    harness.drag(link, "snare/a.wav")
    [entry] = harness.folders.learn(harness.journal, harness.config)
    link.parent.rmdir()
    take_back(harness.journal, entry)
    assert link.is_symlink()

    harness.drag(link, "hat/a.wav")
    [entry] = harness.folders.learn(harness.journal, harness.config)
    link.symlink_to(harness.intake / "a.wav")
    take_back(harness.journal, entry)
    assert link.is_symlink()
    assert not (harness.library / "hat/a.wav").is_symlink()


def test_a_link_whose_old_place_is_taken_stays_where_the_user_has_put_it(harness):
    link = harness.filed("kick/a.wav", action="symlink")
    harness.drag(link, "snare/a.wav")
    [entry] = harness.folders.learn(harness.journal, harness.config)
    link.write_bytes(b"somebody else's")

    with pytest.raises(CannotUndo, match="Something else is at"):
        take_back(harness.journal, entry)

    assert link.read_bytes() == b"somebody else's"
    assert (harness.library / "snare/a.wav").is_symlink()


def test_a_correction_that_was_undone_goes_back_and_counts_no_more(harness):
    harness.drag(harness.filed("kick/a.wav"), "snare/a.wav")
    [entry] = harness.folders.learn(harness.journal, harness.config)

    take_back(harness.journal, entry)

    assert (harness.library / "kick/a.wav").exists()
    assert (harness.confirmed, harness.reported()) == ([], [])


def test_a_drag_that_takes_a_while_is_seen_and_what_is_gone_is_not_looked_for_for_ever(harness):
    path = harness.filed("kick/a.wav")
    whole = path.read_bytes()
    path.unlink()
    first = harness.reported()
    (harness.library / "snare").mkdir()
    (harness.library / "snare/a.wav").write_bytes(whole)
    second = harness.reported()
    harness.filed("kick/b.wav").unlink()
    looks = [harness.reported() for _ in range(MOST_SEARCHES)]
    (harness.library / "snare/b.wav").write_bytes(b"RIFFkick/b.wav")

    assert (first, second) == ([], ["you put it into snare"])
    assert looks == [[]] * MOST_SEARCHES
    assert harness.reported() == []
    assert FolderCorrections().learn(harness.journal, harness.config) != []


def test_a_folder_that_follows_a_full_one_stands_for_the_same_label(harness):
    harness.drag(harness.filed("snare/a.wav"), "kick 2/a.wav")
    harness.drag(harness.filed("kick/b.wav"), "kick 2/b.wav")

    harness.folders.learn(harness.journal, harness.config)

    assert harness.confirmed == [("kick", "folder")]


def test_many_sounds_in_a_folder_that_follows_a_full_one_are_no_class_of_their_own(harness):
    for number in range(25):
        harness.drag(harness.filed(f"snare/{number}.wav"), f"kick 2/{number}.wav")

    harness.folders.learn(harness.journal, harness.config)

    assert set(harness.confirmed) == {("kick", "folder")}


def test_a_folder_whose_name_was_cut_stands_for_its_label(tmp_path):
    harness = PipelineHarness(tmp_path, name_limit=12, labels={"snare": "Snares and rims"})
    harness.drag(harness.filed("kick/a.wav"), "Snares and r/a.wav")

    harness.folders.learn(harness.journal, harness.config)

    assert harness.confirmed == [("snare", "folder")]
    harness.journal.close()
