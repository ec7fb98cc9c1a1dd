"""When the daemon rescans its folders. The clocks are arguments; the scans are a stand-in that records its calls."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.daemon.rescan import COUNT_EVERY, FULL_EVERY, Rescans

DOWNLOADS, SAMPLES = Path("/in/downloads"), Path("/in/samples")
RESCAN = 60.0


class RescanHarness:
    """Rescans of two folders, and a record of each scan."""

    def __init__(self) -> None:
        self.looked: list[tuple[str, bool]] = []
        self.counts = 0
        watcher = SimpleNamespace(
            refresh=lambda: None, watch_problem=self.count, mode=lambda _: SimpleNamespace(how="events")
        )
        arrivals = SimpleNamespace(rescan=self.rescan, find_overlaps=lambda: False)
        session: Any = SimpleNamespace(config=SimpleNamespace(rescan=RESCAN), dry_run=True)
        context: Any = SimpleNamespace(watcher=watcher, arrivals=arrivals, session=session)
        self.now, self.wall = time.monotonic(), time.time()
        reporter: Any = SimpleNamespace(report_unwatched=lambda _: None)
        self.rescans = Rescans(context, reporter)
        self.rescans.schedule([DOWNLOADS, SAMPLES])

    def rescan(self, _now, _wall, *, full, only) -> None:
        self.looked.append((only.name, full))

    def count(self) -> None:
        self.counts += 1

    def after(self, seconds: float, *, jump: float = 0.0) -> list[tuple[str, bool]]:
        """What is looked at so many seconds later, and whether to the last file; `jump`: of the wall clock besides."""
        self.looked.clear()
        self.now += seconds
        self.wall += seconds + jump
        self.rescans.rescan_due(self.now, self.wall)
        self.rescans._scan_due = dict.fromkeys(self.rescans._scan_due, self.now + RESCAN)
        return sorted(self.looked)


@pytest.fixture
def round_of():
    return RescanHarness()


def test_every_folder_has_its_turn_with_every_file(round_of):
    turns = [round_of.after(RESCAN + 1) for _ in range(FULL_EVERY)]

    assert turns == [[("downloads", False), ("samples", False)]] * (FULL_EVERY - 1) + [
        [("downloads", True), ("samples", True)]
    ]


def test_nothing_is_looked_at_before_its_time(round_of):
    assert round_of.after(1) == []


@pytest.mark.parametrize("jump", [8 * 3600, -3600], ids=["asleep", "set back"])
def test_after_sleep_or_a_clock_that_was_set_every_file_is_looked_at_at_once(round_of, jump):
    assert round_of.after(1, jump=jump) == [("downloads", True), ("samples", True)]
    assert round_of.after(1) == []


def test_a_clock_that_is_set_right_by_a_second_makes_no_stir(round_of):
    assert round_of.after(1, jump=1.5) == []


def test_what_is_watched_is_counted_hourly_and_after_a_new_folder(round_of):
    round_of.after(RESCAN + 1)
    at_first = round_of.counts
    round_of.rescans.note_event(FileEvent(DOWNLOADS / "pack", EventKind.FOLDER, DOWNLOADS))
    round_of.rescans.note_event(FileEvent(DOWNLOADS / "kick.wav", EventKind.CLOSED, DOWNLOADS))
    round_of.after(RESCAN + 1)
    after_a_folder = round_of.counts
    round_of.after(RESCAN + 1)
    in_between = round_of.counts
    round_of.after(COUNT_EVERY)

    assert [at_first, after_a_folder, in_between, round_of.counts] == [1, 2, 2, 3]
