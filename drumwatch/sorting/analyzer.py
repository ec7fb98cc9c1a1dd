"""Analyzes sounds for `sort`, by the workers or a cluster, and uses what was analyzed before."""

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
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Arrival, Entry
    from drumwatch.intake.projects import Project
    from drumwatch.pipeline import Pipeline
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Analyzed, Answer, Failed


@dataclass(frozen=True, slots=True)
class Left:
    """The result for a file that is left alone, with the reason."""

    why: str
    filed: bool = False  # an earlier run has filed it
    lack: str = ""  # how much space is missing for the whole pack; set for its first file
    project: Project | None = None  # the project that the file is part of
    needs: str = ""  # the format that only an extra decodes, which is not installed
    unknown: Path | None = None  # the folder around the file that could not be surveyed


@dataclass(frozen=True, slots=True)
class Rejected:
    """The result for a file that is no sound to analyze and no archive to unpack, with the reason."""

    why: str


@dataclass(frozen=True, slots=True)
class NoSounds:
    """The result for an archive in which no sound is."""


@dataclass(frozen=True, slots=True)
class NotUnpacked:
    """The result for an archive that was not unpacked, with the reason."""

    why: Failed


Result: TypeAlias = "Answer | Left | Rejected | NoSounds | NotUnpacked | None"  # None: the end of an archive


class Analyzer:
    """Requests the analysis of sounds that are to be filed; `features`: also what a map of them needs."""

    def __init__(
        self, workers: Executor, cache: AnalysisCache, pipeline: Pipeline, *, features: bool = False
    ) -> None:
        self._workers = workers
        self._cache = cache
        self._pipeline = pipeline
        self._features = features

    def analyze(self, arrival: Arrival, watch: Watch) -> Future[Result]:
        """Request the analysis; if the same content was analyzed before, the worker does not open the file."""
        request = self._pipeline.request(arrival, watch)
        full = msgspec.structs.replace(request, with_features=self._features, known=self._known(arrival))
        return self._workers.submit(answer, full)

    def judge(
        self, arrival: Arrival, watch: Watch, found: Analyzed, context: tuple[LevelEvidence, ...]
    ) -> Future[Result]:
        """Request another verdict on an analyzed sound, with the evidence of its neighbors; it is not decoded again."""
        record = found.record or self._cache.of(found.content_hash)
        request = msgspec.structs.replace(
            self._pipeline.request(arrival, watch),
            context=context,
            known=KnownSound(found.content_hash, record) if record else None,
        )
        return self._workers.submit(answer, request)

    def _known(self, arrival: Arrival) -> KnownSound | None:
        if self._cache.may_know(arrival.stamp.size_bytes):
            with contextlib.suppress(OSError):  # the file has just vanished: the worker reports it
                digest = content_hash(arrival.path)
                if found := self._cache.of(digest):
                    return KnownSound(digest, found)
        return None

    def keep(self, arrival: Arrival, analyzed: Analyzed) -> None:
        """Keep a new analysis in the cache."""
        self._cache.keep_answer(analyzed, arrival.stamp.size_bytes)

    def keep_tagged(self, entries: Iterable[Entry]) -> None:
        """Keep the analysis of tagged files also under their new content, as the tag changed the bytes."""
        for entry in entries:
            if (
                entry.action == "tag"
                and entry.state == "done"
                and (found := self._cache.of(entry.content_hash))
            ):
                with contextlib.suppress(OSError):
                    self._cache.keep(content_hash(entry.source), entry.source.stat().st_size, found)
