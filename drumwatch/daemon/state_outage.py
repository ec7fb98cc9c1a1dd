"""The times in which the daemon cannot use its journal: told once each, tried again with growing pauses."""

from __future__ import annotations

import logging
import shutil
import time
from typing import TYPE_CHECKING

from drumwatch.core.errors import StateFault
from drumwatch.core.formatting import printable
from drumwatch.system import notifications

if TYPE_CHECKING:
    from drumwatch.core.errors import StateUnavailable
    from drumwatch.system.outage_note import OutageNote
    from drumwatch.system.sd_notify import SdNotifier

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds until the next try
ENOUGH_ROOM = 1_000_000  # bytes: with less, the disk would soon be full again
LASTING = 60.0  # seconds: an outage that comes back sooner is the same one
NOTHING_MOVED = "Nothing is moved until then, and it is tried again by itself."


class StateOutage:
    """Reports an outage in the log, to systemd and in the note that `drumwatch status` reads, and says when to try again."""

    def __init__(self, note: OutageNote, notifier: SdNotifier) -> None:
        self._note = note
        self._notifier = notifier
        self._told: set[str] = set()
        self._tries = 0
        self._cause: StateUnavailable | None = None
        self._over_since: float | None = None

    def report(self, cause: StateUnavailable, now: float, *, notify: bool) -> None:
        """Report what keeps the daemon from acting, each cause once in an outage; with `notify`, on the desktop too."""
        if self._over_since is not None and now - self._over_since > LASTING:
            self._told.clear()
            self._tries = 0
        self._over_since, self._cause = None, cause
        self._tries += 1
        problem = f"{cause} {NOTHING_MOVED}"
        self._note.write(problem)
        self._notifier.ready(printable(problem))
        if problem not in self._told:
            self._told.add(problem)
            log.error("%s", printable(problem))
            if notify:
                notifications.notify(problem)

    def pause(self) -> float:
        """Return the seconds until the next try."""
        return min(FIRST_PAUSE * 2.0 ** min(self._tries - 1, 16), LONGEST_PAUSE)

    def may_be_over(self) -> bool:
        """Return whether another try may succeed: not while a full disk has no room for more than a few rows."""
        if self._cause is None or self._cause.fault is not StateFault.FULL:
            return True
        try:
            has_room = shutil.disk_usage(self._cause.path.parent).free >= ENOUGH_ROOM
        except OSError:  # the next try says what that is
            return True
        self._tries += not has_room
        return has_room

    def end(self) -> None:
        """Report that the daemon can act again, if there was an outage."""
        if self._cause is None:
            return
        self._note.clear()
        over = f"{self._cause.path} can be used again: going on."
        self._cause, self._over_since = None, time.monotonic()
        if over not in self._told:
            self._told.add(over)
            log.info("%s", printable(over))
