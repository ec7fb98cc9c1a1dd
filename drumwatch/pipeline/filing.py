"""From a worker's answer to a place in the library: one straight line for each arrival."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.config import FILING
from drumwatch.core.errors import (
    ActionFailed,
    AnalysisUnavailable,
    DiskUnavailable,
    DrumwatchError,
    SoundGone,
)
from drumwatch.core.records import KEPT_WHOLE, NEEDED_BY, Action, Decision, Entry
from drumwatch.filing import duplicates, tags
from drumwatch.filing.actions import carry_out
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.rename import Renames
from drumwatch.filing.results import LEFT, MADE, TWIN, UNTOUCHED
from drumwatch.filing.rules import RiskCurve, decide
from drumwatch.filing.tags import Tagger
from drumwatch.filing.up_to_date import is_up_to_date
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Journal, Plan
from drumwatch.pipeline.analysis_results import AnalyzedSound, NotAnalyzed, analyzed_sound, filing_request
from drumwatch.pipeline.library_disks import Disks
from drumwatch.pipeline.records import (
    TOO_MANY,
    WITH_PACK,
    Case,
    FilingRequest,
    FilingResult,
    Kept,
    Outage,
    Step,
    Task,
    plan_of,
)
from drumwatch.pipeline.recovery import BACKUPS, recover_one
from drumwatch.pipeline.seen import FAILED, HANDLED, note_folders, remember
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.protocol import Analyzed, TagsWritten, WriteTags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import Arrival
    from drumwatch.filing.results import ActionResult
    from drumwatch.workers.model_store import StoredModel
    from drumwatch.workers.protocol import Analyze, Answer

log = logging.getLogger(__name__)

FILED_AT_ONCE = 32  # sounds for which the journal is written together: see `Pipeline.file_together`
DAY = 86_400.0
MOST_MOVES = 3  # of one sound, away from one path, within a day


class Pipeline:
    """One arrival from hearing to its place, with every step in the journal before it is taken.

    A dry run decides and writes down like any other (its journal is a copy in memory) but does not act.
    """

    def __init__(
        self,
        config: Config,
        journal: Journal,
        hearing: Executor,
        tagging: Executor,
        *,
        state: Path,
        dry_run: bool = False,
        model: StoredModel | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.config = config
        self.dry_run = dry_run
        self._disks = Disks(journal)
        self._journal = journal
        self._hearing = hearing
        self._tagging = tagging  # its own, as tagging must not wait behind a thousand sounds to be heard
        self._state = state
        self._clock = clock
        self._renames = Renames()
        self.said: Path | None = None  # the file of sounds that the user has named, for the workers
        self.take_up(model or model_store.shipped())

    def take_up(self, model: StoredModel, risk: RiskCurve | None = None) -> None:
        """From now on this model judges, and its own risk holds, or the one that is known to hold here."""
        self._chosen = model
        self.model = model.id
        self._risk = risk or RiskCurve.from_card(model.card)

    def hear(self, arrival: Arrival, watch: Watch) -> Future[Answer]:
        """Ask for a verdict; the answer comes when a worker has time."""
        return self._hearing.submit(answer, self.request(arrival, watch))

    def request(self, arrival: Arrival, watch: Watch) -> Analyze:
        """What a worker has to be asked about a sound that is to be filed."""
        corrections = str(self.said) if self.said else ""
        return filing_request(arrival.path, watch, model=self._chosen.file, corrections=corrections)

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
        """Decide about a heard sound and do it. Whatever fails becomes an entry, never an exception."""
        return self.file_together([FilingRequest(arrival, watch, analysis, batch, confirmed, stays)])[0]

    def file_together(self, group: Sequence[FilingRequest]) -> list[FilingResult]:
        """The same for several sounds: all are written down, then done, then written down again.

        The journal is on the disk twice for the whole group, not twice for each sound: that costs more than the moves.
        """
        with self._journal.acting():
            kept = self._keep_with_their_packs(group)
            with self._journal.transaction():
                tasks = [self._task(one, kept.get(at)) for at, one in enumerate(group)]
            filed = [self._or_copied(*each) for each in zip(tasks, self._carry_out(tasks), strict=True)]
        return [with_kept(one, kept.get(at)) for at, one in enumerate(filed)]

    def _keep_with_their_packs(self, group: Sequence[FilingRequest]) -> dict[int, Kept]:
        """Those of the group whose packs are kept whole lie in the library afterwards; by their place in the group."""
        waiting = {at: one for at, one in enumerate(group) if self._is_to_be_kept(one)}
        if not waiting:
            return {}
        with self._journal.transaction():
            tasks = [self._task_to_keep(one) for one in waiting.values()]
        filed = self._carry_out(tasks)
        return {at: self._kept(task, result) for at, task, result in zip(waiting, tasks, filed, strict=True)}

    def _is_to_be_kept(self, one: FilingRequest) -> bool:
        """Only what has been heard: the others are tried again, or follow with the rest of their pack."""
        claim = one.arrival.claim
        if not claim or not claim.keep_at or not isinstance(one.answer, Analyzed):
            return False
        return not self._is_ping_pong(one.arrival, analyzed_sound(one.answer))

    def _task_to_keep(self, one: FilingRequest) -> Task:
        arrival, claim, watch = one.arrival, one.arrival.claim, one.watch
        if claim is None or claim.keep_at is None:
            raise ValueError(f"nothing says where {arrival.path} is to be kept")
        kind = "move" if arrival.origin else watch.action
        leave_link = kind == "move" and watch.leave_link and not arrival.origin
        batch = one.batch or self._journal.batches.current(watch.folder, arrival.pack, self._clock())
        action = Action(kind, claim.keep_at, leave_link=leave_link)
        return self._planned_as_it_is(
            arrival,
            watch,
            action,
            batch,
            digest=expect(one.answer, Analyzed).content_hash,
            needed_by=claim.by,
        )

    def _kept(self, task: Task, filed: FilingResult) -> Kept:
        if task.case is None:
            return Kept(filed)
        (step,), arrival = task.steps, task.case.arrival
        if self.dry_run and step.action.destination:
            return Kept(filed, replace(arrival, path=step.action.destination, origin=None))
        if step.outcome is None:
            return Kept(filed)
        path = step.outcome.path
        if UNTOUCHED in step.outcome.detail:  # an earlier run has put it there
            path = Path(step.outcome.detail.get(TWIN, path))
            self._journal.entries.withdraw(step.entry_id)
            filed = FilingResult(())
        mark = stamp_of(path)
        return Kept(filed, replace(arrival, path=path, stamp=mark, origin=None) if mark else None)

    def _or_copied(self, task: Task, filed: FilingResult) -> FilingResult:
        """A sound that its pack needs is copied where a link to it has turned out to be impossible."""
        is_link = task.case and task.case.arrival.claim and task.steps[0].action.kind == "hardlink"
        if not is_link or not filed.again or filed.gone or filed.trouble or task.case is None:
            return filed
        actions = tuple(replace(action, kind="copy") for action in task.case.decision.actions)
        case = replace(task.case, decision=replace(task.case.decision, actions=actions))
        with self._journal.transaction():
            for entry in filed.entries:
                self._journal.entries.withdraw(entry.id)
            copied = Task(None, case, [self._step(action, case) for action in actions])
        return self._carry_out([copied])[0]

    def _carry_out(self, tasks: Sequence[Task]) -> list[FilingResult]:
        transfer = Transfer(self._renames)
        with transfer.synced_together():
            for task in tasks:
                self._do(task, transfer)
        with self._journal.transaction():
            self._journal.state.note_leftovers(transfer.leftovers)
            return [self._conclude(task) for task in tasks]

    def _task(self, one: FilingRequest, kept: Kept | None) -> Task:
        """What is to be done about it; `kept`: what became of it as a part of a pack that is kept whole."""
        return Task(kept.filed) if kept and kept.arrival is None else self._prepare(one, kept)

    def _prepare(self, one: FilingRequest, kept: Kept | None = None) -> Task:
        """Decided and planned, or answered already where there is nothing to decide about."""
        arrival, watch, analysis, batch, confirmed, _ = one
        try:
            sound = analyzed_sound(analysis)
        except AnalysisUnavailable as exc:
            return Task(FilingResult((), again=str(exc), trouble=Outage(str(exc))))
        except DrumwatchError as exc:
            if not os.path.lexists(arrival.path):
                return Task(FilingResult((), again=str(exc), gone=True))
            return Task(FilingResult(self.refuse(arrival, str(exc), batch)))
        if not confirmed and not kept and self._is_ping_pong(arrival, sound):
            why = f"{arrival.path.name} was moved away {MOST_MOVES} times within a day, and something brings it back: it stays"
            return Task(FilingResult(self.refuse(arrival, why, batch)))
        if batch is None:
            batch = self._journal.batches.current(watch.folder, arrival.pack, self._clock())
        case = self._case(one, kept, sound, batch)
        if case is None:
            return Task(FilingResult(()))
        return Task(None, case, [self._step(action, case) for action in case.decision.actions])

    def _case(self, one: FilingRequest, kept: Kept | None, sound: AnalyzedSound, batch: int) -> Case | None:
        """What is decided about it; None where an earlier run has done that with a sound that its pack keeps."""
        arrival = one.arrival
        decision = self.decided(arrival, one.watch, sound, one.confirmed)
        if kept and kept.arrival:
            arrival = kept.arrival
            if not kept.filed.entries and self._has_stood(arrival, decision):
                return None
        if arrival.origin:
            decision = out_of_archive(decision)
        if one.stays:
            decision = untouched(decision, one.stays)
        case = Case(arrival, one.watch, sound, decision, batch, corrected=bool(one.confirmed))
        twin = next(self._twins(arrival, sound), None)
        return self._beside_its_twin(case, twin) if twin else case

    def _is_ping_pong(self, arrival: Arrival, sound: AnalyzedSound) -> bool:
        """Another program, or another drumwatch that watches our library, wants it here."""
        day_ago = self._clock() - DAY
        return self._journal.entries.times_moved(arrival.path, sound.content_hash, day_ago) >= MOST_MOVES

    def decided(self, arrival: Arrival, watch: Watch, sound: AnalyzedSound, confirmed: str = "") -> Decision:
        """What the user has said of this very sound goes before what they have said of a copy, and that before the rules."""
        confirmed = confirmed or self._journal.confirmations.label_of(sound.content_hash)
        copied = "" if confirmed or not sound.copy_of else self._journal.confirmations.label_of(sound.copy_of)
        return decide(
            arrival,
            sound.verdict,
            self.config,
            watch,
            self._risk,
            confirmed=confirmed or copied,
            copy=bool(copied),
        )

    def is_up_to_date(self, arrival: Arrival, watch: Watch) -> bool:
        """Whether an earlier run did with this very file what would be decided today, and the result is still there."""
        entry = self._journal.entries.latest_about(arrival.path, arrival.stamp)
        if entry and entry.is_kept_whole:
            entry = self._of_the_kept(entry, arrival, watch)
        if entry is None or entry.verdict is None or entry.model != self.model:
            return False
        decision = self.decided(arrival, watch, AnalyzedSound(entry.verdict, entry.content_hash))
        return is_up_to_date(entry, decision.actions[0])

    def _has_stood(self, arrival: Arrival, decision: Decision) -> bool:
        entry = self._journal.entries.latest_about(arrival.path, arrival.stamp)
        return entry is not None and entry.verdict is not None and is_up_to_date(entry, decision.actions[0])

    def is_up_to_date_along(self, arrival: Arrival, action: Action) -> bool:
        """The same for what belongs to a pack and is no sound."""
        entry = self._journal.entries.latest_about(arrival.path, arrival.stamp)
        return entry is not None and is_up_to_date(entry, action)

    def _beside_its_twin(self, case: Case, twin: Entry) -> Case:
        decision = duplicates.decided(self.config.duplicates, case.decision, twin)
        if not duplicates.links_to_twin(decision) or twin.destination is None:
            return replace(case, decision=decision)
        mark = stamp_of(twin.destination)
        if mark is None:
            return case
        linked = replace(case.arrival, path=twin.destination, stamp=mark, origin=None)
        sound = replace(case.sound, content_hash=content_hash(twin.destination))
        return replace(case, arrival=linked, sound=sound, decision=decision, newcomer=case.arrival)

    def _twins(self, arrival: Arrival, sound: AnalyzedSound) -> Iterator[Entry]:
        """Entries whose file is there and sounds the same as this arrival; none where nobody has asked."""
        found = self._journal.confirmations.same_sound(sound.digest) if sound.digest else iter(())
        return (entry for entry in found if duplicates.is_there(entry, arrival.path))

    def _step(self, action: Action, case: Case) -> Step:
        plan = plan_of(action, case)
        entry_id = self._journal.entries.plan(plan, self._clock())
        if case.sound.digest:
            self._journal.confirmations.note_sound(entry_id, case.sound.digest)
        return Step(action, plan, entry_id)

    def _do(self, task: Task, transfer: Transfer) -> None:
        """One step after the other, until one fails."""
        if self.dry_run or task.case is None:
            return
        for step in task.steps:
            try:
                step.outcome = self._act(step.action, task.case, step.entry_id, transfer)
            except ActionFailed as exc:
                step.error = str(exc)
                step.gone = isinstance(exc, SoundGone)
                if isinstance(exc, DiskUnavailable):
                    step.trouble = Outage(exc.trouble, exc.where)
            except Exception:
                # A bug of ours must not stop the others: what it left is mended like after a crash
                log.exception("%s could not be filed", task.case.arrival.path)
                step.crashed = True
            if step.outcome is None:
                return

    def _conclude(self, task: Task) -> FilingResult:
        if task.answered:
            return task.answered
        entries: list[Entry] = []
        failed = next((step for step in task.steps if step.error), None)
        for step in task.steps:
            if self.dry_run:
                self._name_origin(step, task.case)
                entries.append(self._journal.entries.get(step.entry_id))
            elif step.outcome:
                entries.append(self._finish(step, step.outcome, task.case))
            elif step.crashed:
                entries.append(
                    recover_one(self._journal, self._journal.entries.get(step.entry_id), self._state)
                )
                return FilingResult(tuple(entries))
            elif failed and failed.gone:
                self._journal.entries.withdraw(step.entry_id)
            else:
                why = step.error or "Not tried, as the step before it failed."
                self._journal.entries.finish(step.entry_id, "failed", error=why)
                self._name_origin(step, task.case)
                entries += _new(self._journal.entries.drop_repeated_failure(step.entry_id))
        if failed:
            return FilingResult(tuple(entries), failed.error, failed.trouble, failed.gone)
        return FilingResult(tuple(entries))

    def _of_the_kept(self, kept: Entry, arrival: Arrival, watch: Watch) -> Entry | None:
        """What was decided about this sound after its pack had come to the library, where both still lie."""
        claim, place = arrival.claim, kept.destination
        if claim is None or claim.keep_at is None or place is None:
            return None
        mark = stamp_of(place)
        is_there = is_up_to_date(kept, Action(watch.action, claim.keep_at))
        return self._journal.entries.latest_about(place, mark) if mark and is_there else None

    def bring_along(
        self, arrival: Arrival, watch: Watch, action: Action, batch: int, *, needed_by: str = ""
    ) -> FilingResult:
        """What is no sound but belongs to a pack, as it is, to its place beside the sounds.

        `needed_by`: the document in it that has the whole pack kept together.
        """
        with self._journal.acting():
            digest = content_hash(arrival.path)
            with self._journal.transaction():
                task = self._planned_as_it_is(
                    arrival, watch, action, batch, digest=digest, needed_by=needed_by
                )
            return self._carry_out([task])[0]

    def _planned_as_it_is(
        self, arrival: Arrival, watch: Watch, action: Action, batch: int, *, digest: str, needed_by: str
    ) -> Task:
        rule, why = WITH_PACK, f"belongs to the pack {arrival.pack}"
        if needed_by:
            rule, why = KEPT_WHOLE, f"the pack {arrival.pack} is kept whole for {needed_by}"
        decision = Decision(rule, (action,), why, "", 0.0, sure=True)
        detail = {NEEDED_BY: needed_by} if needed_by else {}
        case = Case(arrival, watch, NotAnalyzed(digest), decision, batch, detail=detail)
        return Task(None, case, [self._step(action, case)])

    def leave(self, arrival: Arrival, why: str, batch: int) -> tuple[Entry, ...]:
        """Documents of a pack stay where they are; the entry, or none where the last one about this pack says the same."""
        plan = Plan(
            batch,
            arrival.known_as,
            None,
            "leave",
            TOO_MANY,
            why,
            stamp=arrival.stamp,
            state="planned" if self.dry_run else "done",
        )
        with self._journal.transaction():
            entry_id = self._journal.entries.plan(plan, self._clock())
            entry = self._journal.entries.drop_repeated_leave(entry_id)
        return (entry,) if entry.id == entry_id else ()

    def refuse(
        self, arrival: Arrival, why: str, batch: int | None = None, *, for_good: bool = True
    ) -> tuple[Entry, ...]:
        """A file that cannot be heard stays where it is; `for_good`: it is not looked at again until it changes.

        Returns the entry, or none where an earlier one says the same.
        """
        if batch is None:
            batch = self._journal.batches.current(arrival.watch, arrival.pack, self._clock())
        mark = arrival.stamp
        plan = Plan(
            batch,
            arrival.known_as,
            None,
            "leave",
            "cannot be heard",
            "",
            stamp=mark,
            state="failed",
            error=why,
        )
        with self._journal.transaction():
            entry_id = self._journal.entries.plan(plan, self._clock())
            if for_good and not arrival.origin:
                self._journal.seen.note(arrival.path, mark, FAILED)
            return _new(self._journal.entries.drop_repeated_failure(entry_id))

    def _finish(self, step: Step, outcome: ActionResult, case: Case | None) -> Entry:
        """The entry that tells of it: where a file is left by itself, and the last word on it was the same, that one."""
        untouched, leaves = UNTOUCHED in outcome.detail, step.plan.action == "leave"
        note = "" if leaves else outcome.note
        self._journal.entries.finish(
            step.entry_id,
            "done",
            action="leave" if untouched else "",
            destination=None if untouched else outcome.path,
            reason=f"{step.plan.reason}; {note}" if note else "",
            detail={**(case.detail if case else {}), **outcome.detail},
        )
        for path in self._on_the_disk(step, case):
            remember(self._journal, path, HANDLED)
        if outcome.detail.keys() & {MADE, LEFT}:
            note_folders(self._journal, self._journal.entries.get(step.entry_id))
        self._name_origin(step, case)
        by_itself = leaves and not (case and case.corrected)
        return (
            self._journal.entries.drop_repeated_leave(step.entry_id)
            if by_itself
            else self._journal.entries.get(step.entry_id)
        )

    def _on_the_disk(self, step: Step, case: Case | None) -> Iterator[Path]:
        """What was dealt with and lies, or lay, where a watch may see it."""
        if case is None or not case.arrival.origin:
            yield step.plan.source
        if case and case.newcomer and not case.newcomer.origin:
            yield case.newcomer.path

    def _name_origin(self, step: Step, case: Case | None) -> None:
        """What lay unpacked for a moment is known by its archive from now on."""
        if case and case.arrival.origin:
            self._journal.batches.name_origin(step.entry_id, case.arrival.origin)

    def _act(self, action: Action, case: Case, entry_id: int, transfer: Transfer) -> ActionResult:
        if action.destination:
            self._disks.require(case.watch.library)
        return carry_out(
            action,
            case.arrival.path,
            case.arrival.stamp,
            case.sound.content_hash,
            entry_id=entry_id,
            library=case.watch.library,
            planned=functools.partial(self._replan, entry_id, action.kind),
            transfer=transfer,
            tagger=self._tagger(case.decision) if action.kind == "tag" else None,
            min_free=self.config.min_free,
            leaves=self._journal.folders.made_around(case.arrival.path.parent),
        )

    def _replan(self, entry_id: int, kind: str, destination: Path, detail: dict[str, str]) -> None:
        """A copy does not wait for the disk: if the power takes this word, its original is there and the copy is left as somebody's."""
        with self._journal.without_sync() if kind == "copy" else contextlib.nullcontext():
            self._journal.entries.replan(entry_id, destination, detail)

    def _tagger(self, decision: Decision) -> Tagger:
        machine = tags.machine_text(decision.label, decision.confidence, self.model)
        return Tagger(self._write_tags, tags.human_text(decision.label), machine, self._state / BACKUPS)

    def _write_tags(
        self,
        path: Path,
        temp: Path,
        label: str,
        machine: str,
        overwrite: bool,  # noqa: FBT001  as WriteTags wants it
    ) -> dict[str, str]:
        request = WriteTags(str(path), str(temp), label, machine, overwrite)
        return expect(self._tagging.submit(answer, request).result(), TagsWritten).written


def with_kept(filed: FilingResult, kept: Kept | None) -> FilingResult:
    """The same, told together with how the sound came to the library with its pack."""
    if kept is None or kept.arrival is None:
        return filed
    return replace(filed, entries=(*kept.filed.entries, *filed.entries))


def out_of_archive(decision: Decision) -> Decision:
    """The same for what lies unpacked: any way of filing is a move of that; there is no sound to tag in an archive."""
    actions = tuple(
        replace(action, kind="move" if action.kind in FILING else "leave", leave_link=False)
        for action in decision.actions
    )
    tagged = any(action.kind == "tag" for action in decision.actions)
    why = f"{decision.reason}; nothing is tagged inside an archive" if tagged else decision.reason
    return replace(decision, actions=actions, reason=why)


def untouched(decision: Decision, why: str) -> Decision:
    """The same, but the file is left where it is, for this reason."""
    return replace(
        decision, actions=(Action("leave"),), reason=f"{decision.label}: left where it is, as {why}"
    )


def _new(entry: Entry | None) -> tuple[Entry, ...]:
    return (entry,) if entry else ()
