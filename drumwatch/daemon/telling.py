"""What the daemon says of itself: lines in the log, facts for `drumwatch status`, a STATUS for systemd, a word on the desktop."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from drumwatch import desktop
from drumwatch.words import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.journal import Journal
    from drumwatch.notify import Notifier
    from drumwatch.records import Entry

log = logging.getLogger(__name__)

TELL_EVERY = 1.0  # seconds between two words to `drumwatch status` during work


class Teller:
    """Says each thing once, where it belongs; `desktop` is whether the user wants to hear of it there."""

    def __init__(self, journal: Journal, notifier: Notifier) -> None:
        self.desktop = False
        self._journal = journal
        self._notifier = notifier
        self._summary = ""
        self._nag = desktop.Nag()
        self._batch = desktop.Batch()
        self._news: dict[str, object] = {}
        self._stale = True
        self._told_at = 0.0

    # From beginning to end

    def begin(self, model: str) -> None:
        self._journal.tell(pid=os.getpid(), since=time.time(), model=model)

    def ready(self, summary: str) -> None:
        """The folders of this configuration are watched."""
        self._summary = summary
        log.info("Ready.")
        self._notifier.ready(summary)

    def end(self) -> None:
        """What only holds of a daemon that runs is taken back."""
        passing = ("pid", "since", "watching", "settling", "hearing", "problems", "paused")
        self._journal.tell(**dict.fromkeys(passing))

    # What happens

    def entry(self, entry: Entry) -> None:
        """One more line in the journal."""
        failed = entry.state == "failed"
        log.log(logging.WARNING if failed else logging.INFO, "%s", told(entry))
        self._news["last_error" if failed else "last_file"] = {"what": told(entry), "time": entry.time}
        self._batch.note(entry)
        self._stale = True

    def trouble(self, why: str) -> None:
        """What keeps every file from being handled is said once and then daily, not for each of them."""
        if why and self._nag.is_due(why, time.time()):
            log.error("%s", why)
            self._on_the_desktop(why)
            self._journal.tell(last_error={"what": why, "time": time.time()})

    def pause(self, why: str) -> None:
        """Why nothing new is begun; empty when it goes on."""
        log.info("%s", f"Pausing: {why}." if why else "Going on.")
        self._notifier.status(f"Paused: {why}" if why else self._summary)
        self._news["paused"] = why or None
        self._stale = True

    def bad_configuration(self, problems: Sequence[str]) -> None:
        for problem in problems:
            log.error("%s", problem)
        log.error("The configuration has mistakes: the old one stays in force.")
        self._journal.tell(last_error={"what": f"bad configuration: {problems[0]}", "time": time.time()})
        self._notifier.ready("The configuration has mistakes: the old one stays in force")

    def _on_the_desktop(self, text: str) -> None:
        if text and self.desktop:
            desktop.tell(text)

    # For `drumwatch status`

    @property
    def due(self) -> float | None:
        """When there is something to tell to `progress`."""
        return self._told_at + TELL_EVERY if self._stale else None

    def outdated(self) -> None:
        """Something is under way: what was told is not true any more."""
        self._stale = True

    def progress_is_due(self, now: float) -> bool:
        return self.due is not None and now >= self.due

    def progress(self, now: float, *, busy: bool, paused: bool, **facts: object) -> None:
        """While there is work, now and then; at its end once, and then a word on the desktop."""
        self._told_at = now
        self._stale = busy and not paused
        self._journal.tell(**facts, **self._news)
        self._news.clear()
        if not busy and not paused:
            self._on_the_desktop(self._batch.take())
