from __future__ import annotations

from pathlib import Path

import pytest
from folder_trees import Link, make_files, read_files

from drumwatch.core.errors import CannotUndo

KICK = Path("kick/Pack/kick.wav")
DOWNLOADS = {"kick.wav": b"boom", "kick.wav.asd": b"warp", "snare.wav": b"crack"}


@pytest.mark.parametrize("kind", ["move", "copy", "hardlink", "symlink"])
def test_undo_leaves_no_trace(tmp_path, runner, kind):
    make_files(tmp_path, {"in": DOWNLOADS})
    runner.do(kind, tmp_path / "in/kick.wav", KICK, leave_link=True)

    outcome = runner.undo()

    assert outcome.path == tmp_path / "in/kick.wav"
    assert read_files(tmp_path) == {"in": DOWNLOADS, "Library": {}}


@pytest.mark.parametrize("kind", ["move", "copy", "symlink"])
def test_undo_reaches_across_disks(tmp_path, runner, other_disk, kind):
    runner.library = other_disk
    make_files(tmp_path, {"in": DOWNLOADS})
    runner.do(kind, tmp_path / "in/kick.wav", KICK, leave_link=True)

    runner.undo()

    assert read_files(tmp_path / "in") == DOWNLOADS
    assert read_files(other_disk) == {}


def test_undo_keeps_folders_that_were_there_or_have_come_to_use(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick": {}}})
    runner.do("move", tmp_path / "in/kick.wav", Path("kick/Pack/Deep/kick.wav"))
    (tmp_path / "Library/kick/Pack/licence.txt").write_bytes(b"CC0")

    runner.undo()

    assert read_files(tmp_path / "Library") == {"kick": {"Pack": {"licence.txt": b"CC0"}}}


def test_undo_of_what_changed_nothing_changes_nothing(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"boom"}})
    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    outcome = runner.undo()

    assert outcome.note == "nothing had been changed"
    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"boom"}}


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_sound_that_was_edited_since_stays(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    place = runner.do(kind, tmp_path / "in/kick.wav", KICK).path
    place.write_bytes(b"BOOM")

    with pytest.raises(CannotUndo, match="has been changed since"):
        runner.undo()

    assert place.read_bytes() == b"BOOM"


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_sound_that_has_gone_since_cannot_come_back(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.do(kind, tmp_path / "in/kick.wav", KICK).path.unlink()

    with pytest.raises(CannotUndo, match="is not there any more"):
        runner.undo()


@pytest.mark.parametrize("leave_link", [False, True])
def test_whatever_is_at_the_old_place_now_stays(tmp_path, runner, leave_link):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.do("move", tmp_path / "in/kick.wav", KICK, leave_link=leave_link)
    (tmp_path / "in/kick.wav").unlink(missing_ok=True)
    (tmp_path / "in/kick.wav").write_bytes(b"new")

    with pytest.raises(CannotUndo, match="Something else is at"):
        runner.undo()

    assert read_files(tmp_path) == {
        "in": {"kick.wav": b"new"},
        "Library": {"kick": {"Pack": {"kick.wav": b"boom"}}},
    }


def test_the_link_comes_back_when_the_sound_cannot(tmp_path, runner, faulty_disk):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    place = runner.do("move", tmp_path / "in/kick.wav", KICK, leave_link=True).path
    faulty_disk.fail_at(3, 5)  # planned, the link goes, the rename

    with pytest.raises(CannotUndo, match="cannot be used, because the disk may be failing"):
        runner.undo()

    assert read_files(tmp_path / "in") == {"kick.wav": Link(place)}


@pytest.mark.parametrize("kind", ["copy", "hardlink"])
@pytest.mark.parametrize("fate", ["gone", "edited"])
def test_the_last_copy_stays(tmp_path, runner, kind, fate):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    place = runner.do(kind, tmp_path / "in/kick.wav", KICK).path
    (tmp_path / "in/kick.wav").unlink()
    if fate == "edited":
        (tmp_path / "in/kick.wav").write_bytes(b"bOOm")

    with pytest.raises(CannotUndo, match="the only copy left"):
        runner.undo()

    assert place.read_bytes() == b"boom"


def test_a_hard_link_that_became_a_file_of_its_own_stays(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    place = runner.do("hardlink", tmp_path / "in/kick.wav", KICK).path
    place.unlink()
    place.write_bytes(b"boom")

    with pytest.raises(CannotUndo, match="no longer a hard link"):
        runner.undo()


def test_a_copy_that_is_the_original_by_another_path_stays(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.do("copy", tmp_path / "in/kick.wav", Path("kick.wav"))
    (tmp_path / "in/kick.wav").unlink()
    (tmp_path / "in").rmdir()
    (tmp_path / "in").symlink_to(tmp_path / "Library")

    with pytest.raises(CannotUndo, match="one and the same file"):
        runner.undo()

    assert read_files(tmp_path / "Library") == {"kick.wav": b"boom"}


def test_a_symlink_that_leads_elsewhere_now_stays(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    place = runner.do("symlink", tmp_path / "in/kick.wav", KICK).path
    place.unlink()
    place.symlink_to("elsewhere")

    with pytest.raises(CannotUndo, match="no longer a link to"):
        runner.undo()


def test_a_companion_that_was_edited_comes_back_with_its_sound(tmp_path, runner):
    make_files(tmp_path, {"in": DOWNLOADS})
    runner.do("move", tmp_path / "in/kick.wav", KICK)
    (tmp_path / "Library/kick/Pack/kick.wav.asd").write_bytes(b"new warp")

    runner.undo()

    assert read_files(tmp_path / "in") == {**DOWNLOADS, "kick.wav.asd": b"new warp"}


def test_a_copied_companion_that_was_edited_stays_and_is_mentioned(tmp_path, runner):
    make_files(tmp_path, {"in": DOWNLOADS})
    runner.do("copy", tmp_path / "in/kick.wav", KICK)
    (tmp_path / "Library/kick/Pack/kick.wav.asd").write_bytes(b"new warp")

    outcome = runner.undo()

    assert outcome.note == "kick.wav.asd was left alone: it is no longer like kick.wav.asd."
    assert read_files(tmp_path / "Library") == {"kick": {"Pack": {"kick.wav.asd": b"new warp"}}}


def test_an_old_folder_that_was_removed_is_made_again(tmp_path, runner):
    make_files(tmp_path, {"in": {"Pack": {"kick.wav": b"boom"}}})
    runner.do("move", tmp_path / "in/Pack/kick.wav", KICK)
    (tmp_path / "in/Pack").rmdir()

    runner.undo()

    assert read_files(tmp_path) == {"in": {"Pack": {"kick.wav": b"boom"}}, "Library": {}}


def test_an_old_folder_is_not_made_again_on_another_disk(tmp_path, runner, other_disk):
    make_files(other_disk, {"in": {"kick.wav": b"boom"}})
    (tmp_path / "mount").symlink_to(other_disk)
    runner.do("move", tmp_path / "mount/in/kick.wav", KICK)
    (tmp_path / "mount").unlink()

    with pytest.raises(CannotUndo, match="connect its disk"):
        runner.undo()

    assert read_files(tmp_path / "Library") == {"kick": {"Pack": {"kick.wav": b"boom"}}}


def test_only_what_was_done_is_undone(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.plan("move", tmp_path / "in/kick.wav", KICK)

    with pytest.raises(CannotUndo, match="is planned, not done"):
        runner.undo()
