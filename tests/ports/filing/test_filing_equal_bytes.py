"""Two samples with the same bytes: no entry of the journal takes the file that another one has put there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faulty_disk import PowerCut
from folder_trees import a_wav
from pipeline_harness import House

from drumwatch.core.errors import CannotUndo

if TYPE_CHECKING:
    from pathlib import Path

    from faulty_disk import Power

SOUND = a_wav(b"ab" * 60)


@pytest.fixture
def house(tmp_path: Path, other_disk: Path) -> House:
    """Its library is on another disk, and has a folder of kicks."""
    house = House(tmp_path, other_disk / "Library")
    (house.library / "kick").mkdir()
    return house


def cut_off_before_its_copy_has_a_name(house: House, power: Power, path: Path) -> None:
    power.cut_after(1)
    with pytest.raises(PowerCut):
        house.file(path)
    power.restore()


def test_a_move_that_was_cut_off_does_not_claim_the_file_that_came_while_its_disk_was_away(house, power):
    first, second = house.arrive("stick/kick.wav", SOUND), house.arrive("disk/kick.wav", SOUND)
    house.start('min_free = 0\naction = "move"\n')
    cut_off_before_its_copy_has_a_name(house, power, first)
    away = first.parent.rename(house.intake.parent / "away")
    house.start()
    house.file(second)

    away.rename(first.parent)
    house.start()

    assert first.read_bytes() == SOUND
    entries = {entry.source: entry.state for entry in house.entries() if entry.action == "move"}
    assert entries == {first: "failed", second: "done"}


def test_an_undo_does_not_take_the_file_that_a_later_entry_has_put_there(house):
    first, second = house.arrive("0/kick.wav", SOUND), house.arrive("1/kick.wav", SOUND)
    house.start('min_free = 0\naction = "move"\n')
    filed, left = (house.file(path)[0].entries[0] for path in (first, second))
    house.correct(filed, "snare")
    later = house.correct(left, "kick")

    with pytest.raises(CannotUndo, match=f"undo entry {later.id} first"):
        house.undo(filed)

    assert later.destination == filed.destination
    assert later.destination.read_bytes() == SOUND
    assert not first.exists()


def test_what_a_later_entry_has_brought_back_is_undone_one_after_the_other(house):
    path = house.arrive("0/kick.wav", SOUND)
    house.start('min_free = 0\naction = "move"\n')
    filed = house.file(path)[0].entries[0]
    away = house.correct(filed, "snare")
    back = house.correct(away, "kick")

    for entry in (back, away, filed):
        house.undo(entry)

    assert path.read_bytes() == SOUND
    assert not any(entry.state == "done" for entry in house.entries() if entry.undoes is None)


def test_an_undo_does_not_take_the_file_that_another_undo_has_put_back_there(house):
    first, second = house.arrive("0/kick.wav", SOUND), house.arrive("1/kick.wav", SOUND)
    house.start('min_free = 0\naction = "move"\n')
    filed, left = (house.file(path)[0].entries[0] for path in (first, second))
    corrected = house.correct(filed, "snare")
    later = house.correct(left, "kick")
    moved_on = house.correct(later, "hat")
    house.undo(corrected)

    with pytest.raises(CannotUndo, match=f"undo entry {moved_on.id} first"):
        house.undo(later)

    assert filed.destination.read_bytes() == moved_on.destination.read_bytes() == SOUND
    assert not second.exists()
