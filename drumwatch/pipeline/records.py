"""The pipeline's records: a request to file a sound, the planned filing, and the result. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Arrival, Decision, Entry, Verdict
    from drumwatch.filing.results import ActionResult
    from drumwatch.workers.protocol import Answer

    Attempt = tuple[list[ActionResult], Exception | None]
    """The results of the actions that were carried out, and the error that stopped the next one."""

WITH_PACK = "pack"  # the rule by which a document follows the sounds of its pack
TOO_MANY = "too many documents"  # the rule by which documents of a pack stay where they are


class Outage(NamedTuple):
    """A fault that affects other files too, and is therefore reported once, not for each file."""

    text: str
    where: Path | None = None  # the folder that is affected; None: no sound can be analyzed


class FilingRequest(NamedTuple):
    """An analyzed sound that is to be filed."""

    arrival: Arrival
    watch: Watch
    answer: Answer
    batch: int | None = None  # None: the current batch of its pack
    confirmed: str = ""  # the label that the user gives the sound now
    stays: str = ""  # why the file must stay where it is, whatever is decided
    place: Place | None = None  # where the sound came from, by which others are its neighbors
    follows: int | None = None  # the entry by which the user named a neighbor, if that is why it is filed


@dataclass(frozen=True, slots=True)
class PlannedFiling:
    """A file, the decision about it, and the journal's entry for each action of the decision."""

    arrival: Arrival  # the file on which the actions are carried out
    watch: Watch
    decision: Decision
    batch: int
    content_hash: str
    verdict: Verdict | None = None  # None for a file that is no sound, or is filed as it is
    sound_digest: str = ""
    duplicate: Arrival | None = (
        None  # what arrived, if a link is made to the same sound in the library instead
    )
    is_correction: bool = False  # the user has given the label now, so the entry can be undone by itself
    detail: EntryDetail = NO_DETAIL  # what is added to the detail of each action
    place: Place | None = None  # recorded for its neighbors
    entry_ids: tuple[int, ...] = ()  # one for each action, in the same order


@dataclass(frozen=True, slots=True)
class FilingResult:
    """The entries about one file, and why the file has to be tried again, if it has."""

    entries: tuple[Entry, ...]
    again: str = ""
    trouble: Outage | None = None  # set if the failure is not the file's fault
    gone: bool = False  # the file is not there any more: `again` says so, and nothing is tried again


class KeptSound(NamedTuple):
    """A sound that is in the library already, because its pack is kept whole there."""

    arrival: Arrival  # the file in the library
    entries: tuple[Entry, ...]  # about how it got there; empty if an earlier run has put it there
