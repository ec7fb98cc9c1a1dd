"""Folders that drumwatch's own moves have emptied: removed with an entry, made again by undo, and nobody else's."""

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
from pipeline_harness import PipelineHarness

from drumwatch.core.errors import CannotUndo
from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.filing import empty_folders
from drumwatch.filing.describe import describe
from drumwatch.journal import MIGRATIONS, Journal
from drumwatch.journal.migrations import add_created_folders
from drumwatch.pipeline import undo
from drumwatch.system import volumes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from faulty_disk import FaultyDisk

    from drumwatch.core.records import Entry

CALLS = 40  # more than any of these has
REFUSALS = [errno.EIO, errno.EROFS, errno.EACCES, errno.ENOSPC]


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[PipelineHarness]:
    (tmp_path / "house").mkdir()
    harness = PipelineHarness(tmp_path / "house")
    yield harness
    harness.close()


def sort(harness: PipelineHarness, *names: str) -> list[Path]:
    """Sounds arrive and are filed, each with a content of its own."""
    paths = [harness.arrive(name, a_wav(name.encode() * 30)) for name in names]
    harness.file(*paths)
    return paths


def folders(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir()}


def the_entry_of(harness: PipelineHarness, path: Path) -> Entry:
    (entry,) = [one for one in harness.entries(states=("done",)) if one.source == path and one.undoes is None]
    return entry


def test_emptied_folders_and_those_above_them_are_removed_with_one_entry(harness):
    sort(harness, "Pack/Kicks/1.wav", "Pack/Kicks/Deep/2.wav", "Pack/Hats/3.wav")
    assert folders(harness.intake) == {"Pack", "Pack/Kicks", "Pack/Kicks/Deep", "Pack/Hats"}

    (entry,) = harness.remove_emptied_folders()

    assert folders(harness.intake) == set()
    assert harness.intake.is_dir()
    assert (entry.action, entry.state, entry.source) == (REMOVE_FOLDERS, "done", harness.intake / "Pack")
    assert describe(entry).startswith("4 emptied folders in ")


def test_a_removal_that_is_undone_makes_the_folders_again_with_their_attributes(harness):
    sort(harness, "Pack/Kicks/1.wav")
    pack, kicks = harness.intake / "Pack", harness.intake / "Pack/Kicks"
    kicks.chmod(0o750)
    pack.chmod(0o2711)
    os.utime(kicks, ns=(10**18, 10**18))
    os.utime(pack, ns=(10**18 + 1, 10**18 + 1))
    before = [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (pack, kicks)]
    (entry,) = harness.remove_emptied_folders()

    back = harness.undo(entry)

    assert [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (pack, kicks)] == before
    assert describe(back).startswith("2 folders in ")
    assert harness.remove_emptied_folders() == []  # nobody wants them gone again


def test_a_file_that_comes_back_brings_its_own_folder_as_it_was(harness):
    first, second = sort(harness, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    first.parent.chmod(0o700)
    (removal,) = harness.remove_emptied_folders()

    harness.undo(the_entry_of(harness, first))

    assert first.exists()
    assert folders(harness.intake) == {"Pack", "Pack/Kicks"}
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert harness.journal.entries.get(removal.id).state == "done"

    harness.undo(the_entry_of(harness, second))

    assert harness.journal.entries.get(removal.id).state == "undone"


def test_the_last_thing_done_is_the_last_sound_not_the_removal_of_its_folder(harness):
    first, last = sort(harness, "Pack/1.wav", "Pack/2.wav")
    harness.remove_emptied_folders()

    (found,) = harness.entries(undoable=True, last=1)

    assert found.source == last
    assert {entry.source for entry in harness.entries(undoable=True)} == {first, last}


def test_folders_in_which_anything_is_stay_and_so_do_those_above_them(harness):
    sort(harness, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    (harness.intake / "Pack/Hats/.hidden").write_bytes(b"")

    harness.remove_emptied_folders()

    assert folders(harness.intake) == {"Pack", "Pack/Hats"}


def test_a_folder_that_nothing_of_ours_came_from_stays(harness):
    (harness.intake / "Pack/To do").mkdir(parents=True)
    (harness.intake / "Mine").mkdir()
    sort(harness, "Pack/Kicks/1.wav")

    harness.remove_emptied_folders()

    assert folders(harness.intake) == {"Pack", "Pack/To do", "Mine"}


def test_a_folder_that_somebody_makes_after_the_removal_is_theirs(harness):
    sort(harness, "Pack/1.wav")
    harness.remove_emptied_folders()
    (harness.intake / "Pack").mkdir()

    assert harness.remove_emptied_folders() == []
    assert (harness.intake / "Pack").is_dir()


def test_a_folder_out_of_which_the_sound_was_taken_by_others_stays(harness):
    (path,) = sort(harness, "Pack/1.wav")
    harness.undo(the_entry_of(harness, path))
    path.unlink()

    assert harness.remove_emptied_folders() == []


@pytest.mark.parametrize("action", ["copy", "hardlink", "symlink", "tag"])
def test_only_a_move_empties_a_folder(harness, action):
    harness.start(f'min_free = 0\naction = "{action}"')
    (path,) = sort(harness, "Pack/1.wav")
    path.unlink()

    assert harness.remove_emptied_folders() == []


def test_a_link_that_was_left_keeps_its_folder(harness):
    harness.start("min_free = 0\nleave_link = true")
    (path,) = sort(harness, "Pack/1.wav")

    assert harness.remove_emptied_folders() == []
    assert path.is_symlink()


def test_whoever_wants_them_keeps_empty_folders(harness):
    harness.start("min_free = 0\nkeep_empty_folders = true")
    sort(harness, "Pack/1.wav")

    assert harness.remove_emptied_folders() == []


def test_the_working_directory_and_a_link_are_never_removed(harness, monkeypatch):
    sort(harness, "Here/1.wav", "Real/2.wav")
    monkeypatch.chdir(harness.intake / "Here")
    (harness.intake / "Link").symlink_to(harness.intake / "Real")

    assert empty_folders.find_empty([harness.intake / "Here", harness.intake / "Link"]) == []


def test_a_mounted_disk_is_never_removed(small_disk):
    assert empty_folders.find_empty([small_disk]) == []


def test_a_mount_of_the_same_disk_is_not_removed(second_mount):
    found = empty_folders.find_empty([second_mount])

    assert empty_folders.remove(found) == []


def test_a_folder_that_took_the_place_of_the_one_that_was_looked_at_stays(harness):
    sort(harness, "Pack/1.wav")
    found = empty_folders.find_empty([harness.intake / "Pack"])
    (harness.intake / "Pack").rename(harness.intake / "Elsewhere")
    (harness.intake / "Pack").mkdir()

    assert empty_folders.remove(found) == []


def test_a_file_that_comes_between_look_and_removal_keeps_its_folder(harness, monkeypatch):
    sort(harness, "Pack/Kicks/1.wav", "Pack/Hats/2.wav")
    look = empty_folders.find_empty

    def looked(candidates):
        found = look(candidates)
        (harness.intake / "Pack/Hats/late.wav").write_bytes(b"late")
        return found

    monkeypatch.setattr(empty_folders, "find_empty", looked)
    (entry,) = harness.remove_emptied_folders()

    assert folders(harness.intake) == {"Pack", "Pack/Hats"}
    assert [record.path for record in entry.detail.folders] == [harness.intake / "Pack/Kicks"]


def test_a_removal_is_no_filed_sound_and_no_line_more_in_any_count(harness):
    sort(harness, "Pack/1.wav")
    before = (
        harness.journal.entries.counts(0.0),
        [batch.filed for batch in harness.journal.batches.listed()],
    )
    harness.remove_emptied_folders()

    assert (
        harness.journal.entries.counts(0.0),
        [batch.filed for batch in harness.journal.batches.listed()],
    ) == before


def test_folders_come_back_on_their_disk_only_and_after_a_restart_under_other_device_numbers(harness):
    (path,) = sort(harness, "Pack/1.wav")
    harness.remove_emptied_folders()
    entry = the_entry_of(harness, path)
    elsewhere = replace(entry, stamp=replace(entry.stamp, device=4711, volume=""))
    removal = harness.journal.folders.removals_of(path.parent)[0]
    record = removal.detail.folders[0]._replace(volume="")  # as earlier versions wrote it

    renumbered = {path.parent: record._replace(device=4711)}
    another = {path.parent: record._replace(device=4711, parent_inode=record.parent_inode + 1)}

    assert empty_folders.is_its_disk(path.parent, 4711, renumbered)
    assert not empty_folders.is_its_disk(path.parent, 4711, another)
    harness.undo(elsewhere)
    assert path.exists()


def test_a_folder_that_somebody_removed_comes_back_after_a_restart_on_its_own_volume_only(
    harness, monkeypatch
):
    (path,) = sort(harness, "Pack/1.wav")
    path.parent.rmdir()
    harness.journal._database.connection.execute("UPDATE entry SET device = '4711'")
    filed = the_entry_of(harness, path)

    with monkeypatch.context() as patch:
        patch.setattr(volumes, "look_up", lambda *_: "at:/another/disk")
        with pytest.raises(CannotUndo, match="connect its disk, or make the folder"):
            harness.undo(filed)
    harness.undo(filed)

    assert path.exists()


def test_a_folder_of_another_disk_with_the_same_inode_above_is_not_its_disk(harness, monkeypatch):
    (path,) = sort(harness, "Pack/1.wav")
    (removal,) = harness.remove_emptied_folders()
    (record,) = removal.detail.folders

    monkeypatch.setattr(volumes, "look_up", lambda *_: "at:/another/disk")

    assert record.volume
    assert not empty_folders.is_its_disk(
        path.parent, record.device, {path.parent: record}, volume=record.volume
    )


def test_a_file_in_the_place_of_a_removed_folder_is_reported_and_stays(harness):
    sort(harness, "Pack/Kicks/1.wav")
    (entry,) = harness.remove_emptied_folders()
    (harness.intake / "Pack").write_bytes(b"notes")

    with pytest.raises(CannotUndo, match="Pack is a file now: move that away first"):
        harness.undo(entry)

    assert (harness.intake / "Pack").read_bytes() == b"notes"


# Power and disk


def test_a_power_cut_at_any_moment_of_a_removal_leaves_what_the_journal_says(harness, faulty_disk):
    for call in range(1, CALLS):
        sort(harness, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        done = _cut_off(faulty_disk, call, harness.remove_emptied_folders)
        harness.start()
        gone = {path for entry in harness.entries(states=("done",)) for path in _removed(entry)}
        assert {path for path in gone if path.is_dir()} == set()
        harness.remove_emptied_folders()
        assert folders(harness.intake) == set()
        if done:
            assert call > 3
            return
    pytest.fail("it has no end")


def test_a_power_cut_while_folders_are_made_again_makes_all_or_none(harness, faulty_disk):
    for call in range(1, CALLS):
        sort(harness, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        (removal,) = harness.remove_emptied_folders()
        done = _cut_off(faulty_disk, call, lambda removal=removal: harness.undo(removal))
        harness.start()
        there = folders(harness.intake / str(call)) if (harness.intake / str(call)).exists() else set()
        undone = harness.journal.entries.get(removal.id).state == "undone"
        assert there == ({"Kicks", "Hats"} if undone else set())
        if done:
            assert call > 3
            return
    pytest.fail("it has no end")


def test_an_undo_of_a_removal_that_was_cut_off_before_it_began_took_nothing_back(harness, monkeypatch):
    sort(harness, "Pack/Kicks/1.wav")
    (removal,) = harness.remove_emptied_folders()

    _cut_off_before_it_begins(harness, monkeypatch, removal)

    assert harness.journal.entries.get(removal.id).state == "done"
    assert folders(harness.intake) == set()
    harness.undo(harness.journal.entries.get(removal.id))
    assert folders(harness.intake) == {"Pack", "Pack/Kicks"}


@pytest.mark.parametrize("action", ["move", "copy", "hardlink"])
def test_an_undo_cut_off_before_it_began_does_not_wait_for_a_folder_that_a_correction_removed(
    harness, monkeypatch, action
):
    harness.start(f'min_free = 0\naction = "{action}"')
    (path,) = sort(harness, "Pack/1.wav")
    filed = the_entry_of(harness, path)
    corrected = harness.correct(filed, "snare")

    _cut_off_before_it_begins(harness, monkeypatch, filed)

    assert harness.entries(states=("planned",)) == []
    assert harness.journal.entries.get(filed.id).state == "done"
    assert corrected.destination.exists()


def _cut_off_before_it_begins(
    harness: PipelineHarness, monkeypatch: pytest.MonkeyPatch, entry: Entry
) -> None:
    """The undo is in the journal, and the power goes before the disk is looked at."""

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patches, pytest.raises(PowerCut):
        patches.setattr(undo, "reverse", cut)
        harness.undo(entry)
    harness.start()


@pytest.mark.parametrize("code", REFUSALS, ids=errno.errorcode.get)
def test_a_disk_that_refuses_a_removal_keeps_its_folder_and_the_journal_knows(harness, faulty_disk, code):
    for call in itertools.count(1):
        sort(harness, f"{call}/Kicks/1.wav", f"{call}/Hats/2.wav")
        faulty_disk.fail_at(call, code)
        entries = harness.remove_emptied_folders()
        well = faulty_disk.restore() < call
        assert not [path for entry in entries for path in _removed(entry) if path.exists()]
        harness.remove_emptied_folders()
        assert folders(harness.intake) == set()
        if well:
            break


@pytest.mark.parametrize("code", REFUSALS, ids=errno.errorcode.get)
def test_a_disk_that_refuses_to_make_a_folder_again_is_reported_in_a_sentence(harness, faulty_disk, code):
    (path,) = sort(harness, "Pack/Kicks/1.wav")
    (removal,) = harness.remove_emptied_folders()

    for call in itertools.count(1):
        faulty_disk.fail_at(call, code)
        why = _why_not(harness, removal)
        faulty_disk.restore()
        if not why:
            break
        assert str(harness.intake) in why
        assert "Errno" not in why
        assert folders(harness.intake) == set()
    harness.undo(the_entry_of(harness, path))
    assert path.exists()


def _why_not(harness: PipelineHarness, removal: Entry) -> str:
    """Why it could not be undone; empty where it was."""
    try:
        harness.undo(removal)
    except CannotUndo as exc:
        return str(exc)
    return ""


def _removed(entry: Entry) -> list[Path]:
    if entry.action != REMOVE_FOLDERS or entry.undoes is not None:
        return []
    return [record.path for record in entry.detail.folders]


def _cut_off(faulty_disk: FaultyDisk, call: int, work) -> bool:
    """Whether the power stayed on to the end."""
    faulty_disk.cut_after(call)
    try:
        work()
    except PowerCut:
        return False
    finally:
        faulty_disk.restore()
    return True


# In the library


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_no_folder_that_we_made_stays_empty_in_the_library_in_whatever_order_it_is_undone(harness, order):
    harness.start('min_free = 0\nlayout = "{label}/{original_folder}/{name}"')
    paths = sort(harness, "A/1.wav", "A/2.wav", "B/3.wav")

    for which in order:
        harness.undo(the_entry_of(harness, paths[which]))

    assert folders(harness.library) == set()


def test_a_folder_of_the_library_that_the_user_made_stays_even_if_it_is_empty(harness):
    harness.start('min_free = 0\nlayout = "{label}/{original_folder}/{name}"')
    (harness.library / "kick").mkdir()
    (path,) = sort(harness, "A/1.wav")
    harness.undo(the_entry_of(harness, path))
    assert folders(harness.library) == {"kick"}

    (harness.library / "kick/A").mkdir()  # ours is gone, and this one is not ours
    harness.journal.seen.forget(path)
    harness.file(path)
    harness.undo(the_entry_of(harness, path))

    assert folders(harness.library) == {"kick", "kick/A"}


def test_a_correction_leaves_no_empty_folder_and_its_undo_makes_it_again(harness):
    (path,) = sort(harness, "Pack/1.wav")
    filed = the_entry_of(harness, path)

    corrected = harness.correct(filed, "snare")
    assert folders(harness.library) == {"snare"}
    harness.undo(corrected)
    assert folders(harness.library) == {"kick"}
    harness.undo(filed)

    assert folders(harness.library) == set()
    assert path.exists()


def test_a_folder_that_a_correction_left_to_others_goes_with_the_last_of_them(harness):
    first, second = sort(harness, "Pack/1.wav", "Pack/2.wav")
    filed = the_entry_of(harness, first)
    corrected = harness.correct(filed, "snare")

    harness.undo(the_entry_of(harness, second))
    assert folders(harness.library) == {"snare"}
    harness.undo(corrected)
    harness.undo(filed)

    assert folders(harness.library) == set()
    assert first.exists()


def test_an_older_journal_knows_which_folders_we_made(harness):
    first, second = sort(harness, "1.wav", "2.wav")
    database = harness.journal._database.connection
    database.execute("DROP TABLE made")
    database.execute("DROP INDEX entry_removals")
    for table in ("entry", "seen"):
        database.execute(f"ALTER TABLE {table} DROP COLUMN volume")
    for table in ("unlisted", "place", "adopted", "starred"):
        database.execute(f"DROP TABLE {table}")
    for column in ("real", "mount"):
        database.execute(f"ALTER TABLE watch DROP COLUMN {column}")
    database.execute(f"PRAGMA user_version = {MIGRATIONS.index(add_created_folders)}")
    harness.journal.close()

    harness.journal = Journal(harness.state / "journal.db")
    harness.undo(the_entry_of(harness, first))
    harness.undo(the_entry_of(harness, second))

    assert folders(harness.library) == set()
