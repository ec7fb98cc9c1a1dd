"""Folders that our own moves have emptied: removed with an entry, made again with undo, and nobody else's."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from faulty_disk import PowerCut
from folder_trees import a_wav
from pipeline_harness import House

from drumwatch.core.errors import CannotUndo
from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.filing import empty_folders
from drumwatch.filing.describe import describe
from drumwatch.journal import MIGRATIONS, Journal
from drumwatch.pipeline import undo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from faulty_disk import Power

    from drumwatch.core.records import Entry

CALLS = 40  # more than any of these has
REFUSALS = [errno.EIO, errno.EROFS, errno.EACCES, errno.ENOSPC]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "house").mkdir()
    house = House(tmp_path / "house")
    yield house
    house.close()


def sort(house: House, *names: str) -> list[Path]:
    """Sounds arrive and are filed, each with a content of its own."""
    paths = [house.arrive(name, a_wav(name.encode() * 30)) for name in names]
    house.file(*paths)
    return paths


def folders(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def the_entry_of(house: House, path: Path) -> Entry:
    (entry,) = [one for one in house.entries(states=("done",)) if one.source == path and one.undoes is None]
    return entry


def test_emptied_folders_and_those_above_them_are_removed_with_one_entry(house):
    sort(house, "Pack/Kicks/1.wav", "Pack/Kicks/Deep/2.wav", "Pack/Hats/3.wav")
    assert folders(house.intake) == {"Pack", "Pack/Kicks", "Pack/Kicks/Deep", "Pack/Hats"}

    (entry,) = house.remove_emptied_folders()

    assert folders(house.intake) == set()
    assert house.intake.is_dir()
    assert (entry.action, entry.state, entry.source) == (REMOVE_FOLDERS, "done", house.intake / "Pack")
    assert describe(entry).startswith("4 emptied folders in ")


def test_a_removal_that_is_undone_makes_the_folders_again_with_their_marks(house):
    sort(house, "Pack/Kicks/1.wav")
    pack, kicks = house.intake / "Pack", house.intake / "Pack/Kicks"
    kicks.chmod(0o750)
    pack.chmod(0o2711)
    os.utime(kicks, ns=(10**18, 10**18))
    os.utime(pack, ns=(10**18 + 1, 10**18 + 1))
    before = [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (pack, kicks)]
    (entry,) = house.remove_emptied_folders()

    back = house.undo(entry)

    assert [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (pack, kicks)] == before
    assert describe(back).startswith("2 folders in ")
    assert house.remove_emptied_folders() == []  # nobody wants them gone again


def test_a_file_that_comes_back_brings_its_own_folder_as_it_was(house):
    first, second = sort(house, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    first.parent.chmod(0o700)
    (removal,) = house.remove_emptied_folders()

    house.undo(the_entry_of(house, first))

    assert first.exists()
    assert folders(house.intake) == {"Pack", "Pack/Kicks"}
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert house.journal.entries.get(removal.id).state == "done"

    house.undo(the_entry_of(house, second))

    assert house.journal.entries.get(removal.id).state == "undone"


def test_the_last_thing_done_is_the_last_sound_not_the_removal_of_its_folder(house):
    first, last = sort(house, "Pack/1.wav", "Pack/2.wav")
    house.remove_emptied_folders()

    (found,) = house.entries(undoable=True, last=1)

    assert found.source == last
    assert {entry.source for entry in house.entries(undoable=True)} == {first, last}


def test_folders_in_which_anything_is_stay_and_so_do_those_above_them(house):
    sort(house, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    (house.intake / "Pack/Hats/.hidden").write_bytes(b"")

    house.remove_emptied_folders()

    assert folders(house.intake) == {"Pack", "Pack/Hats"}


def test_a_folder_that_nothing_of_ours_came_from_stays(house):
    (house.intake / "Pack/To do").mkdir(parents=True)
    (house.intake / "Mine").mkdir()
    sort(house, "Pack/Kicks/1.wav")

    house.remove_emptied_folders()

    assert folders(house.intake) == {"Pack", "Pack/To do", "Mine"}


def test_a_folder_that_somebody_makes_after_the_removal_is_theirs(house):
    sort(house, "Pack/1.wav")
    house.remove_emptied_folders()
    (house.intake / "Pack").mkdir()

    assert house.remove_emptied_folders() == []
    assert (house.intake / "Pack").is_dir()


def test_a_folder_out_of_which_the_sound_was_taken_by_others_stays(house):
    (path,) = sort(house, "Pack/1.wav")
    house.undo(the_entry_of(house, path))
    path.unlink()

    assert house.remove_emptied_folders() == []


@pytest.mark.parametrize("action", ["copy", "hardlink", "symlink", "tag"])
def test_only_a_move_empties_a_folder(house, action):
    house.start(f'min_free = 0\naction = "{action}"')
    (path,) = sort(house, "Pack/1.wav")
    path.unlink()

    assert house.remove_emptied_folders() == []


def test_a_link_that_was_left_keeps_its_folder(house):
    house.start("min_free = 0\nleave_link = true")
    (path,) = sort(house, "Pack/1.wav")

    assert house.remove_emptied_folders() == []
    assert path.is_symlink()


def test_whoever_wants_them_keeps_empty_folders(house):
    house.start("min_free = 0\nkeep_empty_folders = true")
    sort(house, "Pack/1.wav")

    assert house.remove_emptied_folders() == []


def test_the_working_directory_and_a_link_are_never_removed(house, monkeypatch):
    sort(house, "Here/1.wav", "Real/2.wav")
    monkeypatch.chdir(house.intake / "Here")
    (house.intake / "Link").symlink_to(house.intake / "Real")

    assert empty_folders.find_empty([house.intake / "Here", house.intake / "Link"]) == []


def test_a_mounted_disk_is_never_removed(small_disk):
    assert empty_folders.find_empty([small_disk]) == []


def test_a_mount_of_the_same_disk_is_not_removed(second_mount):
    found = empty_folders.find_empty([second_mount])

    assert empty_folders.remove(found) == []


def test_a_folder_that_took_the_place_of_the_one_that_was_looked_at_stays(house):
    sort(house, "Pack/1.wav")
    found = empty_folders.find_empty([house.intake / "Pack"])
    (house.intake / "Pack").rename(house.intake / "Elsewhere")
    (house.intake / "Pack").mkdir()

    assert empty_folders.remove(found) == []


def test_a_file_that_comes_between_look_and_removal_keeps_its_folder(house, monkeypatch):
    sort(house, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    look = empty_folders.find_empty

    def looked(candidates):
        found = look(candidates)
        (house.intake / "Pack/Hats/late.wav").write_bytes(b"late")
        return found

    monkeypatch.setattr(empty_folders, "find_empty", looked)
    (entry,) = house.remove_emptied_folders()

    assert folders(house.intake) == {"Pack", "Pack/Hats"}
    assert [record.path for record in entry.detail.folders] == [house.intake / "Pack/Kicks"]


def test_a_removal_is_no_filed_sound_and_no_line_more_in_any_count(house):
    sort(house, "Pack/1.wav")
    before = (house.journal.entries.counts(0.0), [batch.filed for batch in house.journal.batches.listed()])
    house.remove_emptied_folders()

    assert (
        house.journal.entries.counts(0.0),
        [batch.filed for batch in house.journal.batches.listed()],
    ) == before


def test_folders_come_back_on_their_disk_only_and_after_a_restart_under_other_device_numbers(house):
    (path,) = sort(house, "Pack/1.wav")
    house.remove_emptied_folders()
    entry = the_entry_of(house, path)
    elsewhere = replace(entry, stamp=replace(entry.stamp, device=4711))
    removal = house.journal.folders.removals_of(path.parent)[0]
    (record,) = removal.detail.folders

    renumbered = {path.parent: record._replace(device=4711)}
    another = {path.parent: record._replace(device=4711, parent_inode=record.parent_inode + 1)}

    assert empty_folders.is_its_disk(path.parent, 4711, renumbered)
    assert not empty_folders.is_its_disk(path.parent, 4711, another)
    house.undo(elsewhere)
    assert path.exists()


def test_a_file_in_the_place_of_a_removed_folder_is_told_and_stays(house):
    sort(house, "Pack/Kicks/1.wav")
    (entry,) = house.remove_emptied_folders()
    (house.intake / "Pack").write_bytes(b"notes")

    with pytest.raises(CannotUndo, match="Pack is a file now: move that away first"):
        house.undo(entry)

    assert (house.intake / "Pack").read_bytes() == b"notes"


# Power and disk


def test_a_power_cut_at_any_moment_of_a_removal_leaves_what_the_journal_says(house, power):
    for call in range(1, CALLS):
        sort(house, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        done = _cut_off(power, call, house.remove_emptied_folders)
        house.start()
        gone = {path for entry in house.entries(states=("done",)) for path in _removed(entry)}
        assert {path for path in gone if path.is_dir()} == set()
        house.remove_emptied_folders()
        assert folders(house.intake) == set()
        if done:
            assert call > 3
            return
    pytest.fail("it has no end")


def test_a_power_cut_while_folders_are_made_again_makes_all_or_none(house, power):
    for call in range(1, CALLS):
        sort(house, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        (removal,) = house.remove_emptied_folders()
        done = _cut_off(power, call, lambda removal=removal: house.undo(removal))
        house.start()
        there = folders(house.intake / str(call)) if (house.intake / str(call)).exists() else set()
        undone = house.journal.entries.get(removal.id).state == "undone"
        assert there == ({"Kicks", "Hats"} if undone else set())
        if done:
            assert call > 3
            return
    pytest.fail("it has no end")


def test_an_undo_of_a_removal_that_was_cut_off_before_it_began_took_nothing_back(house, monkeypatch):
    sort(house, "Pack/Kicks/1.wav")
    (removal,) = house.remove_emptied_folders()

    _cut_off_before_it_begins(house, monkeypatch, removal)

    assert house.journal.entries.get(removal.id).state == "done"
    assert folders(house.intake) == set()
    house.undo(house.journal.entries.get(removal.id))
    assert folders(house.intake) == {"Pack", "Pack/Kicks"}


@pytest.mark.parametrize("action", ["move", "copy", "hardlink"])
def test_an_undo_cut_off_before_it_began_does_not_wait_for_a_folder_that_a_correction_removed(
    house, monkeypatch, action
):
    house.start(f'min_free = 0\naction = "{action}"')
    (path,) = sort(house, "Pack/1.wav")
    filed = the_entry_of(house, path)
    corrected = house.correct(filed, "snare")

    _cut_off_before_it_begins(house, monkeypatch, filed)

    assert house.entries(states=("planned",)) == []
    assert house.journal.entries.get(filed.id).state == "done"
    assert corrected.destination.exists()


def _cut_off_before_it_begins(house: House, monkeypatch: pytest.MonkeyPatch, entry: Entry) -> None:
    """The undo is in the journal, and the power goes before the disk is looked at."""

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patches, pytest.raises(PowerCut):
        patches.setattr(undo, "reverse", cut)
        house.undo(entry)
    house.start()


@pytest.mark.parametrize("code", REFUSALS, ids=errno.errorcode.get)
def test_a_disk_that_refuses_a_removal_keeps_its_folder_and_the_journal_knows(house, power, code):
    for call in itertools.count(1):
        sort(house, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        power.fail_at(call, code)
        entries = house.remove_emptied_folders()
        well = power.restore() < call
        assert not [path for entry in entries for path in _removed(entry) if path.exists()]
        house.remove_emptied_folders()
        assert folders(house.intake) == set()
        if well:
            break


@pytest.mark.parametrize("code", REFUSALS, ids=errno.errorcode.get)
def test_a_disk_that_refuses_to_make_a_folder_again_is_told_in_words(house, power, code):
    (path,) = sort(house, "Pack/Kicks/1.wav")
    (removal,) = house.remove_emptied_folders()

    for call in itertools.count(1):
        power.fail_at(call, code)
        why = _why_not(house, removal)
        power.restore()
        if not why:
            break
        assert str(house.intake) in why
        assert "Errno" not in why
        assert folders(house.intake) == set()
    house.undo(the_entry_of(house, path))
    assert path.exists()


def _why_not(house: House, removal: Entry) -> str:
    """Why it could not be undone; empty where it was."""
    try:
        house.undo(removal)
    except CannotUndo as exc:
        return str(exc)
    return ""


def _removed(entry: Entry) -> list[Path]:
    if entry.action != REMOVE_FOLDERS or entry.undoes is not None:
        return []
    return [record.path for record in entry.detail.folders]


def _cut_off(power: Power, call: int, work) -> bool:
    """Whether the power stayed on to the end."""
    power.cut_after(call)
    try:
        work()
    except PowerCut:
        return False
    finally:
        power.restore()
    return True


# In the library


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_no_folder_that_we_made_stays_empty_in_the_library_in_whatever_order_it_is_undone(house, order):
    house.start('min_free = 0\nlayout = "{label}/{original_folder}/{name}"')
    paths = sort(house, "A/1.wav", "A/2.wav", "B/3.wav")

    for which in order:
        house.undo(the_entry_of(house, paths[which]))

    assert folders(house.library) == set()


def test_a_folder_of_the_library_that_the_user_made_stays_even_if_it_is_empty(house):
    house.start('min_free = 0\nlayout = "{label}/{original_folder}/{name}"')
    (house.library / "kick").mkdir()
    (path,) = sort(house, "A/1.wav")
    house.undo(the_entry_of(house, path))
    assert folders(house.library) == {"kick"}

    (house.library / "kick/A").mkdir()  # ours is gone, and this one is not ours
    house.journal.seen.forget(path)
    house.file(path)
    house.undo(the_entry_of(house, path))

    assert folders(house.library) == {"kick", "kick/A"}


def test_a_correction_leaves_no_empty_folder_and_its_undo_makes_it_again(house):
    (path,) = sort(house, "Pack/1.wav")
    filed = the_entry_of(house, path)

    corrected = house.correct(filed, "snare")
    assert folders(house.library) == {"snare"}
    house.undo(corrected)
    assert folders(house.library) == {"kick"}
    house.undo(filed)

    assert folders(house.library) == set()
    assert path.exists()


def test_a_folder_that_a_correction_left_to_others_goes_with_the_last_of_them(house):
    first, second = sort(house, "Pack/1.wav", "Pack/2.wav")
    filed = the_entry_of(house, first)
    corrected = house.correct(filed, "snare")

    house.undo(the_entry_of(house, second))
    assert folders(house.library) == {"snare"}
    house.undo(corrected)
    house.undo(filed)

    assert folders(house.library) == set()
    assert first.exists()


def test_an_older_journal_knows_which_folders_we_made(house):
    first, second = sort(house, "1.wav", "2.wav")
    database = house.journal._database.connection
    database.execute("DROP TABLE made")
    database.execute("DROP INDEX entry_removals")
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 1}")
    house.journal.close()

    house.journal = Journal(house.state / "journal.db")
    house.undo(the_entry_of(house, first))
    house.undo(the_entry_of(house, second))

    assert folders(house.library) == set()
