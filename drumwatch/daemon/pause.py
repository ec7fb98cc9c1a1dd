"""Pauses the work while another program needs the machine, or while it runs on battery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.daemon import pause_conditions
from drumwatch.daemon.cpu_share import CpuShare
from drumwatch.daemon.pause_conditions import PauseAdvice

if TYPE_CHECKING:
    from drumwatch.daemon.status import StatusReporter
    from drumwatch.session import Session


class PauseControl:
    """Checks the conditions for a pause, but only while there is something to do."""

    def __init__(self, session: Session, reporter: StatusReporter) -> None:
        self._session = session
        self._reporter = reporter
        self._cpu_share = CpuShare(session)
        self._advice = PauseAdvice()
        self._check_due = 0.0
        self._check_needed = False

    @property
    def paused(self) -> bool:
        """Whether no sound may be analyzed or filed, and no archive unpacked any further."""
        return bool(self._advice.wait)

    def next_due(self) -> float | None:
        """The time of the next check; None where none is needed."""
        return self._check_due if self.paused or self._check_needed else None

    def settings_changed(self) -> None:
        """Check at once the next time, because the settings have changed."""
        self._check_due = 0.0

    def update(self, now: float, *, work_pending: bool) -> None:
        """Pause or resume as the conditions ask for; check often during work, so that a music program soon has the machine."""
        self._check_needed = work_pending and pause_conditions.any_configured(self._session.config)
        if not work_pending:
            self._apply(PauseAdvice(slow=self._advice.slow))
        elif now >= self._check_due:
            self._apply(
                pause_conditions.advice(self._session.config, own_load=len(self._session.workers.pids))
            )
            self._cpu_share.update(now, slow=self._advice.slow)
            self._check_due = now + (
                pause_conditions.CHECK_SECONDS_PAUSED
                if self.paused
                else pause_conditions.CHECK_SECONDS_AT_WORK
            )

    def _apply(self, advice: PauseAdvice) -> None:
        """Act and report only when the advice has changed."""
        before, self._advice = self._advice, advice
        if advice.wait == before.wait:
            return
        if advice.wait:
            self._pause_workers()
        else:
            self._resume_workers()
        self._reporter.report_pause(advice.wait)

    def _pause_workers(self) -> None:
        """Stop the workers after the sounds that they have; training and unpacking take long, so they stop at once."""
        self._session.workers.pause()
        self._session.packs.archives.pause()
        self._session.retrain_workers.pause(at_once=True)
        self._session.note_workers.pause(at_once=True)

    def _resume_workers(self) -> None:
        session = self._session
        for pool in (session.workers, session.packs.archives, session.retrain_workers, session.note_workers):
            pool.resume()
