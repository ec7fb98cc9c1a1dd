"""Record in the journal why files stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.records import CANNOT_ANALYZE
from drumwatch.journal import Plan
from drumwatch.pipeline.records import TOO_MANY
from drumwatch.pipeline.seen import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.core.records import Arrival, Entry
    from drumwatch.journal import Journal


class FilesLeftInPlace:
    """Writes an entry about each file that stays, unless an earlier one says the same."""

    def __init__(self, journal: Journal, clock: Callable[[], float], *, dry_run: bool) -> None:
        self._journal = journal
        self._clock = clock
        self._dry_run = dry_run

    def refuse(
        self, arrival: Arrival, why: str, batch: int | None = None, *, for_good: bool = True
    ) -> tuple[Entry, ...]:
        """Record that a file cannot be analyzed; return the new entry, if there is one.

        With `for_good`, the file is not looked at again until it changes.
        """
        if batch is None:
            batch = self._journal.batches.current(arrival.watch, arrival.pack, self._clock())
        plan = Plan(
            batch,
            arrival.known_as,
            None,
            "leave",
            CANNOT_ANALYZE,
            "",
            stamp=arrival.stamp,
            state="failed",
            error=why,
        )
        with self._journal.transaction():
            entry_id = self._journal.entries.plan(plan, self._clock())
            if for_good and not arrival.origin:
                self._journal.seen.note(arrival.path, arrival.stamp, FAILED)
            entry = self._journal.entries.drop_repeated_failure(entry_id)
        return (entry,) if entry else ()

    def leave(self, arrival: Arrival, why: str, batch: int) -> tuple[Entry, ...]:
        """Record that documents of a pack stay where they are; return the new entry, if there is one."""
        plan = Plan(
            batch,
            arrival.known_as,
            None,
            "leave",
            TOO_MANY,
            why,
            stamp=arrival.stamp,
            state="planned" if self._dry_run else "done",
        )
        with self._journal.transaction():
            entry_id = self._journal.entries.plan(plan, self._clock())
            entry = self._journal.entries.drop_repeated_leave(entry_id)
        return (entry,) if entry.id == entry_id else ()
