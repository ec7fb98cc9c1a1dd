"""Puts sounds back when a marker shows, after they were moved, that they belong to a project or an instrument."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from drumwatch.core.records import EventKind, FileEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Entry
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.status import StatusReporter
    from drumwatch.packs.projects import PutBack

LATE_CHECKS = (10.0, 60.0, 600.0)  # seconds after the last sound: events may be lost, or never come
MIN_INTERVAL = 3.0  # seconds between checks: unpacking may write a hundred instruments, one after the other
MAX_DELAY = 10.0  # seconds from the first marker to the check, however many more follow
TURN_SECONDS = 1.0  # of putting back, before the loop does everything else
MARKER_EVENTS = frozenset({EventKind.MARKER, EventKind.FOLDER})


class LateMarkers:
    """Decides when to check a watched folder for markers, and puts sounds back step by step."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._session = context.session
        self._reporter = reporter
        self._late: dict[Path, list[float]] = {}  # times of the checks after the last sound
        self._marked: dict[
            Path, tuple[float, float]
        ] = {}  # times of the first and last marker since the last check
        self._checked: dict[Path, float] = {}
        self._under_way: dict[Path, Iterator[PutBack]] = {}

    def schedule_all(self, now: float) -> None:
        """Check every watched folder soon, as markers may have come while the daemon did not run."""
        for watch in self._session.config.watches:
            self._note_marker(watch.folder, now)

    def files_moved(self, entries: Iterable[Entry], watch: Watch, now: float) -> None:
        """Schedule the late checks of the folder that these entries were moved out of."""
        if any(entry.action == "move" and entry.state == "done" for entry in entries):
            self._late[watch.folder] = [now + seconds for seconds in LATE_CHECKS]

    def note_event(self, event: FileEvent, now: float) -> None:
        """Schedule a check if the event may be about a marker."""
        if event.kind in MARKER_EVENTS:
            self._note_marker(event.watch, now)

    def _note_marker(self, folder: Path, now: float) -> None:
        if not self._session.dry_run:
            first, _ = self._marked.get(folder, (now, now))
            self._marked[folder] = first, now

    def next_due(self) -> float | None:
        """The time of the next check or of the next step of putting back; None where there is none."""
        folders = self._late.keys() | self._marked.keys() | self._under_way.keys()
        return min((self._due(folder) for folder in folders), default=None)

    def _due(self, folder: Path) -> float:
        """After the quiet time since the last marker, but not too soon after the last check."""
        if folder in self._under_way:
            return 0.0
        late = self._late[folder][:1] if folder in self._late else []
        if folder not in self._marked:
            return late[0]
        first, last = self._marked[folder]
        settled = min(last + self._session.config.quiet, first + MAX_DELAY)
        return min([max(settled, self._checked.get(folder, 0.0) + MIN_INTERVAL), *late])

    def put_back_due(self, now: float, wall: float) -> None:
        """Put back what the checks that are due find, and handle again what is to be copied instead."""
        folders = self._late.keys() | self._marked.keys() | self._under_way.keys()
        due = {folder for folder in folders if self._due(folder) <= now}
        watches = {watch.folder: watch for watch in self._session.config.watches}
        for folder in due:
            self._begin(folder, watches.get(folder), now)
        for folder in due & self._under_way.keys():
            self._continue(folder, now, wall, until=time.monotonic() + TURN_SECONDS)

    def put_back_all(self) -> None:
        """Check all watched folders now and finish putting back, because the run ends."""
        for watch in () if self._session.dry_run else self._session.config.watches:
            now = time.monotonic()
            self._begin(watch.folder, watch, now)
            self._continue(watch.folder, now, time.time(), until=math.inf)

    def _begin(self, folder: Path, watch: Watch | None, now: float) -> None:
        """Start a check; a folder that is no longer watched is dropped."""
        if folder in self._under_way:
            return
        self._marked.pop(folder, None)
        if later := [due for due in self._late.pop(folder, ()) if due > now and watch]:
            self._late[folder] = later
        if watch:
            self._under_way[folder] = self._session.projects.put_back_early_ones(watch)

    def _continue(self, folder: Path, now: float, wall: float, *, until: float) -> None:
        for step in self._under_way[folder]:
            self._reporter.report_entry(step.entry)
            if step.anew:
                self._session.journal.seen.forget(step.anew)
                self._context.arrivals.notice(FileEvent(step.anew, EventKind.CHANGED, folder), now, wall)
            if time.monotonic() >= until:
                return
        del self._under_way[folder]
        self._checked[folder] = time.monotonic()
