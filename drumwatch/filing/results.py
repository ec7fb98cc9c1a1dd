"""The result of an action or of its recovery, as the journal records it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail

if TYPE_CHECKING:
    from drumwatch.core.records import FileStamp, State

Planned = Callable[[Path, EntryDetail], None]


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of an action that was carried out or undone."""

    path: Path  # where the sound is now
    state: State = "done"
    note: str = ""
    detail: EntryDetail = NO_DETAIL
    stamp: FileStamp | None = None  # of the file written at `path`, so that it is not taken for a new one


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of an interrupted action; still `planned` if its disk is absent, so that it is tried again later."""

    state: State
    path: Path  # of the sound now
    note: str = ""
    stamp: FileStamp | None = None
    detail: EntryDetail = NO_DETAIL  # what differs from the plan
