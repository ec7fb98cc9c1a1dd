"""Giving way: whether what has arrived, or is under way, should wait for the rest of the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch import company
from drumwatch.company import Advice
from drumwatch.daemon.sharing import Sharing

if TYPE_CHECKING:
    from drumwatch.daemon.crew import Crew
    from drumwatch.daemon.telling import Teller


class Pauses:
    """A studio is at work, or the battery: looked for only while there is something to do."""

    def __init__(self, crew: Crew, teller: Teller) -> None:
        self._crew = crew
        self._teller = teller
        self._sharing = Sharing(crew)
        self._advice = Advice()
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
        self._has_to_look = something_to_do and company.is_asked_for(self._crew.config)
        if not something_to_do:
            self._follow(Advice(slow=self._advice.slow))
        elif now >= self._look_due:
            self._follow(company.advice(self._crew.config, own_load=len(self._crew.workers.pids)))
            self._sharing.settle(now, slow=self._advice.slow)
            self._look_due = now + (company.LOOK_EVERY if self.pausing else company.LOOK_EVERY_AT_WORK)

    def _follow(self, advice: Advice) -> None:
        """Done and said when it changes, not each time."""
        before, self._advice = self._advice, advice
        if advice.wait == before.wait:
            return
        if advice.wait:
            self._hold()
        else:
            self._let_go()
        self._teller.pause(advice.wait)

    def _hold(self) -> None:
        """A sound that is being heard is soon over; a lesson or an archive is not."""
        self._crew.workers.hold()
        self._crew.packs.hold()
        self._crew.teaching.hold(at_once=True)

    def _let_go(self) -> None:
        for held in (self._crew.workers, self._crew.packs, self._crew.teaching):
            held.go_on()
