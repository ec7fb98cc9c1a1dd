"""The messages of the inbox, through which other threads talk to the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import queue
    from concurrent.futures import Future

    from drumwatch.config import Watch
    from drumwatch.core.records import Arrival, Entry, FileEvent
    from drumwatch.workers.protocol import Answer


class AnalysisDone(NamedTuple):
    """A worker has analyzed an arrival, or failed to."""

    arrival: Arrival
    watch: Watch
    future: Future[Answer]
    judged: bool = True  # else it was analyzed alone, and is judged when its whole pack is analyzed


class ArchiveUnpacked(NamedTuple):
    """An archive has been unpacked, or not."""

    archive: Arrival
    watch: Watch
    future: Future[Answer]


class JudgedAgain(NamedTuple):
    """A sound that waits for the review has been judged again; `follows` is the entry by which the user named a neighbor, if any."""

    entry: Entry
    future: Future[Answer]
    follows: int | None


class RetrainDone(NamedTuple):
    """The training of a model has ended."""

    future: Future[Answer]


class BackupDone(NamedTuple):
    """The copying of the journal has ended; `problem` says why there is no copy, and is empty if there is one."""

    problem: str


class HooksRun(NamedTuple):
    """The user's hooks for an event have been run."""


class ConfigTouched(NamedTuple):
    """The configuration may have changed."""


class Stop(NamedTuple):
    """The daemon has to stop; `why` is the signal's name."""

    why: str


class Reload(NamedTuple):
    """The configuration has to be read again."""


Message: TypeAlias = (
    "FileEvent | AnalysisDone | ArchiveUnpacked | JudgedAgain | RetrainDone | BackupDone | HooksRun | ConfigTouched"
    " | Stop | Reload"
)
Inbox: TypeAlias = "queue.SimpleQueue[Message]"
