"""One arrival with all that filing it needs, and what came of it. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail
from drumwatch.journal import Plan

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Action, Arrival, Decision, Entry
    from drumwatch.filing.results import ActionResult
    from drumwatch.pipeline.analysis_results import AnalyzedSound, NotAnalyzed
    from drumwatch.workers.protocol import Answer

WITH_PACK = "pack"  # the rule by which a readme follows the sounds
TOO_MANY = "too many documents"  # and that by which some stay


class Outage(NamedTuple):
    """What keeps other files from being handled too: told once, not for each of them."""

    text: str
    where: Path | None = None  # the folder that it is about; None: nothing can be heard at all


@dataclass(frozen=True, slots=True)
class FilingResult:
    """What became of one arrival: its entries, and why it has to be tried again, if it has."""

    entries: tuple[Entry, ...]
    again: str = ""
    trouble: Outage | None = None  # no file's fault
    gone: bool = False  # somebody was faster: `again` says so, and nothing is to be tried


class FilingRequest(NamedTuple):
    """A heard sound that is to be filed; without a batch it joins the one of its pack."""

    arrival: Arrival
    watch: Watch
    answer: Answer
    batch: int | None = None
    confirmed: str = ""  # the label that the user has said
    stays: str = ""  # why it must not be touched where it lies, whatever is decided


@dataclass(frozen=True, slots=True)
class Case:
    """One arrival with all that acting on it needs."""

    arrival: Arrival
    watch: Watch
    sound: AnalyzedSound | NotAnalyzed
    decision: Decision
    batch: int
    newcomer: Arrival | None = None  # what arrived, where a link to its twin is made instead
    corrected: bool = False  # the user says so now: an act of its own, which can be undone by itself
    detail: EntryDetail = NO_DETAIL  # what the entry tells besides what the action does


class Kept(NamedTuple):
    """What became of a sound whose pack is kept whole in the library."""

    filed: FilingResult
    arrival: Arrival | None = None  # as it lies there; None where it could not be put there


@dataclass(slots=True)
class Step:
    """One planned action and what came of it."""

    action: Action
    plan: Plan
    entry_id: int
    outcome: ActionResult | None = None
    error: str = ""
    trouble: Outage | None = None
    gone: bool = False
    crashed: bool = False


@dataclass(slots=True)
class Task:
    """What is to be done about one incoming sound; `answered` where that was clear at once."""

    answered: FilingResult | None
    case: Case | None = None
    steps: list[Step] = field(default_factory=list)


def plan_of(action: Action, case: Case) -> Plan:
    """The row that the journal has before the action is tried."""
    verdict, decision = case.sound.verdict, case.decision
    return Plan(
        batch=case.batch,
        source=case.arrival.path,
        destination=action.destination,
        action=action.kind,
        rule=decision.rule,
        reason=decision.reason,
        label=decision.label,
        type=decision.type,
        confidence=decision.confidence,
        verdict=verdict,
        content_hash=case.sound.content_hash,
        stamp=case.arrival.stamp,
    )
