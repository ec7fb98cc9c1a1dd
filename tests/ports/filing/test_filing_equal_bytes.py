"""Two samples with the same bytes: no entry of the journal takes the file that another one has put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faulty_disk import FaultyDisk, PowerCut
from folder_trees import a_wav
from pipeline_harness import PipelineHarness

from drumwatch.core.errors import CannotUndo

if TYPE_CHECKING:
    from pathlib import Path

    from faulty_disk import FaultyDisk

SOUND = a_wav(b"ab" * 60)


@pytest.fixture
def harness(tmp_path: Path, other_disk: Path) -> PipelineHarness:
    """Its library is on another disk, and has a folder of kicks."""
    harness = PipelineHarness(tmp_path, other_disk / "Library")
    (harness.library / "kick").mkdir()
    return harness


def cut_off_before_its_copy_has_a_name(harness: PipelineHarness, faulty_disk: FaultyDisk, path: Path) -> None:
    faulty_disk.cut_after(1)
    with pytest.raises(PowerCut):
        harness.file(path)
    faulty_disk.restore()


def test_a_move_that_was_cut_off_does_not_claim_the_file_that_came_while_its_disk_was_away(
    harness, faulty_disk
):
    first, second = harness.arrive("stick/kick.wav", SOUND), harness.arrive("disk/kick.wav", SOUND)
    harness.start('min_free = 0\naction = "move"\n')
    cut_off_before_its_copy_has_a_name(harness, faulty_disk, first)
    away = first.parent.rename(harness.intake.parent / "away")
    harness.start()
    harness.file(second)

    away.rename(first.parent)
    harness.start()

    assert first.read_bytes() == SOUND
    entries = {entry.source: entry.state for entry in harness.entries() if entry.action == "move"}
    assert entries == {first: "failed", second: "done"}


def test_an_undo_does_not_take_the_file_that_a_later_entry_has_put_there(harness):
    first, second = harness.arrive("0/kick.wav", SOUND), harness.arrive("1/kick.wav", SOUND)
    harness.start('min_free = 0\naction = "move"\n')
    filed, left = (harness.file(path)[0].entries[0] for path in (first, second))
    harness.correct(filed, "snare")
    later = harness.correct(left, "kick")

    with pytest.raises(CannotUndo, match=f"undo entry {later.id} first"):
        harness.undo(filed)

    assert later.destination == filed.destination
    assert later.destination.read_bytes() == SOUND
    assert not first.exists()


def test_what_a_later_entry_has_brought_back_is_undone_one_after_the_other(harness):
    path = harness.arrive("0/kick.wav", SOUND)
    harness.start('min_free = 0\naction = "move"\n')
    filed = harness.file(path)[0].entries[0]
    away = harness.correct(filed, "snare")
    back = harness.correct(away, "kick")

    for entry in (back, away, filed):
        harness.undo(entry)

    assert path.read_bytes() == SOUND
    assert not any(entry.state == "done" for entry in harness.entries() if entry.undoes is None)


def test_an_undo_does_not_take_the_file_that_another_undo_has_put_back_there(harness):
    first, second = harness.arrive("0/kick.wav", SOUND), harness.arrive("1/kick.wav", SOUND)
    harness.start('min_free = 0\naction = "move"\n')
    filed, left = (harness.file(path)[0].entries[0] for path in (first, second))
    corrected = harness.correct(filed, "snare")
    later = harness.correct(left, "kick")
    moved_on = harness.correct(later, "hat")
    harness.undo(corrected)

    with pytest.raises(CannotUndo, match=f"undo entry {moved_on.id} first"):
        harness.undo(later)

    assert filed.destination.read_bytes() == moved_on.destination.read_bytes() == SOUND
    assert not second.exists()
