"""Giving way: whether what has arrived should wait for the rest of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch import company, places
from drumwatch.company import Advice

if TYPE_CHECKING:
    from drumwatch.daemon.crew import Crew
    from drumwatch.daemon.telling import Teller


class Pauses:
    """A studio is at work, or the battery: looked for only while there is something to do."""

    def __init__(self, crew: Crew, teller: Teller) -> None:
        self._crew = crew
        self._teller = teller
        self._advice = Advice()
        self._look_due = 0.0

    @property
    def pausing(self) -> bool:
        return bool(self._advice.wait)

    @property
    def due(self) -> float | None:
        """When a pause may have come to its end."""
        return self._look_due if self.pausing else None

    def look_again(self) -> None:
        """The settings have changed."""
        self._look_due = 0.0

    def is_over_us(self, now: float, *, something_to_do: bool) -> bool:
        """Whether whatever there is to do has to wait now."""
        if not something_to_do:
            self._follow(Advice(slow=self._advice.slow))
        elif now >= self._look_due:
            self._look_due = now + company.LOOK_EVERY
            self._follow(company.advice(self._crew.config, own_load=len(self._crew.workers.pids)))
        return self.pausing

    def _follow(self, advice: Advice) -> None:
        """Said when it changes, not each time."""
        self._crew.workers.limit = (
            1 if advice.slow else self._crew.config.workers or max(1, places.cores() - 1)
        )
        if advice.wait != self._advice.wait:
            self._teller.pause(advice.wait)
        self._advice = advice
