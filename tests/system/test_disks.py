"""Real disks that fill up, vanish and come back under the running daemon: nothing is lost, each is told of once, all goes on by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from studio import sha256

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount a disk, and these are Linux's"
)


class Disk:
    """A file system in memory that can be mounted anywhere, taken away, and mounted again with all that is on it."""

    def __init__(self, place: Path, size: str) -> None:
        self.place = place
        self.mounted: list[Path] = []
        place.mkdir()
        _root("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)

    def mount(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        _root("mount", "--bind", self.place, folder)
        self.mounted.append(folder)

    def take_away(self) -> None:
        """While somebody has it open, too."""
        while self.mounted:
            _root("umount", "-l", self.mounted.pop())

    def resize(self, size: str) -> None:
        _root("mount", "-o", f"remount,size={size}", self.place)

    def destroy(self) -> None:
        self.take_away()
        _root("umount", "-l", self.place)


def _root(*command: object) -> None:
    if subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode:
        pytest.skip("root may not mount here")


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path / "disk", "200k")
    yield disk
    disk.destroy()


def told(studio, words: str) -> int:
    """How many lines of the log say so."""
    return sum(words in line for line in studio.log.splitlines())


def problems(studio) -> list[str]:
    """What `drumwatch status` and `drumwatch doctor` name as wrong just now."""
    return studio.say_json("status")[0].get("problems", [])


def test_a_disk_that_fills_up_is_told_once_and_gets_the_rest_when_there_is_room(studio, disk):
    disk.mount(studio.library)
    studio.configure(min_free=0)
    studio.start()
    before = studio.drop_many(12)
    studio.wait_until(lambda: studio.to_retry() >= 5, "some wait")
    studio.wait_until(lambda: len(studio.entries()) == 12, "all were tried")

    assert told(studio, "is full") == 1
    assert told(studio, "stays in") == 0
    (problem,) = problems(studio)
    assert problem.startswith(
        f"The disk of {studio.library} is full. Make room there. What belongs there stays"
    )
    assert studio.hashes() == before

    disk.resize("20m")
    studio.wait_for(12, states=("done",))

    assert studio.hashes() == before
    assert studio.tree(studio.intake) == []
    assert told(studio, "is full") == 1
    assert told(studio, "library takes sounds again.") == 1
    assert problems(studio) == []


def test_a_library_s_disk_that_vanishes_is_waited_for_and_nothing_is_put_in_its_place(studio, disk):
    disk.mount(studio.library)
    studio.configure(min_free=0)
    studio.start()
    first = {"first.wav": sha256(studio.drop("first.wav", hz=50))}
    studio.wait_for(1, states=("done",))
    disk.take_away()
    waiting = {path.name: sha256(path) for path in (studio.drop(f"{n}.wav", hz=60 + n) for n in range(3))}
    studio.wait_until(lambda: studio.to_retry() == 3, "three wait")

    assert told(studio, "is not there: the disk that was mounted on this folder is away") == 1
    assert studio.hashes() == waiting
    assert list(studio.library.iterdir()) == []

    studio.stop()
    studio.start()
    studio.drop("late.wav", hz=70)
    studio.wait_until(lambda: told(studio, "is away") == 1, "it remembers")
    assert list(studio.library.iterdir()) == []
    disk.mount(studio.library)
    assert studio.hashes().keys() >= first.keys()


def test_a_watched_disk_that_vanishes_and_comes_back_brings_no_old_sounds_as_new(studio, disk):
    disk.mount(studio.intake)
    (studio.intake / "old.wav").write_bytes(studio.drop("spare.wav", folder=studio.state).read_bytes())
    studio.configure(rescan=1, action="copy")
    studio.start()
    studio.drop("first.wav", hz=50)
    studio.wait_for(1, states=("done",))

    disk.take_away()
    studio.drop("beneath.wav", hz=60)
    studio.wait_for(2, states=("done",))
    disk.mount(studio.intake)
    studio.drop("second.wav", hz=70)
    studio.wait_for(3, states=("done",))

    names = [entry.source.name for entry in studio.entries()]
    assert sorted(names) == ["beneath.wav", "first.wav", "second.wav"]


def test_a_disk_that_vanishes_in_the_middle_costs_no_sound(studio, disk):
    disk.resize("20m")
    disk.mount(studio.library)
    studio.configure(min_free=0)
    studio.start()
    before = studio.drop_many(60)
    studio.wait_until(lambda: len(studio.tree(studio.library)) > 5, "some are there")
    disk.take_away()
    studio.wait_until(lambda: studio.to_retry() > 0, "the rest waits")
    disk.mount(studio.library)
    studio.wait_for(60, states=("done",))

    assert studio.hashes() == before
    assert studio.tree(studio.intake) == []
