"""Reports what the daemon does: in the log, for `drumwatch status`, to systemd, and as desktop notifications."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from drumwatch.core.formatting import home_short, printable
from drumwatch.daemon.outages import Outages
from drumwatch.daemon.pack_summaries import PackSummaries
from drumwatch.filing.describe import as_sentence
from drumwatch.system import notifications

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.packs.archive_outcomes import Conclusion
    from drumwatch.pipeline.records import Outage
    from drumwatch.system.sd_notify import SdNotifier

log = logging.getLogger(__name__)

IN_SUMMARY = "in_summary"  # marks a log record about a file that is counted in the line about its pack
REPORT_SECONDS = 1.0  # between two updates of the state for `drumwatch status` during work


class StatusReporter:
    """Reports each thing once, in the places where it belongs."""

    def __init__(self, journal: Journal, notifier: SdNotifier) -> None:
        self._notifies = False
        self._journal = journal
        self._notifier = notifier
        self._summary = ""
        self._throttle = notifications.NotificationThrottle()
        self._outages = Outages()
        self._unwatched = ""
        self._batches = notifications.Batches()
        self._packs = PackSummaries()
        self._latest: dict[str, object] = {}
        self._stale = True
        self._reported_at = 0.0

    # Start, settings and end

    def report_start(self, model: str) -> None:
        """Report that the daemon runs, with this model."""
        self._journal.state.set(pid=os.getpid(), since=time.time(), model=model)

    def report_ready(self, summary: str) -> None:
        """Report that the folders of this configuration are watched."""
        self._summary = summary
        log.info("Ready.")
        self._notifier.ready(summary)

    def set_notifications(self, *, wanted: bool, idle_gap: float) -> None:
        """Turn notifications on or off; `idle_gap`: seconds without another single sound that end a batch of them."""
        self._notifies = wanted
        self._batches.idle_gap = idle_gap

    def report_unwatched(self, problem: str) -> None:
        """Report what keeps folders from being watched, when it begins; "" means nothing does."""
        if problem and not self._unwatched:
            log.warning("%s", problem)
        if problem != self._unwatched:
            self._unwatched = problem
            self._update_problems()

    def _update_problems(self) -> None:
        problems = [*filter(None, [self._unwatched]), *(outage.text for outage in self._outages)]
        self._journal.state.set(problems=problems or None)

    def report_end(self) -> None:
        """Write what has not been written yet, and clear the facts that hold only while the daemon runs."""
        passing = ("pid", "since", "watching", "settling", "hearing", "problems", "paused", "not_heard")
        self._journal.state.set(**(self._latest | dict.fromkeys(passing)))
        self._latest.clear()

    # Events

    def report_entry(self, entry: Entry) -> None:
        """Report a new journal entry."""
        failed, what = entry.state == "failed", as_sentence(entry)
        log.log(
            logging.WARNING if failed else logging.INFO,
            "%s",
            what,
            extra={IN_SUMMARY: bool(entry.pack) and not (failed or entry.is_project)},
        )
        self._packs.note(entry)
        self._latest["last_error" if failed else "last_file"] = {"what": what, "time": entry.time}
        if self._notifies:
            self._batches.note(entry, time.monotonic())
        self._stale = True

    def report_pack_done(self, pack: str) -> None:
        """Report in one line what became of the sounds of a pack since the last such line."""
        if line := self._packs.take(pack):
            log.info("%s", line)

    def report_packs_done(self) -> None:
        """Report every pack of which something was filed and no line was written, as nothing is under way any more."""
        for line in self._packs.take_all():
            log.info("%s", line)

    def report_archive(self, conclusion: Conclusion) -> None:
        """Report what became of an archive as a whole, unless that was reported before."""
        entry = conclusion.entry
        if entry is None:
            return
        event = {"what": as_sentence(entry), "time": entry.time}
        log.log(logging.INFO if conclusion.is_good else logging.WARNING, "%s", event["what"])
        self._latest["last_archive"] = event
        if not conclusion.is_good:
            self._latest["last_error"] = event
        if self._notifies and entry.state == "failed":
            self._batches.note(entry, time.monotonic())
        self._stale = True

    def report_removed_folders(self, entry: Entry) -> None:
        """Report removed folders in the log only, as no file was moved."""
        log.info("%s", as_sentence(entry))

    def report_unheard(self, sentence: str) -> None:
        """Report files that only the extra `formats` decodes."""
        log.warning("%s", printable(sentence))
        self._stale = True

    def report_outage(self, outage: Outage, path: Path) -> None:
        """Report an outage that keeps this file waiting: once, and then daily until it is over."""
        if self._outages.add_waiting(path, outage):
            self._update_problems()
        if self._throttle.is_due(outage.text, time.time()):
            log.error("%s", printable(outage.text))
            if self._notifies:
                notifications.notify(outage.text)
            self._journal.state.set(last_error={"what": outage.text, "time": time.time()})

    def end_outages(self, path: Path) -> bool:
        """End the outages that this file waited for; returns whether there were any. Each is reported again if it comes back."""
        over = self._outages.handled(path)
        for outage in over:
            self._throttle.forget(outage.text)
            if outage.where:
                log.info("%s takes sounds again.", home_short(outage.where))
        if over:
            self._update_problems()
        return bool(over)

    def report_pause(self, reason: str) -> None:
        """Report a pause and its reason; an empty reason means that work goes on."""
        log.info("%s", f"Pausing: {reason}." if reason else "Going on.")
        self._notifier.status(f"Paused: {reason}" if reason else self._summary)
        self._latest["paused"] = reason or None
        self._stale = True

    def report_bad_configuration(self, problems: Sequence[str]) -> None:
        """Report each mistake, and that the previous configuration stays in force."""
        for problem in problems:
            log.error("%s", problem)
        log.error("The configuration has mistakes: the old one stays in force.")
        self._journal.state.set(last_error={"what": f"bad configuration: {problems[0]}", "time": time.time()})
        self._notifier.ready("The configuration has mistakes: the old one stays in force")

    # For `drumwatch status`

    def next_due(self, *, busy: bool) -> float | None:
        """The time of the next update of the state or of the next notification; notifications wait while the daemon is busy."""
        progress = self._reported_at + REPORT_SECONDS if self._stale else None
        notification = None if busy else self._batches.due()
        return min((due for due in (progress, notification) if due is not None), default=None)

    def mark_stale(self) -> None:
        """Note that the facts for `drumwatch status` have changed."""
        self._stale = True

    def progress_is_due(self, now: float) -> bool:
        """Whether the facts for `drumwatch status` have to be written."""
        return self._stale and now >= self._reported_at + REPORT_SECONDS

    def report_progress(self, now: float, *, busy: bool, paused: bool, **facts: object) -> None:
        """Write the facts for `drumwatch status`: now and then during work, and once at its end."""
        self._reported_at = now
        self._stale = busy and not paused
        self._journal.state.set(**facts, **self._latest)
        self._latest.clear()

    def notify_finished_batches(self, now: float) -> None:
        """Show a notification for each batch that has ended; call it while the daemon is not busy."""
        for text in self._batches.take(now):
            notifications.notify(text)
