"""Put sounds into the library together with their pack, before they are filed by their labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.records import Action
from drumwatch.intake.stability import stamp_of
from drumwatch.pipeline.records import FilingResult, KeptSound
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from drumwatch.journal import Journal
    from drumwatch.pipeline.planning import Planner
    from drumwatch.pipeline.records import FilingRequest, PlannedFiling


class PackKeeper:
    """Plans how sounds of packs that are kept whole come to the library, and finds them there."""

    def __init__(self, journal: Journal, planner: Planner) -> None:
        self._journal = journal
        self._planner = planner

    def is_to_be_kept(self, request: FilingRequest) -> bool:
        """Return whether the sound has to be put into the library with its pack.

        A sound that could not be analyzed is tried again, or follows with the rest of its pack.
        """
        claim = request.arrival.claim
        if not claim or not claim.keep_at or not isinstance(request.answer, Analyzed):
            return False
        return not self._planner.keeps_coming_back(request.arrival, request.answer)

    def plan(self, request: FilingRequest) -> PlannedFiling:
        """Write the plan by which a sound comes to its place in the pack."""
        arrival, claim, watch = request.arrival, request.arrival.claim, request.watch
        if claim is None or claim.keep_at is None:
            raise ValueError(f"{arrival.path} belongs to no pack that is kept whole")
        kind = "move" if arrival.origin else watch.action
        leave_link = kind == "move" and watch.leave_link and not arrival.origin
        return self._planner.plan_as_is(
            arrival,
            watch,
            Action(kind, claim.keep_at, leave_link=leave_link),
            self._planner.batch_of(request),
            content_hash=expect(request.answer, Analyzed).content_hash,
            needed_by=claim.by,
        )

    def planned_place(self, filing: PlannedFiling, result: FilingResult) -> KeptSound:
        """Return the sound as it would be in the library after a dry run."""
        place = filing.decision.actions[0].destination
        path = place or filing.arrival.path
        return KeptSound(replace(filing.arrival, path=path, origin=None), result.entries)

    def kept(self, filing: PlannedFiling, result: FilingResult) -> KeptSound | FilingResult:
        """Return the sound in the library, or the result if it could not be put there."""
        entry = next(iter(result.entries), None)
        if entry is None or entry.state != "done" or entry.destination is None:
            return result
        path, entries = entry.destination, result.entries
        if entry.detail.untouched:  # an earlier run has put it there
            path, entries = entry.detail.twin or filing.arrival.path, ()
            self._journal.entries.withdraw(entry.id)
        stamp = stamp_of(path)
        if stamp is None:
            return FilingResult(entries)
        return KeptSound(replace(filing.arrival, path=path, stamp=stamp, origin=None), entries)
