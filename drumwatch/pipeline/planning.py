"""Decide about requests and write the plans to the journal, before anything is done."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.errors import AnalysisUnavailable, DrumwatchError
from drumwatch.core.records import KEPT_WHOLE, Decision
from drumwatch.journal import Plan
from drumwatch.pipeline.deciding import inside_archive, left_in_place
from drumwatch.pipeline.records import WITH_PACK, FilingResult, Outage, PlannedFiling
from drumwatch.workers.jobs import expect
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.config import Watch
    from drumwatch.core.records import Action, Arrival
    from drumwatch.journal import Journal
    from drumwatch.pipeline.deciding import Decider
    from drumwatch.pipeline.left_in_place import FilesLeftInPlace
    from drumwatch.pipeline.records import FilingRequest, KeptSound

DAY = 86_400.0
MAX_MOVES = 3  # of one sound, away from one path, within a day


class Planner:
    """Turns a request into a planned filing, or into a result if there is nothing to carry out."""

    def __init__(
        self, journal: Journal, decider: Decider, left_in_place: FilesLeftInPlace, clock: Callable[[], float]
    ) -> None:
        self._journal = journal
        self._decider = decider
        self._left_in_place = left_in_place
        self._clock = clock

    def plan(self, request: FilingRequest, kept: KeptSound | None = None) -> PlannedFiling | FilingResult:
        """Decide about a request and write its plans to the journal.

        With `kept`, the decision is carried out on the file that the sound's pack has in the library.
        """
        arrival = request.arrival
        try:
            sound = expect(request.answer, Analyzed)
        except AnalysisUnavailable as exc:
            return FilingResult((), again=str(exc), trouble=Outage(str(exc)))
        except DrumwatchError as exc:
            if not os.path.lexists(arrival.path):
                return FilingResult((), again=str(exc), gone=True)
            return FilingResult(self._left_in_place.refuse(arrival, str(exc), request.batch))
        if not request.confirmed and not kept and self.keeps_coming_back(arrival, sound):
            why = f"{arrival.path.name} was moved away {MAX_MOVES} times within a day, and something brings it back: it is left alone"
            return FilingResult(self._left_in_place.refuse(arrival, why, request.batch))
        batch = self.batch_of(request)
        decision = self._decider.decide(arrival, request.watch, sound, request.confirmed)
        if kept:
            arrival = kept.arrival
            if not kept.entries and self._decider.is_in_effect(arrival, decision.actions[0], analyzed=True):
                return FilingResult(())
        if arrival.origin:
            decision = inside_archive(decision)
        if request.stays:
            decision = left_in_place(decision, request.stays)
        filing = PlannedFiling(
            arrival,
            request.watch,
            decision,
            batch,
            sound.content_hash,
            sound.verdict,
            sound.sound_digest,
            is_correction=bool(request.confirmed),
            place=request.place,
            detail=EntryDetail(follows=request.follows),
        )
        return self.write(self._decider.apply_duplicate_setting(filing))

    def plan_as_is(
        self,
        arrival: Arrival,
        watch: Watch,
        action: Action,
        batch: int,
        *,
        content_hash: str,
        needed_by: str = "",
    ) -> PlannedFiling:
        """Write the plan for a file that comes with its pack, whatever it contains.

        `needed_by` is the document that needs the whole pack, if there is one.
        """
        rule, reason = WITH_PACK, f"belongs to the pack {arrival.pack}"
        if needed_by:
            rule, reason = KEPT_WHOLE, f"the pack {arrival.pack} is kept whole for {needed_by}"
        decision = Decision(rule, (action,), reason, "", 0.0, sure=True)
        detail = EntryDetail(needed_by=needed_by)
        return self.write(PlannedFiling(arrival, watch, decision, batch, content_hash, detail=detail))

    def plan_copy_instead(self, filing: PlannedFiling, failed: FilingResult) -> PlannedFiling:
        """Replace the entries of a hard link that failed by the plan for a copy."""
        for entry in failed.entries:
            self._journal.entries.withdraw(entry.id)
        actions = tuple(replace(action, kind="copy") for action in filing.decision.actions)
        return self.write(replace(filing, decision=replace(filing.decision, actions=actions)))

    def batch_of(self, request: FilingRequest) -> int:
        """Return the request's batch, or else the current batch of its pack."""
        if request.batch is not None:
            return request.batch
        arrival = request.arrival
        return self._journal.batches.current(request.watch.folder, arrival.pack, self._clock())

    def keeps_coming_back(self, arrival: Arrival, sound: Analyzed) -> bool:
        """Return whether something puts this sound back whenever it is moved away.

        This may be another program, or another drumwatch that watches our library.
        """
        day_ago = self._clock() - DAY
        return self._journal.entries.times_moved(arrival.path, sound.content_hash, day_ago) >= MAX_MOVES

    def write(self, filing: PlannedFiling) -> PlannedFiling:
        """Write a plan for each action to the journal, and return the filing with the ids of the entries."""
        ids = tuple(
            self._journal.entries.plan(_plan(filing, action), self._clock())
            for action in filing.decision.actions
        )
        if filing.sound_digest:
            for entry_id in ids:
                self._journal.confirmations.note_sound(entry_id, filing.sound_digest)
        if filing.place:
            for entry_id in ids:
                self._journal.places.note(entry_id, filing.place)
        return replace(filing, entry_ids=ids)


def _plan(filing: PlannedFiling, action: Action) -> Plan:
    """Return the row that the journal has before the action is tried."""
    decision = filing.decision
    return Plan(
        batch=filing.batch,
        source=filing.arrival.path,
        destination=action.destination,
        action=action.kind,
        rule=decision.rule,
        reason=decision.reason,
        label=decision.label,
        type=decision.type,
        confidence=decision.confidence,
        verdict=filing.verdict,
        content_hash=filing.content_hash,
        stamp=filing.arrival.stamp,
    )
