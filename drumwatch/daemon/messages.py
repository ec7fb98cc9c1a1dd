"""What may lie in the inbox: the one way by which other threads speak to the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import queue
    from concurrent.futures import Future

    from drumwatch.config import Watch
    from drumwatch.core.records import Arrival, FileEvent
    from drumwatch.workers.protocol import Answer


class AnalysisDone(NamedTuple):
    """A worker's answer for an arrival."""

    arrival: Arrival
    watch: Watch
    future: Future[Answer]


class ArchiveUnpacked(NamedTuple):
    """The unpacker's answer for an archive."""

    archive: Arrival
    watch: Watch
    future: Future[Answer]


class RetrainDone(NamedTuple):
    """The worker's answer to a lesson."""

    future: Future[Answer]


class Stop(NamedTuple):
    """Please end; the signal's name."""

    why: str


class Reload(NamedTuple):
    """Please read the configuration again."""


Message: TypeAlias = "FileEvent | AnalysisDone | ArchiveUnpacked | RetrainDone | Stop | Reload"
Inbox: TypeAlias = "queue.SimpleQueue[Message]"
