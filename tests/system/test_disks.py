"""Real disks that fill up, vanish and come back under the running daemon: nothing is lost, each is reported once, all goes on by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from daemon_harness import sha256

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


def reported(harness, words: str) -> int:
    """How many lines of the log say so."""
    return sum(words in line for line in harness.log.splitlines())


def problems(harness) -> list[str]:
    """What `drumwatch status` and `drumwatch doctor` name as wrong just now."""
    return harness.run_json("status")[0].get("problems", [])


def test_a_disk_that_fills_up_is_reported_once_and_gets_the_rest_when_there_is_space(harness, disk):
    disk.mount(harness.library)
    harness.configure(min_free=0)
    harness.start()
    before = harness.drop_many(12)
    harness.wait_until(lambda: harness.to_retry() >= 5, "some wait")
    harness.wait_until(lambda: len(harness.entries()) == 12, "all were tried")

    assert reported(harness, "is full") == 1
    assert reported(harness, "is still in") == 0
    (problem,) = problems(harness)
    assert problem.startswith(
        f"The disk of {harness.library} is full. Make room there. What belongs there is still where it was"
    )
    assert harness.hashes() == before

    disk.resize("20m")
    harness.wait_for(12, states=("done",))

    assert harness.hashes() == before
    assert harness.tree(harness.intake) == []
    assert reported(harness, "is full") == 1
    assert reported(harness, "library takes sounds again.") == 1
    assert problems(harness) == []


def test_a_library_s_disk_that_vanishes_is_waited_for_and_nothing_is_put_in_its_place(harness, disk):
    disk.mount(harness.library)
    harness.configure(min_free=0)
    harness.start()
    first = {"first.wav": sha256(harness.drop("first.wav", hz=50))}
    harness.wait_for(1, states=("done",))
    disk.take_away()
    waiting = {path.name: sha256(path) for path in (harness.drop(f"{n}.wav", hz=60 + n) for n in range(3))}
    harness.wait_until(lambda: harness.to_retry() == 3, "three wait")

    assert reported(harness, "is not there: the disk that was mounted on this folder is away") == 1
    assert harness.hashes() == waiting
    assert list(harness.library.iterdir()) == []

    harness.stop()
    harness.start()
    harness.drop("late.wav", hz=70)
    harness.wait_until(lambda: reported(harness, "is away") == 1, "it remembers")
    assert list(harness.library.iterdir()) == []
    disk.mount(harness.library)
    assert harness.hashes().keys() >= first.keys()


def test_a_watched_disk_that_vanishes_and_comes_back_brings_no_old_sounds_as_new(harness, disk):
    disk.mount(harness.intake)
    (harness.intake / "old.wav").write_bytes(harness.drop("spare.wav", folder=harness.state).read_bytes())
    harness.configure(rescan=1, action="copy")
    harness.start()
    harness.drop("first.wav", hz=50)
    harness.wait_for(1, states=("done",))

    disk.take_away()
    harness.drop("beneath.wav", hz=60)
    harness.wait_for(2, states=("done",))
    disk.mount(harness.intake)
    harness.drop("second.wav", hz=70)
    harness.wait_for(3, states=("done",))

    names = [entry.source.name for entry in harness.entries()]
    assert sorted(names) == ["beneath.wav", "first.wav", "second.wav"]


def test_old_sounds_on_a_disk_that_was_away_at_the_first_start_stay(harness, disk):
    disk.mount(harness.intake)
    old = harness.drop("old.wav", hz=50)
    disk.take_away()
    harness.configure(rescan=1)
    harness.start()
    disk.mount(harness.intake)
    harness.wait_for_log("A disk was mounted at")

    harness.drop("new.wav", hz=60)
    (entry,) = harness.wait_for(1, states=("done",))

    assert entry.source.name == "new.wav"
    assert old.exists()


def test_a_disk_that_vanishes_in_the_middle_costs_no_sound(harness, disk):
    disk.resize("20m")
    disk.mount(harness.library)
    harness.configure(min_free=0)
    harness.start()
    before = harness.drop_many(60)
    harness.wait_until(lambda: len(harness.tree(harness.library)) > 5, "some are there")
    disk.take_away()
    harness.wait_until(lambda: harness.to_retry() > 0, "the rest waits")
    disk.mount(harness.library)
    harness.wait_for(60, states=("done",))

    assert harness.hashes() == before
    assert harness.tree(harness.intake) == []
