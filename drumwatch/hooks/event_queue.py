"""The queue of events is the journal itself: its state says up to which entry hooks were run, so that no queue can grow in memory.

An event is noted as taken before its program is started. So a program is run at most once for an event, also where several processes
take events, and after a crash; the event of a moment in which the power fails may be lost.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.hooks.events import call_for_entry, call_for_pack, event_of
from drumwatch.journal import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from drumwatch.config.value_types import Event
    from drumwatch.core.records import Entry
    from drumwatch.hooks.events import HookCall
    from drumwatch.journal import Journal

KEY = "hooks"  # in the journal's state
FRESH = 2.0  # seconds: a correction is written in two steps, the entry first
UNSETTLED = 1.0  # seconds between two looks whether a pack is complete
UNFINISHED = 5.0  # seconds between two looks at what another process is about to do
A_WHILE = 60.0  # seconds, after which that may have been cut off, and is looked at more rarely
READ_AT_ONCE = 32  # entries
MOST_OPEN = 200  # planned entries that may still be done, for instance when a disk is connected again


class Taken(NamedTuple):
    """The event that was taken, if there is one, and in how many seconds another look is worth while; None: when there are new entries."""

    call: HookCall | None
    again: float | None


@dataclass(slots=True)
class _Progress:
    """Where the queue is."""

    after: int  # the last entry that was looked at
    open: list[int]  # entries up to that one that were still planned then
    packs: list[int]  # batches of packs in which a sound was filed since their last event


class EventQueue:
    """Takes one event after the other out of the journal."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock

    def begin(self) -> None:
        """Let what happens from now on be events, unless that has begun earlier."""
        with self._journal.transaction():
            if self._progress() is None:
                self._store(_Progress(self._journal.entries.newest_id(), [], []))

    def end(self) -> None:
        """Forget all events, because no hook is configured any more."""
        if self._progress() is not None:
            self._journal.state.set(**{KEY: None})

    def take(self, wanted: Collection[Event], *, settled: bool, fresh: float = FRESH) -> Taken:
        """Take the next of the wanted events, which is noted as taken before this returns.

        `settled` says that no file of a pack is on its way any more. Entries younger than `fresh` seconds are not looked at.
        """
        with self._journal.transaction():
            progress = self._progress()
            if progress is None:
                return Taken(None, None)
            before = (progress.after, list(progress.open), list(progress.packs))
            taken = self._next(progress, wanted, settled=settled, fresh=fresh)
            if before != (progress.after, progress.open, progress.packs):
                self._store(progress)
        return taken

    def _next(self, progress: _Progress, wanted: Collection[Event], *, settled: bool, fresh: float) -> Taken:
        for number in list(progress.open):
            entry = self._journal.entries.lookup(number)
            if entry and entry.state == "planned":
                continue
            progress.open.remove(number)
            if entry and (call := self._call_for(entry, progress, wanted)):
                return Taken(call, 0.0)
        for entry in self._entries(progress.after):
            if 0 <= self._clock() - entry.time < fresh:
                return Taken(None, fresh)
            progress.after = entry.id
            if entry.state == "planned":
                progress.open = [*progress.open, entry.id][-MOST_OPEN:]
            elif call := self._call_for(entry, progress, wanted):
                return Taken(call, 0.0)
        if progress.after < self._journal.entries.newest_id():
            return Taken(None, 0.0)
        if settled and progress.packs:
            return Taken(self._call_for_pack(progress.packs.pop(0)), 0.0)
        return Taken(None, self._next_look(progress))

    def _next_look(self, progress: _Progress) -> float | None:
        """Return when to look again without new entries: at packs that are not complete, and at what another process is about to do."""
        if progress.packs:
            return UNSETTLED
        newest = self._journal.entries.lookup(progress.open[-1]) if progress.open else None
        if newest is None:
            return None
        return UNFINISHED if 0 <= self._clock() - newest.time < A_WHILE else A_WHILE

    def _entries(self, after: int) -> list[Entry]:
        """Return the next entries in their order."""
        found = self._journal.entries.newest(
            "entry.id > ? AND entry.id <= ?", (after, self._end_of_read(after))
        )
        return sorted(found, key=lambda entry: entry.id)

    def _end_of_read(self, after: int) -> int:
        """Return the last id to read; ids of withdrawn entries are missing, so the count begins with the next one that is there."""
        first = self._journal.entries.first_after(after)
        return (first or after) + READ_AT_ONCE

    def _call_for(self, entry: Entry, progress: _Progress, wanted: Collection[Event]) -> HookCall | None:
        is_correction = bool(self._journal.confirmations.label_given_by(entry.id))
        event = event_of(entry, is_correction=is_correction)
        if event in ("filed", "unsure") and entry.pack and "pack" in wanted:
            progress.packs = [batch for batch in progress.packs if batch != entry.batch] + [entry.batch]
        return call_for_entry(event, entry) if event and event in wanted else None

    def _call_for_pack(self, batch: int) -> HookCall:
        entries = self._journal.entries.find(Filter(batch=batch))
        return call_for_pack(batch, self._journal.batches.origin_of(batch), entries)

    def _progress(self) -> _Progress | None:
        stored = self._journal.state.get().get(KEY)
        if not isinstance(stored, dict) or "after" not in stored:
            return None
        return _Progress(stored["after"], stored.get("open", []), stored.get("packs", []))

    def _store(self, progress: _Progress) -> None:
        self._journal.state.set(
            **{KEY: {"after": progress.after, "open": progress.open, "packs": progress.packs}}
        )
