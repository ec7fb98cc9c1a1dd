"""A library in which nothing changes costs one stat of each folder, not one of each sound."""

from __future__ import annotations

import os
import time

import pytest

from drumwatch.journal import Journal, Plan
from drumwatch.learning.folder_mtimes import FolderMtimes


@pytest.fixture
def journal():
    with Journal(":memory:") as journal:
        yield journal


@pytest.fixture
def look(tmp_path, journal):
    """Two sounds in two folders, looked at by somebody who can be asked whether all has been still since."""
    places = [(1, tmp_path / "kick/a.wav"), (2, tmp_path / "snare/b.wav")]
    for _, path in places:
        path.parent.mkdir()
        path.touch()
        long_ago(path.parent)
    mtimes = FolderMtimes()

    def at_all() -> FolderMtimes:
        assert list(mtimes.record(journal, iter(places))) == places
        return mtimes

    return at_all


def long_ago(folder):
    os.utime(folder, (time.time() - 60, time.time() - 60))


def test_before_the_first_look_nothing_is_known(journal):
    assert not FolderMtimes().unchanged(journal)


def test_where_nothing_happens_all_is_still(look, journal):
    assert look().unchanged(journal)


def test_a_sound_that_leaves_its_folder_is_noticed(look, journal, tmp_path):
    still = look()

    (tmp_path / "kick/a.wav").rename(tmp_path / "snare/a.wav")

    assert not still.unchanged(journal)


def test_a_folder_that_is_renamed_is_noticed(look, journal, tmp_path):
    still = look()

    (tmp_path / "kick").rename(tmp_path / "Kicks")

    assert not still.unchanged(journal)


def test_a_new_entry_is_a_reason_to_look(look, journal, tmp_path):
    still = look()

    journal.entries.plan(
        Plan(journal.batches.current(tmp_path, "", 0.0), tmp_path / "x", None, "leave", "r", "r"), 0.0
    )

    assert not still.unchanged(journal)


def test_a_folder_in_which_something_happened_just_now_is_looked_at_again(look, journal, tmp_path):
    (tmp_path / "kick/new.wav").touch()

    assert not look().unchanged(journal)
