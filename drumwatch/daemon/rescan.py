"""Rescans the watched folders from time to time, because events may be lost."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from drumwatch.core.errors import StateUnavailable
from drumwatch.core.records import EventKind
from drumwatch.intake.watch import POLL_SECONDS
from drumwatch.learning.folder_corrections import FolderCorrections, summaries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.core.records import FileEvent
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.status import StatusReporter

log = logging.getLogger(__name__)

FULL_EVERY = 10  # rescans of a folder: one of them checks every file, the others only changed folders
COUNT_EVERY = 3600.0  # seconds between counts of the watched folders, which walk through all of them
BETWEEN_REQUESTS = 1.0  # seconds
JUMP_SECONDS = 5.0  # difference between the two clocks: the machine slept, or its clock was set


class Rescans:
    """Decides when to rescan which watched folder, and when to look for files that the user has moved in the library."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._session = context.session
        self._corrections = FolderCorrections()
        self._reporter = reporter
        self._clock_gap = time.time() - time.monotonic()
        self._scan_due: dict[Path, float] = {}
        self._rescans: dict[Path, int] = {}  # of each folder since its last full one
        self._pending: set[Path] = set()  # folders whose events were lost
        self._answered: dict[Path, float] = {}  # times of the last rescans for that reason
        self._failed: set[Path] = set()
        self._learning_due = 0.0
        self._count_due = 0.0

    def schedule(self, folders: Iterable[Path]) -> None:
        """Plan the next rescans of these folders, which have just been scanned."""
        self._count_watched(time.monotonic())
        self._scan_due = {folder: time.monotonic() + self._interval(folder) for folder in folders}
        self._pending.clear()

    def note_event(self, event: FileEvent) -> None:
        """Count the watched folders again soon after a folder has appeared: the system limits how many it watches."""
        if event.kind is EventKind.FOLDER and event.path != event.watch:
            self._count_due = 0.0

    def request(self, folder: Path, now: float) -> None:
        """Rescan every file of a folder soon, because events were lost; a flood of requests is answered once a second."""
        if folder in self._scan_due:
            self._pending.add(folder)
            soon = max(now, self._answered.get(folder, -BETWEEN_REQUESTS) + BETWEEN_REQUESTS)
            self._scan_due[folder] = min(self._scan_due[folder], soon)
            self._rescans[folder] = FULL_EVERY - 1

    @property
    def are_requested(self) -> bool:
        """Whether events of a folder were lost and it was not rescanned since."""
        return bool(self._pending)

    def due_times(self) -> Iterable[float]:
        """The times at which the folders are rescanned next."""
        return self._scan_due.values()

    def rescan_due(self, now: float, wall: float) -> None:
        """Rescan the folders whose time has come."""
        self._check_clock(now, wall)
        due_now = [folder for folder, due in self._scan_due.items() if due <= now]
        if due_now and now >= self._learning_due:
            self.learn_from_moves()
        if due_now and now >= self._count_due:
            self._count_watched(now)
        if due_now:
            self._context.watcher.refresh()
            if self._context.arrivals.find_overlaps():
                self._rescans = dict.fromkeys(self._scan_due, FULL_EVERY - 1)
                self._reporter.mark_stale()
        for folder in due_now:
            self._rescan(folder, now, wall)
            self._scan_due[folder] = time.monotonic() + self._interval(folder)

    def _rescan(self, folder: Path, now: float, wall: float) -> None:
        """Rescan one folder; whatever goes wrong there is logged once, and tried again with the next rescan."""
        self._rescans[folder] = count = self._rescans.get(folder, 0) % FULL_EVERY + 1
        if folder in self._pending:
            self._pending.discard(folder)
            self._answered[folder] = now
        try:
            self._context.arrivals.rescan(now, wall, full=count == FULL_EVERY, only=folder)
        except StateUnavailable:
            raise
        except Exception:
            if folder not in self._failed:
                log.exception("%s could not be scanned; that is tried again with each rescan.", folder)
            self._failed.add(folder)
        else:
            self._failed.discard(folder)

    def learn_from_moves(self) -> None:
        """Learn from files that the user has moved in the library, while the daemon ran or before."""
        session = self._session
        # Not with each rescan: polled folders are rescanned more often
        self._learning_due = time.monotonic() + session.config.rescan
        if not session.dry_run:
            for line in summaries(self._corrections.learn(session.journal, session.config)):
                log.info("%s", line)

    def _count_watched(self, now: float) -> None:
        """Report whether the system watches every folder: its limit holds for all programs of the user together."""
        self._count_due = now + COUNT_EVERY
        self._reporter.report_unwatched(self._context.watcher.watch_problem() or "")

    def _interval(self, folder: Path) -> float:
        """Seconds until the next rescan; short where no events come."""
        rescan = self._session.config.rescan
        return min(POLL_SECONDS, rescan) if self._context.watcher.mode(folder).how == "polling" else rescan

    def _check_clock(self, now: float, wall: float) -> None:
        """Rescan everything once after the machine slept or its clock was set."""
        gap = wall - now
        if abs(gap - self._clock_gap) > JUMP_SECONDS:
            log.info("The clock has jumped by %.0f s: all folders are rescanned.", gap - self._clock_gap)
            self._scan_due = dict.fromkeys(self._scan_due, now)
            self._rescans = dict.fromkeys(self._scan_due, FULL_EVERY - 1)
            self._count_due = now
        self._clock_gap = gap
