"""`sort`, stopped and started again: what is done is not done twice, and nothing is forgotten."""

import contextlib
import os
from typing import Any

import pytest

from drumwatch import config
from drumwatch.commands.hearing import sounds_in
from drumwatch.commands.sorter import Sorter


@pytest.fixture
def old(studio, tmp_path):
    for n in range(4):
        studio.drop(f"Vendor - Title/Kicks/{n}.wav", hz=50 + n, folder=tmp_path / "old")
    (tmp_path / "old/Vendor - Title/Licence.txt").write_text("yours")
    return tmp_path / "old"


def filed(studio) -> list[str]:
    return [name.removeprefix("library/") for name in studio.tree(studio.library)]


def test_a_second_run_finds_nothing_to_do_and_writes_nothing_down(studio, old):
    studio.say("sort", str(old), "--action", "copy")
    before, entries = filed(studio), len(studio.entries())

    said = studio.say("sort", str(old), "--action", "copy").stderr

    assert "4 files looked at: 4 in the library already." in said
    assert (filed(studio), len(studio.entries())) == (before, entries)


def test_what_stays_as_unsure_is_told_each_time_and_written_down_once(studio, old):
    studio.configure(max_wrong=0)
    first = studio.say("sort", str(old), "--action", "copy")
    entries = studio.entries()

    second = studio.say("sort", str(old), "--action", "copy")

    assert "4 files looked at: 4 unsure." in first.stderr
    assert "4 files looked at: 4 unsure. 4 had been heard before." in second.stderr
    assert second.stdout == first.stdout
    assert studio.entries() == entries


def test_what_the_user_has_removed_from_the_library_is_filed_again(studio, old):
    studio.say("sort", str(old), "--action", "copy")
    before = filed(studio)
    (studio.library / "kick/Vendor - Title/0.wav").unlink()
    (studio.library / "_packs/Vendor - Title/Licence.txt").unlink()

    studio.say("sort", str(old), "--action", "copy")

    assert filed(studio) == before


def test_another_layout_is_followed_by_a_second_run(studio, old):
    studio.say("sort", str(old), "--action", "copy")
    studio.configure(layout="{label}/{name}")

    studio.say("sort", str(old), "--action", "copy")

    assert "kick/0.wav" in filed(studio)


@pytest.fixture
def in_this_process(studio, monkeypatch):
    for name in ("DRUMWATCH_STATE", "DRUMWATCH_CONFIG", "HOME"):
        monkeypatch.setenv(name, studio.environment[name])


@pytest.mark.usefixtures("in_this_process")
def test_a_run_that_is_stopped_after_the_last_sound_of_a_pack_still_brings_its_documents(studio, old):
    stopping: list[Any] = []
    with contextlib.ExitStack() as stack:
        sorter = Sorter(config.read(studio.config), stack, given=[old])
        stopping += (done for done in sorter.sort(sounds_in([old]), stopping))

    assert "_packs/Vendor - Title/Licence.txt" in filed(studio)
    assert not [name for _, _, names in os.walk(old) for name in names]
