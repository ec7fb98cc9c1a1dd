"""Copies the journal once a day in a thread, while the daemon is at rest and awake for another reason."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.daemon.messages import BackupDone
from drumwatch.journal.backup import BackupStopped, back_up, is_due

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.daemon.messages import Inbox

log = logging.getLogger(__name__)

HOUR, DAY = 3600.0, 86400.0
STEP_PAUSE = 0.01  # seconds between two steps, so that the disk is free for others


class DailyBackup:
    """Makes a copy of the journal where there is none of this day; one that fails is tried again every hour and reported once a day."""

    def __init__(self, journal: Path, inbox: Inbox) -> None:
        self._journal = journal
        self._inbox = inbox
        self._next_check = 0.0  # seconds since the epoch; the folder of the copies is looked at only then
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._reported: dict[str, float] = {}

    @property
    def running(self) -> bool:
        """Whether a copy is being made."""
        return self._thread is not None

    def start_if_due(self, now: float) -> None:
        """Start copying if there is no copy of this day; `now` is in seconds since the epoch."""
        if now < self._next_check or self.running:
            return
        self._next_check = now + HOUR
        if is_due(self._journal, now):
            self._thread = threading.Thread(
                target=self._work, args=(now,), name="journal backup", daemon=True
            )
            self._thread.start()

    def finish(self, done: BackupDone, now: float) -> None:
        """Report the end of a copy."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if done.problem and now - self._reported.get(done.problem, -DAY) >= DAY:
            self._reported[done.problem] = now
            log.error("%s", done.problem)

    def make_now_if_due(self, now: float) -> None:
        """Copy the journal before this returns, if there is no copy of this day."""
        if not self.running and is_due(self._journal, now):
            self.finish(BackupDone(self._copy(now)), now)

    def close(self) -> None:
        """Give up the copy that is being made, and wait for that."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self, now: float) -> None:
        self._inbox.put(BackupDone(self._copy(now, pause=STEP_PAUSE)))

    def _copy(self, now: float, pause: float = 0.0) -> str:
        """Make a copy; returns why there is none."""

        def between_steps() -> None:
            if self._stopping.wait(pause):
                raise BackupStopped

        try:
            back_up(self._journal, now, between_steps=between_steps)
        except BackupStopped:
            return ""
        except DrumwatchError as exc:
            return str(exc)
        return ""
