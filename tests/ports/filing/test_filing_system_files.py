"""What macOS leaves in folders is in nobody's way: an emptied folder goes with it, and comes back with it."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest
from faulty_disk import PowerCut
from folder_trees import a_wav, read_files
from pipeline_harness import PipelineHarness

from drumwatch.filing import disk, system_files
from drumwatch.packs.staging import count_files, holds_files
from drumwatch.system import consent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FINDER = b"\0\0\0\1Bud1" + bytes(6000) + b"the view"
DOUBLE = b"\0\5\x16\7" + bytes(4000) + b"the tags"
TIME = 1_600_000_000_123_456_789


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[PipelineHarness]:
    (tmp_path / "house").mkdir()
    harness = PipelineHarness(tmp_path / "house")
    yield harness
    harness.close()


def emptied(harness: PipelineHarness, system: Mapping[str, bytes], pack: str = "Pack") -> Path:
    """A folder whose sound is filed, and in which these files are left."""
    sound = harness.arrive(f"{pack}/kick.wav", a_wav(pack.encode() * 50))
    harness.file(sound)
    for name, content in system.items():
        (sound.parent / name).write_bytes(content)
        os.utime(sound.parent / name, ns=(TIME, TIME))
    return sound.parent


LEFT = {".DS_Store": FINDER, "._kick.wav": DOUBLE}


def test_an_emptied_folder_is_removed_with_what_macos_left_in_it_and_comes_back_with_it(harness):
    folder = emptied(harness, LEFT)
    (folder / ".DS_Store").chmod(0o600)

    (removal,) = harness.remove_emptied_folders()
    assert not folder.exists()
    harness.undo(removal)

    assert read_files(folder) == LEFT
    status = (folder / ".DS_Store").stat()
    assert (status.st_mode & 0o777, status.st_mtime_ns) == (0o600, TIME)


def test_the_first_sound_that_returns_brings_them_back_too(harness):
    folder = emptied(harness, LEFT)
    harness.remove_emptied_folders()
    (filed,) = [one for one in harness.entries(states=("done",)) if one.action == "move"]

    harness.undo(filed)

    assert read_files(folder) == {"kick.wav": a_wav(b"Pack" * 50), **LEFT}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("._notes.txt", b"what a user has written"),
        (".DS_Store", b"not the Finder's"),
        ("._sound", DOUBLE + bytes(system_files.LARGEST)),
        (".hidden", b""),
    ],
)
def test_a_folder_with_anything_else_stays(harness, name, content):
    folder = emptied(harness, {name: content})

    assert harness.remove_emptied_folders() == []
    assert read_files(folder) == {name: content}


def test_a_file_that_comes_at_the_last_moment_keeps_the_folder_and_what_macos_left_in_it(
    harness, monkeypatch
):
    folder = emptied(harness, LEFT)
    remove = disk.remove_folder

    def too_late(parent, name):
        (folder / "late.wav").write_bytes(b"late")
        remove(parent, name)

    monkeypatch.setattr(disk, "remove_folder", too_late)

    assert harness.remove_emptied_folders() == []
    assert read_files(folder) == {"late.wav": b"late", **LEFT}


def test_one_that_has_changed_meanwhile_is_not_removed(harness, monkeypatch):
    folder = emptied(harness, LEFT)
    only_these = system_files.only_these

    def looked(*where):
        found = only_these(*where)
        (folder / ".DS_Store").write_bytes(FINDER + b"another view")
        return found

    monkeypatch.setattr(system_files, "only_these", looked)

    assert harness.remove_emptied_folders() == []
    assert read_files(folder) == {**LEFT, ".DS_Store": FINDER + b"another view"}


def test_a_power_cut_at_any_moment_of_such_a_removal_leaves_all_or_nothing(harness, faulty_disk):
    for call in range(1, 40):
        folder = emptied(harness, LEFT, f"{call}")
        faulty_disk.cut_after(call)
        try:
            harness.remove_emptied_folders()
            done = True
        except PowerCut:
            done = False
        faulty_disk.restore()
        harness.start()
        harness.remove_emptied_folders()
        assert not folder.exists()
        removal = harness.entries(states=("done",))[-1]
        harness.undo(removal)
        assert read_files(folder) == LEFT
        if done:
            return
    pytest.fail("it has no end")


def test_a_removal_that_was_cut_off_is_settled_when_the_folder_can_be_read_again(
    harness, faulty_disk, monkeypatch
):
    folder = emptied(harness, LEFT)
    faulty_disk.cut_after(2)
    with pytest.raises(PowerCut):
        harness.remove_emptied_folders()
    faulty_disk.restore()

    with monkeypatch.context() as patch:
        patch.setattr(consent.Consent, "require", _refused)
        harness.start()
    (planned,) = harness.entries(states=("planned",))
    harness.start()

    removal = harness.journal.entries.get(planned.id)
    assert removal.state == "done"
    harness.undo(removal)
    assert read_files(folder) == LEFT


def _refused(_: object, folder: Path) -> None:
    raise consent.ConsentPendingError(errno.EPERM, "macOS is asking", str(folder))


def test_a_library_folder_that_only_the_finder_has_looked_at_goes_with_the_undo(harness):
    emptied(harness, {})
    (filed,) = [one for one in harness.entries(states=("done",)) if one.action == "move"]
    assert filed.destination
    (filed.destination.parent / ".DS_Store").write_bytes(FINDER)

    harness.undo(filed)

    assert not filed.destination.parent.exists()


def test_unpacked_files_are_counted_without_them(tmp_path):
    (tmp_path / "._kick.wav").write_bytes(DOUBLE)
    (tmp_path / ".DS_Store").write_bytes(FINDER)
    assert not holds_files(tmp_path)

    (tmp_path / "kick.wav").write_bytes(b"boom")
    assert count_files(tmp_path) == 1
