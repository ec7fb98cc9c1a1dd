"""Finds sounds that lie in the library with their pack, but were not filed under a label because of a crash or a full disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Arrival
    from drumwatch.session import Session

CHECK_SECONDS = 600.0


class UnfiledSounds:
    """Looks for such sounds when the daemon starts, and now and then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._due = 0.0
        self._waiting: list[tuple[Arrival, Watch, int]] = []
        self._batches: dict[Path, int] = {}  # of the sounds that are being analyzed and filed

    def next_sound(self, now: float) -> tuple[Arrival, Watch] | None:
        """Give the next sound to analyze; from now on it counts as given to the workers."""
        if now >= self._due:
            self._due = now + CHECK_SECONDS
            found = (
                ()
                if self._session.dry_run
                else self._session.packs.kept.left_over(self._session.config.watches)
            )
            self._waiting = [item for item in found if item[0].path not in self._batches]
        if not self._waiting:
            return None
        arrival, watch, batch = self._waiting.pop()
        self._batches[arrival.path] = batch
        return arrival, watch

    def batch_of(self, arrival: Arrival) -> int | None:
        """The batch of the pack that the sound came in; None for any other sound."""
        return self._batches.get(arrival.path)

    def sound_done(self, arrival: Arrival) -> None:
        """Forget a sound: it is filed now, or will be found again later."""
        self._batches.pop(arrival.path, None)
