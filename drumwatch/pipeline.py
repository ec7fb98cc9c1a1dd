"""What happens to one arrival: heard, decided, written down, acted on. And what a crash left half-done."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from drumwatch.config import FILING
from drumwatch.errors import ActionFailed, CannotUndo, DrumwatchError
from drumwatch.filing import duplicates, tags
from drumwatch.filing.actions import carry_out
from drumwatch.filing.copies import left_behind, remove_leftover, synced_together
from drumwatch.filing.outcomes import UNTOUCHED
from drumwatch.filing.recovery import settle_half_done
from drumwatch.filing.rules import Risk, decide
from drumwatch.filing.sounds import content_hash
from drumwatch.filing.tags import Tagger
from drumwatch.filing.undo import reverse
from drumwatch.intake.rest import fingerprint
from drumwatch.journal import Filter, Journal, Plan
from drumwatch.records import Action, Decision, Entry, Origin, Verdict
from drumwatch.workers import CannotHear, Reply, Request, answer, refuse_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from drumwatch.config import Config, Watch
    from drumwatch.filing.outcomes import Outcome
    from drumwatch.journal import Unpacked
    from drumwatch.records import Arrival

log = logging.getLogger(__name__)

SHIPPED_CARD = Path(__file__).parent / "hearing" / "model" / "model.json"
BACKUPS = "backups"  # in the state folder: the ways back that are too large for the journal
WITH_PACK = "pack"  # the rule by which a readme follows the sounds
HANDLED, FAILED, PUT_BACK = "handled", "failed", "put back"  # why a file is nothing new


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back from the worker."""

    verdict: Verdict
    content_hash: str
    digest: str = ""  # of what is heard, whatever the format and the tags


@dataclass(frozen=True, slots=True)
class NoSound:
    """What stands in its place for a readme."""

    content_hash: str
    verdict: None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one arrival: its entries, and why it has to be tried again, if it has."""

    entries: tuple[Entry, ...]
    again: str = ""
    trouble: str = ""  # of ours, and no file's fault: it keeps every file from being handled


class Incoming(NamedTuple):
    """A heard sound that is to be filed; without a batch it joins the one of its pack."""

    arrival: Arrival
    watch: Watch
    reply: Reply
    batch: int | None = None
    confirmed: str = ""  # the label that the user has said


@dataclass(frozen=True, slots=True)
class _Case:
    """One arrival with all that acting on it needs."""

    arrival: Arrival
    watch: Watch
    sound: Heard | NoSound
    decision: Decision
    batch: int
    newcomer: Arrival | None = None  # what arrived, where a link to its twin is made instead


@dataclass(slots=True)
class _Step:
    """One planned action and what came of it."""

    action: Action
    plan: Plan
    entry_id: int
    outcome: Outcome | None = None
    error: str = ""
    crashed: bool = False


@dataclass(slots=True)
class _Task:
    """What is to be done about one incoming sound; `answered` where that was clear at once."""

    answered: Filed | None
    case: _Case | None = None
    steps: list[_Step] = field(default_factory=list)


def read_card(path: Path = SHIPPED_CARD) -> dict[str, Any]:
    """The model's card: plain JSON, so that deciding needs no model."""
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise DrumwatchError(
            f"The model's card {path} cannot be read ({exc}): please reinstall drumwatch."
        ) from exc
    return card


def hearing_request(path: Path, watch: Watch, **more: bool) -> Request:
    """What a worker is asked about a file; `hash=True, sound=True` for one that is to be filed."""
    return {
        "op": "hear",
        "path": str(path),
        "max_seconds": watch.max_seconds,
        "use_names": watch.names == "hint",
        **more,
    }


def heard(reply: Reply) -> Heard:
    """The verdict in a reply; raises UnreadableAudio with the worker's sentence."""
    refuse_errors(reply)
    return Heard(msgspec.convert(reply["verdict"], Verdict), reply.get("hash", ""), reply.get("sound", ""))


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
        card: dict[str, Any] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        card = card or read_card()
        self.config = config
        self.model: str = card["id"]
        self.dry_run = dry_run
        self._risk = Risk.from_card(card)
        self._journal = journal
        self._hearing = hearing
        self._tagging = tagging  # its own, as tagging must not wait behind a thousand sounds to be heard
        self._state = state
        self._clock = clock

    def hear(self, arrival: Arrival, watch: Watch) -> Future[Reply]:
        """Ask for a verdict; the answer comes when a worker has time."""
        return self._hearing.submit(answer, hearing_request(arrival.path, watch, hash=True, sound=True))

    def file(
        self, arrival: Arrival, watch: Watch, reply: Reply, batch: int | None = None, confirmed: str = ""
    ) -> Filed:
        """Decide about a heard sound and do it. Whatever fails becomes an entry, never an exception."""
        return self.file_together([Incoming(arrival, watch, reply, batch, confirmed)])[0]

    def file_together(self, group: Sequence[Incoming]) -> list[Filed]:
        """The same for several sounds: all are written down, then done, then written down again.

        The journal is on the disk twice for the whole group, not twice for each sound: that costs more than the moves.
        """
        with self._journal.acting():
            with self._journal.transaction():
                tasks = [self._prepare(one) for one in group]
            return self._carry_out(tasks)

    def _carry_out(self, tasks: Sequence[_Task]) -> list[Filed]:
        with synced_together(), left_behind() as leftovers:
            for task in tasks:
                self._do(task)
        with self._journal.transaction():
            self._journal.note_leftovers(leftovers)
            return [self._conclude(task) for task in tasks]

    def _prepare(self, one: Incoming) -> _Task:
        """Decided and planned, or answered already where there is nothing to decide about."""
        arrival, watch, reply, batch, confirmed = one
        try:
            sound = heard(reply)
        except CannotHear as exc:
            return _Task(Filed((), again=str(exc), trouble=str(exc)))
        except DrumwatchError as exc:
            return _Task(Filed(self.refuse(arrival, str(exc), batch)))
        if batch is None:
            batch = self._journal.batch(watch.folder, arrival.pack, self._clock())
        confirmed = confirmed or self._journal.confirmed_label(sound.content_hash)
        decision = decide(arrival, sound.verdict, self.config, watch, self._risk, confirmed=confirmed)
        if arrival.origin:
            decision = out_of_archive(decision)
        case = _Case(arrival, watch, sound, decision, batch)
        if twin := next(self._twins(arrival, sound), None):
            case = self._beside_its_twin(case, twin)
        return _Task(None, case, [self._step(action, case) for action in case.decision.actions])

    def _beside_its_twin(self, case: _Case, twin: Entry) -> _Case:
        decision = duplicates.decided(self.config.duplicates, case.decision, twin)
        if not duplicates.links_to_twin(decision) or twin.destination is None:
            return replace(case, decision=decision)
        mark = fingerprint(twin.destination)
        if mark is None:
            return case
        linked = replace(case.arrival, path=twin.destination, fingerprint=mark, origin=None)
        sound = replace(case.sound, content_hash=content_hash(twin.destination))
        return replace(case, arrival=linked, sound=sound, decision=decision, newcomer=case.arrival)

    def _twins(self, arrival: Arrival, sound: Heard) -> Iterator[Entry]:
        """Entries whose file is there and sounds the same as this arrival; none where nobody has asked."""
        found = self._journal.same_sound(sound.digest) if sound.digest else iter(())
        return (entry for entry in found if duplicates.is_there(entry, arrival.path))

    def _step(self, action: Action, case: _Case) -> _Step:
        plan = _plan(action, case)
        entry_id = self._journal.plan(plan, self._clock())
        if case.sound.digest:
            self._journal.note_sound(entry_id, case.sound.digest)
        return _Step(action, plan, entry_id)

    def _do(self, task: _Task) -> None:
        """One step after the other, until one fails."""
        if self.dry_run or task.case is None:
            return
        for step in task.steps:
            try:
                step.outcome = self._act(step.action, task.case, step.entry_id)
            except ActionFailed as exc:
                step.error = str(exc)
            except (
                Exception
            ):  # a bug of ours must not stop the others: what it left is mended like after a crash
                log.exception("%s could not be filed", task.case.arrival.path)
                step.crashed = True
            if step.outcome is None:
                return

    def _conclude(self, task: _Task) -> Filed:
        if task.answered:
            return task.answered
        entries: list[Entry] = []
        for step in task.steps:
            if self.dry_run:
                self._name_origin(step, task.case)
                entries.append(self._journal.get(step.entry_id))
            elif step.outcome:
                self._finish(step, step.outcome, task.case)
                entries.append(self._journal.get(step.entry_id))
            elif step.crashed:
                entries.append(_recover(self._journal, self._journal.get(step.entry_id), self._state))
                return Filed(tuple(entries))
            else:
                why = step.error or "Not tried, as the step before it failed."
                self._journal.finish(step.entry_id, "failed", error=why)
                self._name_origin(step, task.case)
                entries += _new(self._journal.fold(step.entry_id))
        return Filed(tuple(entries), again=next((step.error for step in task.steps if step.error), ""))

    def bring_along(self, arrival: Arrival, watch: Watch, action: Action, batch: int) -> Filed:
        """What is no sound but belongs to a pack, as it is, to its place beside the sounds."""
        decision = Decision(WITH_PACK, (action,), f"belongs to the pack {arrival.pack}", "", 0.0, sure=True)
        with self._journal.acting():
            sound = NoSound(content_hash(arrival.path))
            case = _Case(arrival, watch, sound, decision, batch)
            with self._journal.transaction():
                task = _Task(None, case, [self._step(action, case)])
            return self._carry_out([task])[0]

    def refuse(
        self, arrival: Arrival, why: str, batch: int | None = None, *, for_good: bool = True
    ) -> tuple[Entry, ...]:
        """A file that cannot be heard stays where it is; `for_good`: it is not looked at again until it changes.

        Returns the entry, or none where an earlier one says the same.
        """
        if batch is None:
            batch = self._journal.batch(arrival.watch, arrival.pack, self._clock())
        mark = arrival.fingerprint
        plan = Plan(
            batch,
            arrival.known_as,
            None,
            "leave",
            "cannot be heard",
            "",
            fingerprint=mark,
            state="failed",
            error=why,
        )
        with self._journal.transaction():
            entry_id = self._journal.plan(plan, self._clock())
            if for_good and not arrival.origin:
                self._journal.note_seen(arrival.path, mark, FAILED)
            return _new(self._journal.fold(entry_id))

    def _finish(self, step: _Step, outcome: Outcome, case: _Case | None) -> None:
        untouched = UNTOUCHED in outcome.detail
        note = outcome.note if step.plan.action != "leave" else ""
        self._journal.finish(
            step.entry_id,
            "done",
            action="leave" if untouched else "",
            destination=None if untouched else outcome.path,
            reason=f"{step.plan.reason}; {note}" if note else "",
            detail=outcome.detail,
        )
        for path in self._on_the_disk(step, case):
            remember(self._journal, path, HANDLED)
        self._name_origin(step, case)

    def _on_the_disk(self, step: _Step, case: _Case | None) -> Iterator[Path]:
        """What was dealt with and lies, or lay, where a watch may see it."""
        if case is None or not case.arrival.origin:
            yield step.plan.source
        if case and case.newcomer and not case.newcomer.origin:
            yield case.newcomer.path

    def _name_origin(self, step: _Step, case: _Case | None) -> None:
        """What lay unpacked for a moment is known by its archive from now on."""
        if case and case.arrival.origin:
            self._journal.name_origin(step.entry_id, case.arrival.origin)

    def _act(self, action: Action, case: _Case, entry_id: int) -> Outcome:
        return carry_out(
            action,
            case.arrival.path,
            case.arrival.fingerprint,
            case.sound.content_hash,
            entry_id=entry_id,
            library=case.watch.library,
            planned=functools.partial(self._journal.replan, entry_id),
            tagger=self._tagger(case.decision) if action.kind == "tag" else None,
            min_free=self.config.min_free,
        )

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
        request = {"op": "tag", "path": str(path), "temp": str(temp), "label": label, "machine": machine}
        reply = self._tagging.submit(answer, {**request, "overwrite": overwrite}).result()
        written: dict[str, str] = refuse_errors(reply)["written"]
        return written


def origin_of(path: Path, unpacked: Iterable[Unpacked]) -> Origin | None:
    """Where a file that lies in one of these folders comes from; None for one that lies elsewhere."""
    for one in unpacked:
        if path.is_relative_to(one.folder):
            return Origin(one.archive, one.archive_hash, path.relative_to(one.folder))
    return None


def out_of_archive(decision: Decision) -> Decision:
    """The same for what lies unpacked: any way of filing is a move of that; there is no sound to tag in an archive."""
    actions = tuple(
        replace(action, kind="move" if action.kind in FILING else "leave", leave_link=False)
        for action in decision.actions
    )
    tagged = any(action.kind == "tag" for action in decision.actions)
    why = f"{decision.reason}; nothing is tagged inside an archive" if tagged else decision.reason
    return replace(decision, actions=actions, reason=why)


def _new(entry: Entry | None) -> tuple[Entry, ...]:
    return (entry,) if entry else ()


def _plan(action: Action, case: _Case) -> Plan:
    verdict, decision = case.sound.verdict, case.decision
    return Plan(
        batch=case.batch,
        source=case.arrival.path,
        destination=action.destination,
        action=action.kind,
        rule=decision.rule,
        reason=decision.reason,
        label=decision.label,
        type=verdict.type if verdict else "",
        confidence=decision.confidence,
        verdict=verdict,
        content_hash=case.sound.content_hash,
        fingerprint=case.arrival.fingerprint,
    )


def remember(journal: Journal, path: Path, why: str) -> None:
    """What is at this path now is nothing new; if nothing is, whatever comes there next is."""
    if mark := fingerprint(path):
        journal.note_seen(path, mark, why)
    else:
        journal.forget(path)


def take_back(journal: Journal, entry: Entry, *, clock: Callable[[], float] = time.time) -> Entry:
    """Undo one done entry; returns the entry that says so. Raises CannotUndo with the reason, which is in the journal as well."""
    with journal.acting(), left_behind() as leftovers:
        undo_id = _plan_undo(journal, entry, clock())
        try:
            outcome = reverse(entry, undo_id=undo_id, planned=functools.partial(journal.replan, undo_id))
        except CannotUndo as exc:
            with journal.transaction():
                journal.note_leftovers(leftovers)
                journal.finish(undo_id, "failed", error=str(exc))
            raise
        with journal.transaction():
            note = f"takes back entry {entry.id}; {outcome.note}" if outcome.note else ""
            journal.finish(undo_id, "done", reason=note, detail=outcome.detail)
            journal.finish(entry.id, "undone")
            remember(journal, entry.source, PUT_BACK)
    return journal.get(undo_id)


def _plan_undo(journal: Journal, entry: Entry, now: float) -> int:
    plan = Plan(
        entry.batch,
        entry.destination or entry.source,
        entry.source,
        entry.action,
        "undo",
        f"takes back entry {entry.id}",
        label=entry.label,
        type=entry.type,
        confidence=entry.confidence,
        content_hash=entry.content_hash,
        fingerprint=entry.fingerprint,
        undoes=entry.id,
    )
    with journal.transaction():
        if entry.fingerprint:
            journal.note_seen(
                entry.source, entry.fingerprint, PUT_BACK
            )  # before it comes: a daemon may be watching
        return journal.plan(plan, now)


def make_libraries(config: Config, journal: Journal) -> None:
    """A library that was never used is made; one that was, and is gone, is on a disk that has to come back first."""
    for library in {config.library, *(watch.library for watch in config.watches)}:
        if not library.exists() and not journal.filed_into(library):
            with contextlib.suppress(OSError):  # each file will say what is wrong
                library.mkdir(parents=True)


def recover(journal: Journal, *, state: Path) -> list[Entry]:
    """What a crash left half-done is finished or taken back; returns the entries that were open."""
    with journal.acting():
        _remove_leftovers(journal)
        return [
            _recover(journal, entry, state) for entry in list(journal.entries(Filter(states=("planned",))))
        ]


def _remove_leftovers(journal: Journal) -> None:
    """What an action that failed could not clean up itself, as its disk could not be written to any more."""
    for path in journal.leftovers():
        if remove_leftover(path):
            journal.drop_leftover(path)


def _recover(journal: Journal, entry: Entry, state: Path) -> Entry:
    found = settle_half_done(entry, backups=state / BACKUPS)
    with journal.transaction():
        journal.finish(
            entry.id, found.state, destination=found.path, error=found.note if found.state == "failed" else ""
        )
        if found.state == "done":
            remember(journal, entry.source, HANDLED)
            if entry.undoes is not None:
                journal.finish(entry.undoes, "undone")
        if found.state != "planned" and (origin := origin_of(entry.source, journal.unpacked())):
            journal.name_origin(entry.id, origin)
    return journal.get(entry.id)
