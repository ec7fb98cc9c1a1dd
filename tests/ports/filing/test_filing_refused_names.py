"""A disk that refuses names, as exFAT does: they are made portable there, and undo gives the old names back."""

from __future__ import annotations

import errno
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from folder_trees import make_files, read_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pipeline_harness import PipelineHarness, arrival

from drumwatch.core.portable_names import portable
from drumwatch.filing import os_errors
from drumwatch.intake.mounts import Mount
from drumwatch.pipeline import portable_disks
from drumwatch.pipeline.portable_disks import PortableDisks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faulty_disk import FaultyDisk

# A driver of the kernel, and exfat-fuse
CODES = [errno.EINVAL, errno.ENOENT, errno.EILSEQ]
PLACE = Path('What? "Pack"/Kick: hard?.wav')


@pytest.fixture
def strict_disk(faulty_disk: FaultyDisk, tmp_path: Path) -> Iterator[FaultyDisk]:
    make_files(tmp_path, {"in": {"Kick: hard?.wav": b"boom"}})
    yield faulty_disk
    faulty_disk.restore()


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("kind", ["move", "copy", "symlink", "hardlink"])
def test_a_name_that_the_disk_refuses_is_made_portable_there(tmp_path, runner, strict_disk, kind, code):
    strict_disk.refuse_names(tmp_path / "Library", code)

    done = runner.do(kind, tmp_path / "in/Kick: hard?.wav", PLACE)

    assert done.path == tmp_path / "Library/What_ _Pack_/Kick_ hard_.wav"
    assert done.path.read_bytes() == b"boom"
    assert runner.entry.detail.wanted == tmp_path / "Library" / PLACE
    assert "the name Kick: hard?.wav is not one for this disk" in done.note


@pytest.mark.parametrize("code", CODES, ids=errno.errorcode.get)
@pytest.mark.parametrize("kind", ["move", "copy", "symlink", "hardlink"])
def test_undo_gives_the_old_name_back(tmp_path, runner, strict_disk, kind, code):
    before = read_files(tmp_path / "in")
    strict_disk.refuse_names(tmp_path / "Library", code)
    runner.do(kind, tmp_path / "in/Kick: hard?.wav", PLACE)

    runner.undo()

    assert (read_files(tmp_path / "in"), read_files(tmp_path / "Library")) == (before, {})


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_portable_name_on_another_disk(tmp_path, runner, strict_disk, kind, other_disk):
    runner.library = other_disk
    strict_disk.refuse_names(other_disk, errno.ENOENT)

    runner.do(kind, tmp_path / "in/Kick: hard?.wav", PLACE)

    assert read_files(other_disk) == {"What_ _Pack_": {"Kick_ hard_.wav": b"boom"}}


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_real_exfat_disk_gets_portable_names_and_undo_the_old_ones(tmp_path, runner, exfat_disk, kind):
    make_files(tmp_path, {"in": {"Kick: hard?.wav": b"boom"}})
    runner.library = exfat_disk

    runner.do(kind, tmp_path / "in/Kick: hard?.wav", PLACE)

    assert read_files(exfat_disk) == {"What_ _Pack_": {"Kick_ hard_.wav": b"boom"}}
    runner.undo()
    assert (read_files(tmp_path / "in"), read_files(exfat_disk)) == ({"Kick: hard?.wav": b"boom"}, {})


def test_the_companions_go_along_under_the_portable_name(tmp_path, runner, strict_disk):
    make_files(tmp_path, {"in": {"Kick: hard?.wav.asd": b"analysis"}})
    strict_disk.refuse_names(tmp_path / "Library", errno.EINVAL)

    runner.do("move", tmp_path / "in/Kick: hard?.wav", Path("Kick: hard?.wav"))

    assert read_files(tmp_path / "Library") == {
        "Kick_ hard_.wav": b"boom",
        "Kick_ hard_.wav.asd": b"analysis",
    }


def test_two_names_that_become_one_are_numbered(tmp_path, runner, strict_disk):
    make_files(tmp_path, {"in": {"Kick* hard?.wav": b"other"}})
    strict_disk.refuse_names(tmp_path / "Library", errno.EINVAL)

    runner.do("move", tmp_path / "in/Kick: hard?.wav", Path("Kick: hard?.wav"))
    runner.do("move", tmp_path / "in/Kick* hard?.wav", Path("Kick* hard?.wav"))

    assert read_files(tmp_path / "Library") == {"Kick_ hard_.wav": b"boom", "Kick_ hard_ 2.wav": b"other"}


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_power_cut_on_a_strict_disk_loses_nothing(tmp_path, runner, faulty_disk, kind):
    for cut in itertools.count(1):
        root = tmp_path / str(cut)
        make_files(root, {"in": {"Kick: hard?.wav": b"boom"}, "Library": {}})
        runner.library = root / "Library"
        runner.plan(kind, root / "in/Kick: hard?.wav", PLACE)
        faulty_disk.cut_after(cut)
        faulty_disk.refuse_names(root / "Library", errno.EINVAL)
        try:
            runner.act()
        except BaseException as exc:
            if type(exc).__name__ != "PowerCut":
                raise
        else:
            break
        faulty_disk.restore()
        runner.recover()
        sounds = [path for path in root.rglob("*") if path.is_file()]
        assert {path.read_bytes() for path in sounds} == {b"boom"}
        assert len(sounds) == 1 + (kind == "copy" and runner.entry.state == "done")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(name=st.text(st.sampled_from('ab.: ?*|<>"é\\\x1b\x7f\udc80~-'), min_size=1, max_size=40))
def test_any_name_is_filed_and_taken_back_exactly(tmp_path_factory, runner, faulty_disk, name):
    if name.strip(".") == "":
        return
    root = tmp_path_factory.mktemp("any")
    make_files(root, {"in": {name: b"boom"}, "Library": {}})
    runner.library = root / "Library"
    faulty_disk.refuse_names(root / "Library", errno.ENOENT)

    done = runner.do("move", root / "in" / name, Path(name))

    assert done.path.name in (name, portable(name))
    runner.undo()
    assert (read_files(root / "in"), read_files(root / "Library")) == ({name: b"boom"}, {})


def test_a_refused_name_is_not_told_as_gone(tmp_path):
    (tmp_path / "kick.wav").touch()
    refused = OSError(errno.ENOENT, "No such file or directory", str(tmp_path / "kick.wav"))

    sentence = os_errors.sentence(refused, tmp_path / "kick.wav", tmp_path / "Library/a: b/kick.wav")

    assert sentence.startswith(
        f"The disk of {tmp_path}/Library does not take the name a: b: kick.wav is still in"
    )


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG, errno.EIO, 9999])
def test_no_error_of_a_disk_is_told_in_its_own_words(tmp_path, code):
    told = os_errors.sentence(OSError(code, "Its own words"), tmp_path / "kick.wav", tmp_path / "a/kick.wav")

    assert "Its own words" not in told
    assert "not there any more" not in told


@pytest.mark.parametrize("kind", ["exfat", "vfat", "fuseblk", "ntfs3"])
def test_names_are_portable_on_a_disk_that_windows_reads(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(portable_disks, "current_mounts", lambda: [Mount(tmp_path, kind)])
    harness = PipelineHarness(tmp_path)
    path = harness.arrive("Aux.wav", b"boom")

    ((entry,),) = (result.entries for result in harness.file(path))

    assert entry.destination
    assert entry.destination.name == "Aux_.wav"
    harness.undo(entry)
    assert path.read_bytes() == b"boom"
    harness.close()


def test_a_disk_is_looked_at_again_after_a_minute():
    now, kind = [0.0], ["exfat"]
    disks = PortableDisks(lambda: [Mount(Path("/"), kind[0])], lambda: now[0])
    assert disks.holds(Path("/lib"))

    kind[0] = "ext4"
    assert disks.holds(Path("/lib"))
    now[0] = 61.0
    assert not disks.holds(Path("/lib"))


def test_a_second_run_has_nothing_to_do_where_the_name_was_refused(tmp_path, faulty_disk):
    (tmp_path / "here").mkdir()
    harness = PipelineHarness(tmp_path / "here")
    harness.start('action = "copy"')
    faulty_disk.refuse_names(harness.library, errno.EINVAL)
    path = harness.arrive("a?.wav", b"boom")

    harness.file(path)

    assert harness.pipeline.is_up_to_date(arrival(path, harness.intake), harness.config.watches[0])
    assert read_files(harness.library) == {"kick": {"a_.wav": b"boom"}}
    harness.close()
