"""`sort`, stopped and started again: what is done is not done twice, and nothing is forgotten."""

import contextlib
import os
from typing import Any

import pytest

from drumwatch import config
from drumwatch.sorting.sorter import Sorter
from drumwatch.sorting.walk import audio_files_in


@pytest.fixture
def old(harness, tmp_path):
    for n in range(4):
        harness.drop(f"Vendor - Title/Kicks/{n}.wav", hz=50 + n, folder=tmp_path / "old")
    (tmp_path / "old/Vendor - Title/Licence.txt").write_text("yours")
    return tmp_path / "old"


def filed(harness) -> list[str]:
    return [name.removeprefix("library/") for name in harness.tree(harness.library)]


def test_a_second_run_finds_nothing_to_do_and_writes_nothing_down(harness, old):
    harness.run("sort", str(old), "--action", "copy")
    before, entries = filed(harness), len(harness.entries())

    result = harness.run("sort", str(old), "--action", "copy").stderr

    assert "4 files looked at: 4 in the library already." in result
    assert (filed(harness), len(harness.entries())) == (before, entries)


def test_what_stays_as_unsure_is_reported_each_time_and_written_down_once(harness, old):
    harness.configure(max_wrong=0)
    first = harness.run("sort", str(old), "--action", "copy")
    entries = harness.entries()

    second = harness.run("sort", str(old), "--action", "copy")

    assert "4 files looked at: 4 unsure." in first.stderr
    assert "4 files looked at: 4 unsure. 4 had been heard before." in second.stderr
    assert second.stdout == first.stdout
    assert harness.entries() == entries


def test_what_the_user_has_removed_from_the_library_is_filed_again(harness, old):
    harness.run("sort", str(old), "--action", "copy")
    before = filed(harness)
    (harness.library / "kick/Vendor - Title/0.wav").unlink()
    (harness.library / "_packs/Vendor - Title/Licence.txt").unlink()

    harness.run("sort", str(old), "--action", "copy")

    assert filed(harness) == before


def test_another_layout_is_followed_by_a_second_run(harness, old):
    harness.run("sort", str(old), "--action", "copy")
    harness.configure(layout="{label}/{name}")

    harness.run("sort", str(old), "--action", "copy")

    assert "kick/0.wav" in filed(harness)


@pytest.fixture
def in_this_process(harness, monkeypatch):
    for name in ("DRUMWATCH_STATE", "DRUMWATCH_CONFIG", "HOME"):
        monkeypatch.setenv(name, harness.environment[name])


@pytest.mark.usefixtures("in_this_process")
def test_a_run_that_is_stopped_after_the_last_sound_of_a_pack_still_brings_its_documents(harness, old):
    stopping: list[Any] = []
    with contextlib.ExitStack() as stack:
        sorter = Sorter(config.read(harness.config), stack, given=[old])
        stopping += (done for done in sorter.sort(audio_files_in([old]), stopping))

    assert "_packs/Vendor - Title/Licence.txt" in filed(harness)
    assert not [name for _, _, names in os.walk(old) for name in names]
