"""Sounds that lie in the library with their pack, and that a crash or a full disk has kept from their label's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Arrival
    from drumwatch.daemon.context import Context

LOOK_AGAIN = 600.0  # seconds


class Unfinished:
    """Looks for them when the daemon starts, and now and then."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._due = 0.0
        self._waiting: list[tuple[Arrival, Watch, int]] = []
        self._batches: dict[Path, int] = {}  # of those that are being heard and filed

    def next_sound(self, now: float) -> tuple[Arrival, Watch] | None:
        """The next one to be heard; from now on it counts as given to the workers."""
        if now >= self._due:
            self._due = now + LOOK_AGAIN
            found = (
                ()
                if self._context.dry_run
                else self._context.packs.kept.left_over(self._context.config.watches)
            )
            self._waiting = [one for one in found if one[0].path not in self._batches]
        if not self._waiting:
            return None
        arrival, watch, batch = self._waiting.pop()
        self._batches[arrival.path] = batch
        return arrival, watch

    def batch_of(self, arrival: Arrival) -> int | None:
        """The batch that its pack came in; None for any other sound."""
        return self._batches.get(arrival.path)

    def conclude(self, arrival: Arrival) -> None:
        """It has its place, or is looked for again later."""
        self._batches.pop(arrival.path, None)
