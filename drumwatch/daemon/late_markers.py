"""Markers that come after the sounds: when to look again at what was moved out of a watched folder."""

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

LATE_LOOKS = (10.0, 60.0, 600.0)  # seconds after the last sound: events may have been lost, or never come
BETWEEN_LOOKS = 3.0  # seconds: unpacking may bring a hundred instruments, one after the other
AT_MOST = 10.0  # seconds from the first hint to the look, however much more comes
TURN = 1.0  # seconds of putting back before the loop looks after everything else
SHOWS_MORE = frozenset({EventKind.MARKER, EventKind.FOLDER})


class LateMarkers:
    """Puts back what was moved before it was known what it belongs to."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._reporter = reporter
        self._late: dict[Path, list[float]] = {}  # looks at a watched folder after the last sound
        self._hinted: dict[
            Path, tuple[float, float]
        ] = {}  # the first and the last hint that was not followed
        self._looked: dict[Path, float] = {}
        self._under_way: dict[Path, Iterator[PutBack]] = {}

    def take_up(self, now: float) -> None:
        """What came while nobody watched."""
        for watch in self._context.config.watches:
            self._hint(watch.folder, now)

    def moved(self, entries: Iterable[Entry], watch: Watch, now: float) -> None:
        """Sounds have left their folders."""
        if any(entry.action == "move" and entry.state == "done" for entry in entries):
            self._late[watch.folder] = [now + seconds for seconds in LATE_LOOKS]

    def notice(self, event: FileEvent, now: float) -> None:
        """A hint that a folder may be more than its sounds."""
        if event.kind in SHOWS_MORE:
            self._hint(event.watch, now)

    def _hint(self, folder: Path, now: float) -> None:
        if not self._context.dry_run:
            first, _ = self._hinted.get(folder, (now, now))
            self._hinted[folder] = first, now

    def due(self) -> float | None:
        """When there is something to look at, or to go on with."""
        folders = self._late.keys() | self._hinted.keys() | self._under_way.keys()
        return min((self._due(folder) for folder in folders), default=None)

    def _due(self, folder: Path) -> float:
        """After the hints have come to rest, but not too soon after the last look."""
        if folder in self._under_way:
            return 0.0
        late = self._late[folder][:1] if folder in self._late else []
        if folder not in self._hinted:
            return late[0]
        first, last = self._hinted[folder]
        rested = min(last + self._context.config.quiet, first + AT_MOST)
        return min([max(rested, self._looked.get(folder, 0.0) + BETWEEN_LOOKS), *late])

    def look(self, now: float, wall: float) -> None:
        """Put back what is due, and have handled anew what is to be copied instead."""
        folders = self._late.keys() | self._hinted.keys() | self._under_way.keys()
        due = {folder for folder in folders if self._due(folder) <= now}
        watches = {watch.folder: watch for watch in self._context.config.watches}
        for folder in due:
            self._begin(folder, watches.get(folder), now)
        for folder in due & self._under_way.keys():
            self._go_on(folder, now, wall, until=time.monotonic() + TURN)

    def look_at_all(self) -> None:
        """At once, as this run ends here."""
        for watch in () if self._context.dry_run else self._context.config.watches:
            now = time.monotonic()
            self._begin(watch.folder, watch, now)
            self._go_on(watch.folder, now, time.time(), until=math.inf)

    def _begin(self, folder: Path, watch: Watch | None, now: float) -> None:
        """A folder that is not watched any more is forgotten."""
        if folder in self._under_way:
            return
        self._hinted.pop(folder, None)
        if later := [due for due in self._late.pop(folder, ()) if due > now and watch]:
            self._late[folder] = later
        if watch:
            self._under_way[folder] = self._context.projects.put_back_early_ones(watch)

    def _go_on(self, folder: Path, now: float, wall: float, *, until: float) -> None:
        for step in self._under_way[folder]:
            self._reporter.entry(step.entry)
            if step.anew:
                self._context.journal.seen.forget(step.anew)
                self._context.arrivals.notice(FileEvent(step.anew, EventKind.CHANGED, folder), now, wall)
            if time.monotonic() >= until:
                return
        del self._under_way[folder]
        self._looked[folder] = time.monotonic()
