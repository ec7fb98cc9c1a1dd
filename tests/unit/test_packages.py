"""Packages of macOS that arrive are waited for as a whole; clocks are arguments."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from drumwatch.intake.packages import LONGEST, Packages, TreeState, tree_state

SONG, WATCH = Path("/in/Song.logicx"), Path("/in")


@pytest.fixture
def tree():
    """What the tree looks like, to be changed by a test; None: it is gone."""
    return {"state": TreeState(1, 1, 1)}


@pytest.fixture
def packages(tree):
    return Packages(2.0, lambda _: tree["state"])


def test_a_package_is_reported_once_after_the_quiet_time(packages):
    packages.observe(SONG, WATCH, now=0.0)

    assert list(packages.stable(now=1.9)) == []
    assert list(packages.stable(now=2.0)) == [(SONG, WATCH)]
    assert list(packages.stable(now=9.0)) == []


def test_nothing_is_due_where_nothing_is_waited_for(packages):
    before = packages.next_due()
    packages.observe(SONG, WATCH, now=0.0)
    waiting = packages.next_due()
    list(packages.stable(now=2.0))

    assert (before, waiting, packages.next_due()) == (None, 2.0, None)


def test_one_that_grows_is_looked_at_less_and_less_often(packages, tree):
    packages.observe(SONG, WATCH, now=0.0)
    looks = []
    for size in range(2, 9):
        tree["state"] = TreeState(size, size, size)
        looks.append(packages.next_due())
        assert list(packages.stable(now=looks[-1])) == []

    waits = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert waits == [4, 8, 16, 32, 60, 60]
    assert list(packages.stable(now=packages.next_due())) == [(SONG, WATCH)]


def test_one_that_never_rests_is_reported_all_the_same(packages, tree):
    packages.observe(SONG, WATCH, now=0.0)
    reported: list[object] = []
    now = 0.0
    while not reported:
        tree["state"] = TreeState(1, int(now) + 2, 1)
        now = packages.next_due()
        reported = list(packages.stable(now))

    assert LONGEST <= now < LONGEST + 61


@pytest.mark.parametrize("gone", [SONG, WATCH])
def test_one_that_goes_away_is_not_waited_for(packages, gone):
    packages.observe(SONG, WATCH, now=0.0)
    before = len(packages)

    packages.forget(gone)

    assert (before, len(packages)) == (1, 0)


def test_one_that_has_gone_unseen_is_not_reported(packages, tree):
    packages.observe(SONG, WATCH, now=0.0)
    tree["state"] = None

    assert list(packages.stable(now=2.0)) == []
    assert list(packages.stable(now=60.0)) == []


def test_the_state_of_a_tree_changes_with_a_file_deep_in_it(tmp_path):
    deep = tmp_path / "Media/Audio Files"
    deep.mkdir(parents=True)
    (deep / "1.wav").write_bytes(b"1")
    before = tree_state(tmp_path)

    (deep / "1.wav").write_bytes(b"22")
    grown = tree_state(tmp_path)
    (deep / "2.wav").write_bytes(b"")
    more = tree_state(tmp_path)

    assert len({before, grown, more}) == 3
    assert tree_state(tmp_path / "none") is None


def test_a_link_in_a_package_is_not_followed(tmp_path):
    os.symlink(tmp_path, tmp_path / "loop")

    assert tree_state(tmp_path).entries == 1
