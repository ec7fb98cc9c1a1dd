"""Unpacked files that a crash leaves: never removed while they may be the last copy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from project_trees import TREES

from drumwatch.commands import doctor
from drumwatch.config import Config, Watch
from drumwatch.config.holder import ConfigHolder
from drumwatch.core.records import CANNOT_ANALYZE, NO_STAMP, Arrival
from drumwatch.journal import Journal, Plan, Unpacked
from drumwatch.packs import STAGING, Packs, left_unpacked
from drumwatch.packs.projects import Projects
from drumwatch.packs.staging import LeftUnpacked, UnpackingRecord


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


def swept(journal: Journal, *libraries: Path) -> None:
    """Start as `sort` does, with these libraries in the configuration."""
    packs = Packs(
        ConfigHolder(Config(library=Path("/nowhere"))), journal, pipeline=None, projects=Projects(journal)
    )
    assert list(packs.archives.reopen(libraries=libraries)) == []
    packs.shutdown()


@pytest.mark.parametrize("configured", [True, False])
def test_what_a_killed_sort_was_unpacking_goes_also_if_only_the_journal_knows_the_library(
    left, tmp_path, configured
):
    left.archive.write_bytes(b"zip")
    (tmp_path / "library/other.wav").write_bytes(b"o")
    with Journal(":memory:") as journal:
        if not configured:
            UnpackingRecord(journal).note(left.folder, left.archive)

        swept(journal, *([tmp_path / "library"] if configured else []))

        assert [path.name for path in (tmp_path / "library").iterdir()] == ["other.wav"]
        assert UnpackingRecord(journal).archives() == {}


def test_what_was_being_unpacked_stays_while_its_archive_is_gone_and_is_named(left, tmp_path):
    with Journal(":memory:") as journal:
        UnpackingRecord(journal).note(left.folder, left.archive)

        swept(journal, tmp_path / "library")

        assert (left.folder / "kick.wav").read_bytes() == b"k"
        assert list(left_unpacked([], journal)) == [LeftUnpacked(left.folder.parent, 1, left.archive)]


def test_what_a_living_process_unpacks_is_neither_removed_nor_named(left, tmp_path):
    left.archive.write_bytes(b"zip")
    living = left.folder.parent.with_name(f"{os.getppid()}-1")
    left.folder.parent.rename(living)
    with Journal(":memory:") as journal:
        UnpackingRecord(journal).note(living / "Pack.zip", left.archive)

        swept(journal, tmp_path / "library")

        assert (living / "Pack.zip/kick.wav").read_bytes() == b"k"
        assert list(left_unpacked([tmp_path / "library"], journal)) == []
        assert UnpackingRecord(journal).archives() == {living / "Pack.zip": left.archive}


def test_the_journal_knows_an_archive_while_it_is_unpacked_and_not_after_it_failed(tmp_path):
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "library")
    (tmp_path / "library").mkdir()
    broken = tmp_path / "Broken.zip"
    broken.write_bytes(b"no zip")
    with Journal(":memory:") as journal:
        packs = Packs(
            ConfigHolder(Config(library=watch.library)), journal, pipeline=None, projects=Projects(journal)
        )
        arrival = Arrival(broken, NO_STAMP, watch.folder)

        first = packs.archives.unpack(arrival, watch)
        assert list(UnpackingRecord(journal).archives().values()) == [broken]
        first.result(60)
        packs.shutdown()

        packs = Packs(
            ConfigHolder(Config(library=watch.library)), journal, pipeline=None, projects=Projects(journal)
        )
        (watch.library / "kick.wav").write_bytes(b"k")
        list(packs.archives.reopen((watch,)))
        packs.shutdown()
        assert UnpackingRecord(journal).archives() == {}


def test_doctor_names_what_a_killed_process_left_unpacked(left, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor.app_paths, "journal_file", lambda: tmp_path / "journal.db")
    monkeypatch.setattr(doctor.app_paths, "state_folder", lambda: tmp_path)
    left.archive.write_bytes(b"zip")

    (found,) = doctor._left_unpacked({tmp_path / "library"})

    assert found.state == "note"
    assert str(left.folder.parent) in found.what
    assert "the next `drumwatch sort` or `drumwatch run` removes them" in found.remedy


def test_what_was_refused_of_a_pack_that_is_taken_up_again_is_still_known(left, tmp_path):
    watch = Watch(folder=tmp_path / "in", library=tmp_path / "library")
    with Journal(":memory:") as journal:
        batch = journal.batches.new(left.archive, "Pack", 0.0)
        for inner, error in (
            ("hat.wav", "Kicks/hat.wav is still in Pack.zip: it is damaged."),
            ("odd.wav", "odd.wav cannot be decoded."),
        ):
            plan = Plan(
                batch, left.archive / inner, None, "leave", CANNOT_ANALYZE, "", state="failed", error=error
            )
            journal.entries.plan(plan, 0.0)
        journal.batches.note_unpacked(left._replace(batch=batch))
        packs = Packs(
            ConfigHolder(Config(library=Path("/nowhere"))), journal, pipeline=None, projects=Projects(journal)
        )
        (pack,) = packs.archives.reopen((watch,))
        packs.shutdown()

    assert pack.refused == (("Kicks/hat.wav", "it is damaged"),)


def test_only_what_a_running_process_unpacks_is_under_way(tmp_path, ended):
    staging = tmp_path / STAGING
    with Journal(":memory:") as journal:
        record = UnpackingRecord(journal)
        for owner in (os.getpid(), ended):
            folder = staging / f"{owner}-1" / "Pack.zip"
            folder.mkdir(parents=True)
            record.note(folder, tmp_path / f"{owner}.zip")
        record.note(staging / f"{os.getpid()}-2" / "Refused.zip", tmp_path / "Refused.zip")

        assert record.under_way() == [tmp_path / f"{os.getpid()}.zip"]
