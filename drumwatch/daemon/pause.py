"""Giving way: whether what has arrived, or is under way, should wait for the rest of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.daemon import pause_conditions
from drumwatch.daemon.cpu_share import CpuShare
from drumwatch.daemon.pause_conditions import PauseAdvice

if TYPE_CHECKING:
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.status import StatusReporter


class PauseControl:
    """A studio is at work, or the battery: looked for only while there is something to do."""

    def __init__(self, context: Context, reporter: StatusReporter) -> None:
        self._context = context
        self._reporter = reporter
        self._cpu_share = CpuShare(context)
        self._advice = PauseAdvice()
        self._look_due = 0.0
        self._has_to_look = False

    @property
    def pausing(self) -> bool:
        """Nothing may be begun: no sound heard, none filed, no archive unpacked any further."""
        return bool(self._advice.wait)

    @property
    def due(self) -> float | None:
        """When a pause may have come to its end, or have to begin."""
        return self._look_due if self.pausing or self._has_to_look else None

    def look_again(self) -> None:
        """The settings have changed."""
        self._look_due = 0.0

    def look(self, now: float, *, something_to_do: bool) -> None:
        """Pause, or go on: soon during work, as whoever starts a session wants the machine now."""
        self._has_to_look = something_to_do and pause_conditions.is_asked_for(self._context.config)
        if not something_to_do:
            self._follow(PauseAdvice(slow=self._advice.slow))
        elif now >= self._look_due:
            self._follow(
                pause_conditions.advice(self._context.config, own_load=len(self._context.workers.pids))
            )
            self._cpu_share.settle(now, slow=self._advice.slow)
            self._look_due = now + (
                pause_conditions.LOOK_EVERY if self.pausing else pause_conditions.LOOK_EVERY_AT_WORK
            )

    def _follow(self, advice: PauseAdvice) -> None:
        """Done and said when it changes, not each time."""
        before, self._advice = self._advice, advice
        if advice.wait == before.wait:
            return
        if advice.wait:
            self._hold()
        else:
            self._disconnect()
        self._reporter.pause(advice.wait)

    def _hold(self) -> None:
        """A sound that is being heard is soon over; a lesson or an archive is not."""
        self._context.workers.pause()
        self._context.packs.archives.pause()
        self._context.retrain_workers.pause(at_once=True)

    def _disconnect(self) -> None:
        for held in (self._context.workers, self._context.packs.archives, self._context.retrain_workers):
            held.resume()
