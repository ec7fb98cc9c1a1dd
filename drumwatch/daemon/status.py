"""What the daemon says of itself: lines in the log, facts for `drumwatch status`, a STATUS for systemd, a word on the desktop."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from drumwatch.core.formatting import as_sentence, home_short, printable
from drumwatch.daemon.outages import Outages
from drumwatch.system import notifications

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.pipeline.records import Outage
    from drumwatch.system.sd_notify import SdNotifier

log = logging.getLogger(__name__)

TELL_EVERY = 1.0  # seconds between two words to `drumwatch status` during work


class StatusReporter:
    """Says each thing once, where it belongs."""

    def __init__(self, journal: Journal, notifier: SdNotifier) -> None:
        self._wants_words = False
        self._journal = journal
        self._notifier = notifier
        self._summary = ""
        self._nag = notifications.NotificationThrottle()
        self._outages = Outages()
        self._unwatched = ""
        self._batches = notifications.Batches()
        self._news: dict[str, object] = {}
        self._stale = True
        self._told_at = 0.0

    # From beginning to end

    def begin(self, model: str) -> None:
        self._journal.state.set(pid=os.getpid(), since=time.time(), model=model)

    def ready(self, summary: str) -> None:
        """The folders of this configuration are watched."""
        self._summary = summary
        log.info("Ready.")
        self._notifier.ready(summary)

    def notify_on_desktop(self, *, wanted: bool, spell: float) -> None:
        """Whether the user wants to hear of it there; `spell`: seconds without another one that end a batch of single sounds."""
        self._wants_words = wanted
        self._batches.idle_gap = spell

    def unwatched(self, problem: str) -> None:
        """What keeps folders from being watched; empty where nothing does. Said when it begins."""
        if problem and not self._unwatched:
            log.warning("%s", problem)
        if problem != self._unwatched:
            self._unwatched = problem
            self._tell_problems()

    def _tell_problems(self) -> None:
        problems = [*filter(None, [self._unwatched]), *(trouble.text for trouble in self._outages)]
        self._journal.state.set(problems=problems or None)

    def end(self) -> None:
        """What only holds of a daemon that runs is taken back."""
        passing = ("pid", "since", "watching", "settling", "hearing", "problems", "paused")
        self._journal.state.set(**dict.fromkeys(passing))

    # What happens

    def entry(self, entry: Entry) -> None:
        """One more line in the journal."""
        failed, what = entry.state == "failed", as_sentence(entry)
        log.log(logging.WARNING if failed else logging.INFO, "%s", what)
        self._news["last_error" if failed else "last_file"] = {"what": what, "time": entry.time}
        if self._wants_words:
            self._batches.note(entry, time.monotonic())
        self._stale = True

    def folders_removed(self, entry: Entry) -> None:
        """A line in the log only: no file came to another place by it."""
        log.info("%s", as_sentence(entry))

    def trouble(self, trouble: Outage, path: Path) -> None:
        """What keeps this file, and others, from being handled is said once and then daily, until it is over."""
        if self._outages.keep_waiting(path, trouble):
            self._tell_problems()
        if self._nag.is_due(trouble.text, time.time()):
            log.error("%s", printable(trouble.text))
            if self._wants_words:
                notifications.notify(trouble.text)
            self._journal.state.set(last_error={"what": trouble.text, "time": time.time()})

    def ends_outage(self, path: Path) -> bool:
        """Whether this file had been kept waiting, and has come through: a trouble that is over is told when it comes again."""
        over = self._outages.handled(path)
        for trouble in over:
            self._nag.forget(trouble.text)
            if trouble.where:
                log.info("%s takes sounds again.", home_short(trouble.where))
        if over:
            self._tell_problems()
        return bool(over)

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
        self._journal.state.set(last_error={"what": f"bad configuration: {problems[0]}", "time": time.time()})
        self._notifier.ready("The configuration has mistakes: the old one stays in force")

    # For `drumwatch status`

    def due(self, *, busy: bool) -> float | None:
        """When there is something to tell; on the desktop only when nothing is under way."""
        progress = self._told_at + TELL_EVERY if self._stale else None
        words = None if busy else self._batches.due()
        return min((due for due in (progress, words) if due is not None), default=None)

    def outdated(self) -> None:
        """Something is under way: what was told is not true any more."""
        self._stale = True

    def progress_is_due(self, now: float) -> bool:
        return self._stale and now >= self._told_at + TELL_EVERY

    def progress(self, now: float, *, busy: bool, paused: bool, **facts: object) -> None:
        """While there is work, now and then; at its end once."""
        self._told_at = now
        self._stale = busy and not paused
        self._journal.state.set(**facts, **self._news)
        self._news.clear()

    def what_was_done(self, now: float) -> None:
        """A word on the desktop for each batch that has ended; to be asked while nothing is under way."""
        for line in self._batches.take(now):
            notifications.notify(line)
