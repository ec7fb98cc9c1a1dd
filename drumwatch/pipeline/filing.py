"""The way of one arrival from its analysis to its place: decide, plan, act, record."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from drumwatch.config import needs_note
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.rename import Renames
from drumwatch.pipeline.acting import Actor
from drumwatch.pipeline.concluding import Recorder
from drumwatch.pipeline.deciding import Decider
from drumwatch.pipeline.imagined_folders import ImaginedFolders
from drumwatch.pipeline.keeping_whole import PackKeeper
from drumwatch.pipeline.left_in_place import FilesLeftInPlace
from drumwatch.pipeline.planning import Planner
from drumwatch.pipeline.portable_disks import PortableDisks
from drumwatch.pipeline.records import FilingRequest, FilingResult, KeptSound, PlannedFiling
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Analyze

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.config.holder import ConfigHolder
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Action, Arrival, Decision, Entry
    from drumwatch.filing.rules import RiskCurve
    from drumwatch.journal import Journal
    from drumwatch.workers.model_store import StoredModel
    from drumwatch.workers.protocol import Analyzed, Answer, KnownSound

FILED_AT_ONCE = 32  # sounds for which the journal is written together: see `Pipeline.file_together`


class Pipeline:
    """Analyzes and files arrivals, and writes each step to the journal before it is taken.

    A dry run decides and plans like any other (its journal is a copy in memory), but does not act.
    """

    def __init__(
        self,
        config: ConfigHolder,
        journal: Journal,
        analysis: Executor,
        tagging: Executor,  # its own, so that tagging does not wait behind a thousand sounds
        proving: Executor,  # other processes than those of `tagging`, whose work they check
        *,
        state: Path,
        dry_run: bool = False,
        model: StoredModel | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.dry_run = dry_run
        self.named_sounds: Path | None = None  # the file of sounds that the user has named, for the workers
        self._journal = journal
        self._analysis = analysis
        self._renames = Renames()
        self._config = config
        portable = PortableDisks()
        self._decider = Decider(config, journal, model or model_store.shipped(), portable)
        self._left_in_place = FilesLeftInPlace(journal, clock, dry_run=dry_run)
        self._planner = Planner(journal, self._decider, self._left_in_place, clock)
        self._keeper = PackKeeper(journal, self._planner)
        self._actor = Actor(journal, tagging, proving, state, portable)
        self._recorder = Recorder(journal, state)
        self._imagined = ImaginedFolders()

    @property
    def model(self) -> str:
        """The id of the model in force."""
        return self._decider.model.id

    @property
    def model_file(self) -> str:
        """The path of the model in force; empty for the one that is shipped."""
        return self._decider.model.file

    def use_model(self, model: StoredModel, risk: RiskCurve | None = None) -> None:
        """Use this model from now on, with the risk curve of its card unless another one is given."""
        self._decider.use_model(model, risk)

    def analyze(
        self,
        arrival: Arrival,
        watch: Watch,
        context: tuple[LevelEvidence, ...] = (),
        known: KnownSound | None = None,
    ) -> Future[Answer]:
        """Ask a worker for a verdict; the future has the answer when a worker has had time.

        `context` is the evidence of its neighbors. A `known` sound is judged by its record, and its file is not opened.
        """
        request = self.request(arrival, watch)
        return self._analysis.submit(answer, msgspec.structs.replace(request, context=context, known=known))

    def request(self, arrival: Arrival, watch: Watch) -> Analyze:
        """Return the request to a worker about a sound that is to be filed, judged alone."""
        return Analyze(
            str(arrival.path),
            max_seconds=watch.max_seconds,
            use_names=watch.names == "hint",
            model=self._decider.model.file,
            corrections=str(self.named_sounds) if self.named_sounds else "",
            with_hash=True,
            with_digest=True,
            with_record=True,
            with_note=needs_note(self._config.current, watch),
        )

    def decide(self, arrival: Arrival, watch: Watch, sound: Analyzed) -> Decision:
        """Return the decision about an analyzed sound, with the setting `duplicates`; writes and does nothing."""
        return self._decider.foresee(arrival, watch, sound)

    def is_up_to_date(self, arrival: Arrival, watch: Watch) -> bool:
        """Return whether an earlier run did with this file what would be decided today, and the result is still there."""
        return self._decider.is_up_to_date(arrival, watch)

    def was_searched_in_vain(self, arrival: Arrival, watch: Watch, sound: Analyzed) -> bool:
        """Return whether a sound that is filed was analyzed again only for its root note, which cannot be found now."""
        return self._decider.was_searched_in_vain(arrival, watch, sound)

    def is_in_effect(self, arrival: Arrival, action: Action) -> bool:
        """Return whether an earlier run carried out this action on this file, and the result is still there."""
        return self._decider.is_in_effect(arrival, action)

    def file(
        self,
        arrival: Arrival,
        watch: Watch,
        analysis: Answer,
        batch: int | None = None,
        *,
        confirmed: str = "",
        stays: str = "",
    ) -> FilingResult:
        """File one analyzed sound. Whatever fails becomes an entry, never an exception."""
        return self.file_together([FilingRequest(arrival, watch, analysis, batch, confirmed, stays)])[0]

    def file_together(self, group: Sequence[FilingRequest]) -> list[FilingResult]:
        """File several analyzed sounds: all are planned, then carried out, then recorded.

        The journal is synced to the disk twice for the whole group, because a sync costs more than a move.
        """
        with self._journal.acting():
            kept = self._keep_packs_whole(group)
            with self._journal.transaction():
                planned = [self._plan(request, kept.get(at)) for at, request in enumerate(group)]
            results = [
                self._copy_if_not_linked(filing, result)
                for filing, result in zip(planned, self._carry_out(planned), strict=True)
            ]
        return [_with_entries_of(kept.get(at), result) for at, result in enumerate(results)]

    def file_as_is(
        self, arrival: Arrival, watch: Watch, action: Action, batch: int, *, needed_by: str = ""
    ) -> FilingResult:
        """File what belongs to a pack and is not filed by a verdict.

        `needed_by` is the document for which the whole pack is kept together, if there is one.
        """
        with self._journal.acting():
            digest = content_hash(arrival.path)
            with self._journal.transaction():
                filing = self._planner.plan_as_is(
                    arrival, watch, action, batch, content_hash=digest, needed_by=needed_by
                )
            return self._carry_out([filing])[0]

    def refuse(
        self, arrival: Arrival, why: str, batch: int | None = None, *, for_good: bool = True
    ) -> tuple[Entry, ...]:
        """Record that a file cannot be analyzed; return the new entry, if there is one.

        With `for_good`, the file is not looked at again until it changes.
        """
        return self._left_in_place.refuse(arrival, why, batch, for_good=for_good)

    def leave(self, arrival: Arrival, why: str, batch: int) -> tuple[Entry, ...]:
        """Record that documents of a pack stay where they are; return the new entry, if there is one."""
        return self._left_in_place.leave(arrival, why, batch)

    def _keep_packs_whole(self, group: Sequence[FilingRequest]) -> dict[int, KeptSound | FilingResult]:
        """Put the sounds whose packs are kept whole into the library; returns them by their index in the group."""
        kept = {at: request for at, request in enumerate(group) if self._keeper.is_to_be_kept(request)}
        if not kept:
            return {}
        with self._journal.transaction():
            planned = [self._keeper.plan(request) for request in kept.values()]
        find = self._keeper.planned_place if self.dry_run else self._keeper.kept
        results = self._carry_out(planned)
        return {at: find(filing, result) for at, filing, result in zip(kept, planned, results, strict=True)}

    def _plan(
        self, request: FilingRequest, kept: KeptSound | FilingResult | None
    ) -> PlannedFiling | FilingResult:
        return kept if isinstance(kept, FilingResult) else self._planner.plan(request, kept)

    def _carry_out(self, planned: Sequence[PlannedFiling | FilingResult]) -> list[FilingResult]:
        """Act on all that is planned, then write all results to the journal; results are passed through."""
        if self.dry_run:
            with self._journal.transaction():
                return [
                    one
                    if isinstance(one, FilingResult)
                    else self._recorder.record_dry_run(one, self._imagined)
                    for one in planned
                ]
        transfer = Transfer(self._renames)
        config, model = self._config.current, self.model
        with transfer.synced_together():
            attempts = [
                ([], None)
                if isinstance(one, FilingResult)
                else self._actor.act(
                    one, transfer, min_free=config.min_free, model=model, file_tags_wanted=config.file_tags
                )
                for one in planned
            ]
        with self._journal.transaction():
            self._journal.state.note_leftovers(transfer.leftovers)
            return [
                one if isinstance(one, FilingResult) else self._recorder.record(one, attempt)
                for one, attempt in zip(planned, attempts, strict=True)
            ]

    def _copy_if_not_linked(self, filing: PlannedFiling | FilingResult, result: FilingResult) -> FilingResult:
        """Copy a sound that its pack needs if no hard link to it can be made."""
        if isinstance(filing, FilingResult) or not filing.arrival.claim:
            return result
        is_link = filing.decision.actions[0].kind == "hardlink"
        if not is_link or not result.again or result.gone or result.trouble:
            return result
        with self._journal.transaction():
            copy = self._planner.plan_copy_instead(filing, result)
        return self._carry_out([copy])[0]


def _with_entries_of(kept: KeptSound | FilingResult | None, result: FilingResult) -> FilingResult:
    """Return the result with the entries by which the sound came to the library with its pack."""
    if not isinstance(kept, KeptSound):
        return result
    return replace(result, entries=(*kept.entries, *result.entries))
