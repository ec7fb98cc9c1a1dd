"""Analyzes the sounds of a library that the user has sorted; it only reads there, and what is analyzed stays in the cache."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config.settings import LEAVE
from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.records import KITS, PACKS
from drumwatch.filing.held_file import content_hash
from drumwatch.learning.folder_purity import SoundInFolder
from drumwatch.packs.archive_closing import ARCHIVES
from drumwatch.sorting.walk import audio_files_in, in_input_order
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Analyze, Analyzed, ErrorKind, Failed, KnownSound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.intake.projects import Survey
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Answer

MAX_OPEN = 32  # requests; Ctrl-C waits for those that are open
LONG = "long"  # the shape of songs, which say nothing about a folder


class LibraryFiles(NamedTuple):
    """The sounds of a library, and how many others belong to something that is left whole."""

    sounds: tuple[Path, ...]
    in_projects: int
    in_packs: int  # that are kept whole


class Heard(NamedTuple):
    """What was analyzed before the end, or before Ctrl-C."""

    sounds: tuple[SoundInFolder, ...]
    failed: int  # files that cannot be analyzed
    stopped: bool


def library_files(watch: Watch, survey: Survey) -> LibraryFiles:
    """Return the sounds below the folder of this watch, without those of projects and kept packs, and without our own folders."""
    names = {PACKS, ARCHIVES, KITS, watch.unsure} - {LEAVE}
    ours = {watch.folder / name for name in names}
    sounds: list[Path] = []
    in_projects = in_packs = 0
    for _, path in audio_files_in([watch.folder]):
        if survey.project_of(path):
            in_projects += 1
        elif any(path.is_relative_to(pack) for pack in (*survey.kept_whole, watch.folder / PACKS)):
            in_packs += 1
        elif ours.isdisjoint(path.parents):
            sounds.append(path)
    return LibraryFiles(tuple(sounds), in_projects, in_packs)


def hear(
    files: Iterable[Path],
    watch: Watch,
    workers: Executor,
    cache: AnalysisCache,
    *,
    stopping: list[int],
    step: Callable[[], None],
) -> Heard:
    """Analyze the sounds, and keep each analysis at once, so that a later run goes on where this one was stopped.

    The shipped model judges each by its sound and the name of its file, and not by the name of its folder, which is to be judged.
    """
    sounds: list[SoundInFolder] = []
    failed = 0
    requests = _requests(files, watch, workers, cache, stopping)
    for path, found in in_input_order(requests, MAX_OPEN):
        step()
        if isinstance(found, Failed) and found.kind is ErrorKind.UNAVAILABLE:
            raise AnalysisUnavailable(found.message)
        if not isinstance(found, Analyzed):
            failed += 1
            continue
        with contextlib.suppress(OSError):  # the file has just vanished
            cache.keep_answer(found, path.stat().st_size)
        if found.verdict.shape != LONG:
            folders = path.relative_to(watch.folder).parts[:-1]
            sounds.append(SoundInFolder(path, folders, found.content_hash, found.verdict))
    return Heard(tuple(sounds), failed, bool(stopping))


def _requests(
    files: Iterable[Path], watch: Watch, workers: Executor, cache: AnalysisCache, stopping: list[int]
) -> Iterator[tuple[Path, Future[Answer]]]:
    for path in files:
        if stopping:
            return
        request = Analyze(
            os.fspath(path),
            max_seconds=watch.max_seconds,
            use_names=watch.names == "hint",
            name_from=path.name,
            with_hash=True,
            with_digest=True,
            with_record=True,
            known=_known(path, cache),
        )
        yield path, workers.submit(answer, request)


def _known(path: Path, cache: AnalysisCache) -> KnownSound | None:
    with contextlib.suppress(OSError):  # it cannot be read: the worker says so
        if cache.may_know(path.stat().st_size):
            digest = content_hash(path)
            if record := cache.of(digest):
                return KnownSound(digest, record)
    return None
