"""Who hears for `sort`: the workers, or a cluster's, and what they have heard before."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from drumwatch.filing.held_file import content_hash
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import KnownSound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import Arrival, Entry
    from drumwatch.intake.projects import Project
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Analyzed, Answer


@dataclass(frozen=True, slots=True)
class Left:
    """Instead of an answer: why nothing is done about a file."""

    why: str
    filed: bool = False  # by an earlier run
    lack: str = ""  # of room for the whole pack, with its first file
    project: Project | None = None  # that it is part of
    unknown: Path | None = None  # the folder around it that could not be looked through


@dataclass(frozen=True, slots=True)
class Rejected:
    """Instead of an answer: why this is no file to hear, or no archive to open."""

    why: str


Result: TypeAlias = "Answer | Left | Rejected | None"  # None: a pack whose last sound came before


class Analyzer:
    """Asks for verdicts on sounds that are to be filed; `features`: and for what a map of them needs."""

    def __init__(
        self, engine: Executor, recall: AnalysisCache, pipeline: Pipeline, *, features: bool = False
    ) -> None:
        self._engine = engine
        self._recall = recall
        self._pipeline = pipeline
        self._features = features

    def hear(self, arrival: Arrival, watch: Watch) -> Future[Result]:
        """What is known of its content goes along: then the worker judges by that, and does not open the file."""
        request = self._pipeline.request(arrival, watch)
        more = msgspec.structs.replace(request, with_features=self._features, known=self._known(arrival))
        return self._engine.submit(answer, more)

    def _known(self, arrival: Arrival) -> KnownSound | None:
        if self._recall.may_know(arrival.stamp.size_bytes):
            with contextlib.suppress(OSError):  # it has just gone: the worker will say so
                summed = content_hash(arrival.path)
                if found := self._recall.of(summed):
                    return KnownSound(summed, found)
        return None

    def keep(self, arrival: Arrival, found: Analyzed) -> None:
        """What was heard for the first time need not be heard again."""
        self._recall.keep_answer(found, arrival.stamp.size_bytes)

    def keep_tagged(self, entries: Iterable[Entry]) -> None:
        """A tag makes other bytes of a sound that is the same, and known."""
        for entry in entries:
            if (
                entry.action == "tag"
                and entry.state == "done"
                and (found := self._recall.of(entry.content_hash))
            ):
                with contextlib.suppress(OSError):
                    self._recall.keep(content_hash(entry.source), entry.source.stat().st_size, found)
