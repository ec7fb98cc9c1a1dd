from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from folder_trees import a_wav, make_files, read_files

from drumwatch.core.errors import ActionFailed

KICK = Path("kick/Pack/kick.wav")
LARGE = b"boom" * 50_000


@pytest.mark.parametrize("kind", ["move", "copy"])
def test_a_full_disk_costs_nothing_and_is_named(tmp_path, runner, small_disk, kind):
    runner.library = small_disk
    make_files(tmp_path, {"in": {"kick.wav": LARGE}})

    with pytest.raises(
        ActionFailed, match=r"The disk of .* is full: kick.wav is still in .*\. Make room there"
    ):
        runner.do(kind, tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": LARGE}
    assert read_files(small_disk) == {}


def test_a_full_disk_leaves_a_file_without_tags_as_it_is(runner, small_disk):
    kick = small_disk / "kick.wav"
    kick.write_bytes(a_wav(b"\x01\x02" * 20_000))
    before = read_files(small_disk)

    with pytest.raises(ActionFailed, match="is full"):
        runner.do("tag", kick)

    assert read_files(small_disk) == before


def test_a_companion_that_does_not_fit_stays_behind_and_is_mentioned(tmp_path, runner, small_disk):
    runner.library = small_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom", "kick.wav.reapeaks": LARGE}})

    outcome = runner.do("move", tmp_path / "in/kick.wav", Path("kick.wav"))

    assert outcome.note == "kick.wav.reapeaks was left alone, because the disk is full."
    assert read_files(tmp_path / "in") == {"kick.wav.reapeaks": LARGE}
    assert read_files(small_disk) == {"kick.wav": b"boom"}


@pytest.mark.parametrize("kind", ["move", "copy", "symlink"])
def test_a_disk_that_can_only_be_read_is_named(tmp_path, runner, small_disk, kind):
    runner.library = small_disk
    make_files(tmp_path, {"in": {"kick.wav": b"boom"}})
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    with pytest.raises(ActionFailed, match=r"can only be read: kick.wav is still in"):
        runner.do(kind, tmp_path / "in/kick.wav", KICK)

    assert read_files(tmp_path / "in") == {"kick.wav": b"boom"}


@pytest.mark.parametrize("kind", ["move", "copy", "hardlink", "symlink"])
def test_a_library_that_may_not_be_written_to_is_named(runner, folder_of_a_plain_user, kind):
    make_files(folder_of_a_plain_user, {"in": {"kick.wav": b"boom"}, "Library": {"kick": {}}})
    runner.library = folder_of_a_plain_user / "Library"
    os.chmod(runner.library / "kick", 0o500)

    with pytest.raises(ActionFailed, match=r"may not be changed by this user: kick.wav is still in"):
        runner.do(kind, folder_of_a_plain_user / "in/kick.wav", Path("kick/kick.wav"))

    os.chmod(runner.library / "kick", 0o700)
    assert read_files(folder_of_a_plain_user) == {"in": {"kick.wav": b"boom"}, "Library": {"kick": {}}}


def test_a_folder_that_gives_nothing_away_keeps_its_sound(runner, folder_of_a_plain_user):
    make_files(folder_of_a_plain_user, {"in": {"kick.wav": b"boom"}, "Library": {}})
    runner.library = folder_of_a_plain_user / "Library"
    os.chmod(folder_of_a_plain_user / "in", 0o500)

    with pytest.raises(ActionFailed, match=r"kick.wav is still in"):
        runner.do("move", folder_of_a_plain_user / "in/kick.wav", Path("kick.wav"))

    os.chmod(folder_of_a_plain_user / "in", 0o700)
    assert read_files(folder_of_a_plain_user) == {"in": {"kick.wav": b"boom"}, "Library": {}}
