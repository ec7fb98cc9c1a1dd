"""Tags of the file system on filed sounds: added after the journal has them, taken back by undo."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

import pytest
from folder_trees import a_wav
from pipeline_harness import PipelineHarness

from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "user.xdg.tags"


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[PipelineHarness]:
    if sys.platform != "linux":
        pytest.skip("reads the tags as Linux keeps them")
    try:
        os.setxattr(tmp_path, NAME, b"x")
    except OSError:
        pytest.skip("this disk keeps no extended attributes")
    made = PipelineHarness(tmp_path)
    yield made
    made.close()


def tags(path: Path) -> bytes | None:
    return os.getxattr(path, NAME) if NAME in os.listxattr(path) else None


def filed(harness: PipelineHarness, action: str, before: bytes = b"") -> tuple:
    harness.start(f'min_free = 0\nfile_tags = true\naction = "{action}"')
    path = harness.arrive("kick.wav", a_wav())
    if before:
        os.setxattr(path, NAME, before)
    (result,) = harness.file(path)
    return path, result.entries[0]


@pytest.mark.parametrize("action", ["move", "hardlink", "tag"])
@pytest.mark.parametrize("before", [b"", b"mine,\xc3\xbc"], ids=["none", "the user's"])
def test_a_filed_sound_shows_its_label_and_undo_takes_it_back(harness, action, before):
    path, entry = filed(harness, action, before)

    assert tags(entry.result_path) == (before + b"," if before else b"") + b"Kick"

    harness.undo(entry)
    assert tags(path) == (before or None)


def test_a_copy_has_the_label_and_the_original_stays_as_it_is(harness):
    path, entry = filed(harness, "copy", b"mine")
    assert (tags(entry.result_path), tags(path)) == (b"mine,Kick", b"mine")

    os.setxattr(path, NAME, b"mine,Kick")  # by the user
    harness.undo(entry)
    assert tags(path) == b"mine,Kick"


def test_without_the_setting_nothing_is_set(harness):
    harness.start('min_free = 0\naction = "move"')

    (result,) = harness.file(harness.arrive("kick.wav", a_wav()))

    assert tags(result.entries[0].result_path) is None


def test_what_the_user_tagged_alike_stays_after_undo(harness):
    path, entry = filed(harness, "move", b"kick")

    assert tags(entry.result_path) == b"kick"
    harness.undo(entry)
    assert tags(path) == b"kick"


def test_a_correction_changes_the_tag_and_its_undo_changes_it_back(harness):
    _, entry = filed(harness, "move", b"mine")

    corrected = harness.correct(entry, "snare")

    assert tags(corrected.result_path) == b"mine,Snare"
    harness.undo(corrected)
    assert tags(entry.result_path) == b"mine,Kick"


def test_the_sound_and_its_time_stay_and_it_is_no_new_file(harness):
    harness.start("min_free = 0\nfile_tags = true")
    path = harness.arrive("kick.wav", a_wav())
    before = path.stat().st_mtime_ns

    (result,) = harness.file(path)

    now = result.entries[0].result_path
    assert (now.stat().st_mtime_ns, now.read_bytes()) == (before, a_wav())


def test_a_disk_that_cannot_keep_them_is_told_once_and_filing_goes_on(harness, monkeypatch, caplog):
    def refuse(*_):
        raise OSError(errno.ENOTSUP, "not on this disk")

    harness.start("min_free = 0\nfile_tags = true")
    monkeypatch.setattr(disk, "set_attribute", refuse)

    paths = [harness.arrive(f"{number}.wav", a_wav(bytes([number] * 8))) for number in range(1, 4)]
    results = harness.file(*paths)

    assert [result.entries[0].state for result in results] == ["done"] * 3
    assert [result.entries[0].detail.file_tag for result in results] == [None] * 3
    assert len([one for one in caplog.records if "keeps no tags of files" in one.message]) == 1
