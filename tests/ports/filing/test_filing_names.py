from __future__ import annotations

import errno
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from folder_trees import make_files, read_files
from pipeline_harness import PipelineHarness

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk
from drumwatch.filing.naming import LONGEST_PATH, numbered

NFC, NFD = (unicodedata.normalize(form, "bómbo.wav") for form in ("NFC", "NFD"))


def test_taken_names_are_numbered_in_order(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"3"}, "Library": {"kick.wav": b"1", "kick 2.wav": b"2"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path / "Library") == {"kick.wav": b"1", "kick 2.wav": b"2", "kick 3.wav": b"3"}


@pytest.mark.parametrize("inhabitant", ["folder", "dangling link", "FIFO"])
def test_a_name_is_taken_by_whatever_bears_it(tmp_path, runner, inhabitant):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    taken = tmp_path / "Library/kick.wav"
    {
        "folder": taken.mkdir,
        "dangling link": lambda: taken.symlink_to("nowhere"),
        "FIFO": lambda: os.mkfifo(taken),
    }[inhabitant]()

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert (tmp_path / "Library/kick 2.wav").read_bytes() == b"boom"


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("kick.wav", "kick 2.wav"),
        ("kick 808.wav", "kick 808 2.wav"),
        ("kick", "kick 2"),
        (".kick", ".kick 2"),
        ("a" * 251 + ".wav", "a" * 249 + " 2.wav"),
        ("ä" * 125 + "a.wav", "ä" * 124 + " 2.wav"),
        ("v1." + "x" * 250, "v1." + "x" * 250 + " 2"),
        ("v1." + "x" * 252, "v1." + "x" * 250 + " 2"),
    ],
)
def test_a_number_stands_before_the_ending_and_within_255_bytes(name, second):
    assert numbered(name, 2) == second
    assert len(os.fsencode(second)) <= 255


def test_a_name_of_255_bytes_can_be_moved_and_numbered(tmp_path, runner, other_disk):
    name = "k" * 251 + ".wav"
    make_files(tmp_path, {"in": {name: b"new"}})
    make_files(other_disk, {name: b"old"})
    runner.library = other_disk

    runner.do("move", tmp_path / "in" / name, Path(name))

    assert read_files(other_disk) == {name: b"old", "k" * 249 + " 2.wav": b"new"}


@pytest.mark.parametrize("kind", ["move", "copy", "hardlink", "symlink"])
def test_a_place_that_no_program_could_open_is_refused_before_anything_is_done(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    deep = Path(*["d" * 200] * (LONGEST_PATH // 200), "kick.wav")

    with pytest.raises(ActionFailed, match=r"gives kick\.wav has a path of \d+ bytes.*nothing was done"):
        runner.do(kind, tmp_path / "in/kick.wav", deep)

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {}}


def test_the_longest_place_that_can_be_opened_is_filed_under_a_number_too(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    full, rest = divmod(LONGEST_PATH - 25 - len(os.fsencode(tmp_path / "Library")) - len("/kick.wav"), 201)
    half = (201 + rest) // 2
    place = Path(*["d" * 200] * (full - 1), "e" * (half - 1), "f" * (200 + rest - half), "kick.wav")
    longest = tmp_path / "Library" / place
    longest.parent.mkdir(parents=True)
    longest.write_bytes(b"old")

    moved = runner.do("move", tmp_path / "in/kick.wav", place)

    assert len(os.fsencode(longest)) == LONGEST_PATH - 25
    assert moved.path == longest.with_name("kick 2.wav")
    assert moved.path.read_bytes() == b"boom"


def test_a_layout_that_is_too_deep_fails_in_the_journal_and_what_was_filed_before_is_undone(tmp_path):
    harness = PipelineHarness(tmp_path)
    before = harness.file(harness.arrive("before.wav", b"snap"))[0].entries[0]
    harness.start(f'min_free = 0\nlayout = "{"/".join(["d" * 200] * (LONGEST_PATH // 200))}/{{name}}"')
    sound = harness.arrive("kick.wav", b"boom")

    (failed,) = harness.file(sound)[0].entries

    assert failed.state == "failed"
    assert "Use fewer or shorter folders in the layout." in failed.error
    assert sound.read_bytes() == b"boom"
    assert harness.undo(before).state == "done"
    assert (harness.intake / "before.wav").read_bytes() == b"snap"
    harness.close()


def test_a_name_that_is_too_long_is_reported(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    with pytest.raises(ActionFailed, match="is too long for the disk"):
        runner.do("move", tmp_path / "in/kick.wav", Path("k" * 252 + ".wav"))

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {}}


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
def test_a_name_that_is_not_text_keeps_its_bytes(tmp_path, runner, other_disk):
    name = os.fsdecode(b"kick \xff\xe4.wav")
    make_files(tmp_path, {"in": {name: b"new", name + ".asd": b"warp"}})
    make_files(other_disk, {name: b"old"})
    runner.library = other_disk

    runner.do("move", tmp_path / "in" / name, Path(name))

    second = os.fsdecode(b"kick \xff\xe4 2.wav")
    assert read_files(other_disk) == {name: b"old", second: b"new", second + ".asd": b"warp"}


@pytest.mark.skipif(sys.platform == "darwin", reason="one name there")
def test_two_spellings_of_a_name_live_side_by_side_where_the_disk_tells_them_apart(tmp_path, runner):
    make_files(tmp_path, {"in": {NFD: b"new"}, "Library": {NFC: b"old"}})

    runner.do("move", tmp_path / "in" / NFD, Path(NFD))

    assert read_files(tmp_path / "Library") == {NFD: b"new", NFC: b"old"}


@pytest.fixture
def one_name_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes kick.wav, KICK.WAV and every Unicode spelling for one name, as those of macOS and Windows do."""
    look = disk.status

    def status(folder: disk.Folder, name: str) -> os.stat_result | None:
        spelt = {unicodedata.normalize("NFC", other).casefold(): other for other in disk.names(folder)}
        return look(folder, spelt.get(unicodedata.normalize("NFC", name).casefold(), name))

    def content_hash(folder: disk.Folder, name: str, read: Any = disk.content_hash) -> str:
        spelt = {unicodedata.normalize("NFC", other).casefold(): other for other in disk.names(folder)}
        return read(folder, spelt[unicodedata.normalize("NFC", name).casefold()])

    monkeypatch.setattr(disk, "status", status)
    monkeypatch.setattr(disk, "content_hash", content_hash)


@pytest.mark.usefixtures("one_name_disk")
@pytest.mark.parametrize(("there", "new"), [("Kick.wav", "kick.wav"), (NFC, NFD)])
def test_two_spellings_of_a_name_are_one_where_the_disk_says_so(tmp_path, runner, there, new):
    make_files(tmp_path, {"in": {new: b"new"}, "Library": {there: b"old"}})

    runner.do("move", tmp_path / "in" / new, Path(new))

    assert read_files(tmp_path / "Library") == {there: b"old", numbered(new, 2): b"new"}


@pytest.mark.usefixtures("one_name_disk")
def test_another_spelling_of_its_own_name_is_where_a_sound_belongs(tmp_path, runner):
    make_files(tmp_path, {"Library": {"Kick.wav": b"boom"}})

    outcome = runner.do("move", tmp_path / "Library/Kick.wav", Path("kick.wav"))

    assert outcome.note == "already there"


def test_names_that_run_out_of_hard_links_still_find_a_way(tmp_path, runner, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.EMLINK, "too many links")

    monkeypatch.setattr(disk, "rename_noreplace", full)
    monkeypatch.setattr(disk, "link", full)
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert read_files(tmp_path) == {"in": {}, "Library": {"kick.wav": b"boom"}}
