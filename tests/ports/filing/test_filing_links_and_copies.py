from __future__ import annotations

import os
from pathlib import Path

import pytest
from folder_trees import Link, make_files, read_files

from drumwatch.core.errors import ActionFailed

KICK = Path("kick/kick.wav")


def test_a_copy_leaves_the_original_alone(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    os.utime(tmp_path / "in/kick.wav", ns=(0, 1_500_000_000_123_456_789))

    outcome = runner.do("copy", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path) == {"in": {"kick.wav": b"boom"}, "Library": {"kick": {"kick.wav": b"boom"}}}
    assert outcome.path.stat().st_mtime_ns == 1_500_000_000_123_456_789
    assert outcome.path.stat().st_ino != (tmp_path / "in/kick.wav").stat().st_ino


def test_a_copy_to_another_disk_is_whole(tmp_path, runner, other_disk):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom" * 1_000_000}})

    runner.do("copy", tmp_path / "in/kick.wav", KICK)

    assert read_files(other_disk) == {"kick": {"kick.wav": b"boom" * 1_000_000}}


def test_a_hard_link_is_the_same_file(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    outcome = runner.do("hardlink", tmp_path / "in/kick.wav", KICK)

    assert outcome.path.samefile(tmp_path / "in/kick.wav")
    assert outcome.path == tmp_path / "Library/kick/kick.wav"


def test_a_hard_link_to_another_disk_is_refused_with_a_way_out(tmp_path, runner, other_disk):
    runner.library = other_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    with pytest.raises(ActionFailed, match='Use action = "copy" or "symlink"'):
        runner.do("hardlink", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": b"boom"}
    assert read_files(other_disk) == {}


def test_a_symlink_leads_to_the_sound_from_everywhere(tmp_path, runner):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})

    runner.do("symlink", tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "Library") == {"kick": {"kick.wav": Link(tmp_path / "in/kick.wav")}}


@pytest.mark.parametrize("kind", ["copy", "hardlink", "symlink"])
def test_copies_and_links_never_overwrite(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}, "Library": {"kick.wav": b"old"}})

    outcome = runner.do(kind, tmp_path / "in/kick.wav", Path("kick.wav"))

    assert outcome.path == tmp_path / "Library/kick 2.wav"
    assert outcome.path.read_bytes() == b"boom"
    assert (tmp_path / "Library/kick.wav").read_bytes() == b"old"


@pytest.mark.parametrize("kind", ["copy", "hardlink", "symlink"])
def test_what_is_there_already_is_not_made_twice(tmp_path, runner, kind):
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    runner.do(kind, tmp_path / "in/kick.wav", KICK)
    before = read_files(tmp_path)

    outcome = runner.do(kind, tmp_path / "in/kick.wav", KICK)

    assert outcome.detail.twin == tmp_path / "Library" / KICK
    assert read_files(tmp_path) == before
