"""Looking around: events may have been lost, so what lies in the folders is the truth."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

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

FULL_EVERY = 10  # looks at a folder, of which the last looks at every file, and the others where something came or went
COUNT_EVERY = 3600.0  # seconds between two counts of what is watched, which walks through all folders
JUMP_SECONDS = 5.0  # between the two clocks: sleep, or a clock that was set


class Rescans:
    """When to look at which watched folder again, and at the library, where the user may have moved things."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._folders = FolderCorrections()
        self._reporter = reporter
        self._gap = time.time() - time.monotonic()
        self._scan_due: dict[Path, float] = {}
        self._looks: dict[Path, int] = {}  # at each folder, since every file in it was looked at
        self._learn_due = 0.0
        self._count_due = 0.0

    def begin(self, folders: Iterable[Path]) -> None:
        """These have just been looked at."""
        self._count_the_watched(time.monotonic())
        self._scan_due = {folder: time.monotonic() + self._patience(folder) for folder in folders}

    def notice(self, event: FileEvent) -> None:
        """More folders may be more than the system watches: they are counted with the next round."""
        if event.kind is EventKind.FOLDER and event.path != event.watch:
            self._count_due = 0.0

    def due(self) -> Iterable[float]:
        return self._scan_due.values()

    def look(self, now: float, wall: float) -> None:
        """Rescan the folders that it is time for."""
        self._notice_a_jump(now, wall)
        due_now = [folder for folder, due in self._scan_due.items() if due <= now]
        if due_now and now >= self._learn_due:
            self.learn()
        if due_now and now >= self._count_due:
            self._count_the_watched(now)
        if due_now:
            self._context.watcher.refresh()
        for folder in due_now:
            self._looks[folder] = looks = self._looks.get(folder, 0) % FULL_EVERY + 1
            self._context.arrivals.rescan(now, wall, full=looks == FULL_EVERY, only=folder)
            self._scan_due[folder] = time.monotonic() + self._patience(folder)

    def learn(self) -> None:
        """What the user has dragged to another label, while we ran or not, is noticed and told."""
        context = self._context
        self._learn_due = time.monotonic() + context.config.rescan  # polled folders are looked at more often
        if not context.dry_run:
            for line in summaries(self._folders.learn(context.journal, context.config)):
                log.info("%s", line)

    def _count_the_watched(self, now: float) -> None:
        """Whether the system watches every folder that it should: its limit is the whole user's, and other programs take of it."""
        self._count_due = now + COUNT_EVERY
        self._reporter.unwatched(self._context.watcher.watch_problem() or "")

    def _patience(self, folder: Path) -> float:
        """Seconds until the next look: often only where no events come."""
        rescan = self._context.config.rescan
        return min(POLL_SECONDS, rescan) if self._context.watcher.mode(folder).how == "polling" else rescan

    def _notice_a_jump(self, now: float, wall: float) -> None:
        """The machine slept, or its clock was set: look at everything once."""
        gap = wall - now
        if abs(gap - self._gap) > JUMP_SECONDS:
            log.info("The clock has jumped by %.0f s: looking at all folders again.", gap - self._gap)
            self._scan_due = dict.fromkeys(self._scan_due, now)
            self._looks = dict.fromkeys(self._scan_due, FULL_EVERY - 1)
            self._count_due = now
        self._gap = gap
