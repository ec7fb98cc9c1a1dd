"""When the daemon looks for markers that came after their sounds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.daemon import late_markers
from drumwatch.daemon.late_markers import LATE_CHECKS, MAX_DELAY, MIN_INTERVAL, LateMarkers

WATCH = Path("/w")
QUIET = 2.0
MARKER = FileEvent(WATCH / "Kit/kit.sfz", EventKind.MARKER, WATCH)
MOVED = SimpleNamespace(action="move", state="done")


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    clock = [1000.0]
    monkeypatch.setattr(late_markers.time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def looks() -> list[Path]:
    return []


@pytest.fixture
def late(looks) -> LateMarkers:
    def put_back_early_ones(watch):
        looks.append(watch.folder)
        return iter(())

    config = SimpleNamespace(quiet=QUIET, watches=[SimpleNamespace(folder=WATCH)])
    projects = SimpleNamespace(put_back_early_ones=put_back_early_ones)
    session: Any = SimpleNamespace(config=config, projects=projects, dry_run=False)
    context: Any = SimpleNamespace(session=session)
    reporter: Any = None
    return LateMarkers(context, reporter)


def test_without_a_hint_nothing_wakes_the_daemon(late):
    assert late.next_due() is None


@pytest.mark.parametrize("kind", [EventKind.CHANGED, EventKind.CLOSED, EventKind.GONE])
def test_what_happens_to_sounds_is_no_hint(late, clock, kind):
    late.note_event(FileEvent(WATCH / "kick.wav", kind, WATCH), clock[0])

    assert late.next_due() is None


def test_one_look_follows_when_nothing_more_has_come_for_the_quiet_time(late, clock, looks):
    late.note_event(MARKER, 1000.0)
    late.note_event(MARKER, 1001.0)
    assert late.next_due() == 1001.0 + QUIET

    for clock[0] in (1001.5, 1003.0, 1004.0):
        late.put_back_due(clock[0], 0.0)

    assert looks == [WATCH]
    assert late.next_due() is None


def test_whoever_goes_on_bringing_markers_is_not_waited_for_without_end(late):
    for seconds in range(30):
        late.note_event(MARKER, 1000.0 + seconds)

    assert late.next_due() == 1000.0 + MAX_DELAY


def test_looks_do_not_follow_one_another_at_once(late, clock):
    late.note_event(MARKER, clock[0])
    clock[0] += QUIET
    late.put_back_due(clock[0], 0.0)

    late.note_event(MARKER, clock[0])

    assert late.next_due() == clock[0] + max(QUIET, MIN_INTERVAL)


def test_after_the_last_sound_there_are_three_looks_and_no_more(late, clock, looks):
    late.files_moved([MOVED], SimpleNamespace(folder=WATCH), clock[0])
    times = []
    while (due := late.next_due()) is not None:
        times.append(due - 1000.0)
        clock[0] = due
        late.put_back_due(due, 0.0)

    assert tuple(times) == LATE_CHECKS
    assert len(looks) == len(LATE_CHECKS)


def test_a_folder_that_is_not_watched_any_more_is_forgotten(late, clock, looks):
    other = Path("/other")
    late.note_event(FileEvent(other / "kit.sfz", EventKind.MARKER, other), clock[0])
    late.put_back_due(clock[0] + QUIET, 0.0)

    assert looks == []
    assert late.next_due() is None
