"""Unpacked files that a crash leaves: never removed while they may be the last copy."""

import subprocess
import sys
from pathlib import Path

import pytest
from project_trees import TREES

from drumwatch.config import Config, Watch
from drumwatch.config.holder import ConfigHolder
from drumwatch.journal import Journal, Unpacked
from drumwatch.packs import STAGING, Packs
from drumwatch.packs.projects import Projects


@pytest.fixture
def ended() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.fixture
def left(tmp_path: Path, ended: int) -> Unpacked:
    folder = tmp_path / "library" / STAGING / f"{ended}-1" / "Pack.zip"
    folder.mkdir(parents=True)
    (folder / "kick.wav").write_bytes(b"k")
    return Unpacked(folder, tmp_path / "Pack.zip", "", tmp_path / "in", "Pack", 1)


def taken_up(left: Unpacked, *watches: Watch) -> list:
    with Journal(":memory:") as journal:
        journal.batches.note_unpacked(left)
        packs = Packs(
            ConfigHolder(Config(library=Path("/nowhere"))), journal, pipeline=None, projects=Projects(journal)
        )
        found = list(packs.archives.reopen(watches))
        packs.shutdown()
        return [[pack.unpacked for pack in found], journal.batches.unpacked()]


def test_a_pack_of_a_watch_is_taken_up_again(left, tmp_path):
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "library")

    assert taken_up(left, watch) == [[left], [left]]
    assert (left.folder / "kick.wav").exists()


def test_a_project_in_a_pack_that_is_taken_up_again_is_left_whole(left, tmp_path):
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "library")
    root = TREES["ableton"](left.folder)
    with Journal(":memory:") as journal:
        journal.batches.note_unpacked(left)
        packs = Packs(
            ConfigHolder(Config(library=Path("/nowhere"))), journal, pipeline=None, projects=Projects(journal)
        )

        (pack,) = packs.archives.reopen((watch,))

        assert [project.root for project in pack.survey.projects] == [root]
        assert [arrival.path for arrival in packs.archives.sounds(pack)] == [left.folder / "kick.wav"]
        packs.shutdown()


def test_a_pack_of_nobody_goes_when_its_archive_is_there(left):
    left.archive.write_bytes(b"zip")

    assert taken_up(left) == [[], []]
    assert not left.folder.parent.parent.exists()


def test_a_pack_whose_archive_is_gone_stays(left):
    assert taken_up(left) == [[], [left]]
    assert (left.folder / "kick.wav").exists()


def test_what_a_living_process_unpacks_is_left_to_it(left):
    left.archive.write_bytes(b"zip")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as alive:
        folder = left.folder.parent.with_name(f"{alive.pid}-1") / "Pack.zip"
        folder.mkdir(parents=True)
        mine = left._replace(folder=folder)

        assert taken_up(mine) == [[], [mine]]
        assert folder.exists()
