"""Ask the workers what a kit needs, and make it: the same for the command and for the review page, which must not wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from drumwatch.core.errors import UnreadableAudio, UsageError
from drumwatch.core.formatting import home_short, printable
from drumwatch.workers.jobs import WorkerDied, answer, expect
from drumwatch.workers.protocol import Analyzed, Answer, Compared, ConvertedSound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.kits.kit_job import KitJob
    from drumwatch.kits.making import MadeKit
    from drumwatch.workers.protocol import Analyze, Request

A = TypeVar("A", bound=Answer)


async def choose(
    job: KitJob,
    workers: Executor,
    like: Sequence[Path] = (),
    *,
    announce: Callable[[int], None] = lambda _: None,
) -> None:
    """Choose the sounds of a kit, which is to be like these files; `announce` gets the number of sounds to be analyzed first.

    Raises UsageError if a file cannot be analyzed, or there is no sound to choose.
    """
    for path in like:
        await _add_like(job, workers, path)
    compared = await _compared(job, workers, announce)
    if job.outdated(compared):
        compared = await _compared(job, workers, announce)
    job.choose(compared)


async def make(job: KitJob, workers: Executor) -> MadeKit:
    """Convert the chosen sounds if the device wants that, and make the kit; a sound that cannot be converted is left out."""
    requests = job.conversion_requests()
    converted: dict[int, ConvertedSound] = {}
    for number, found in (await _answers(requests, workers, ConvertedSound)).items():
        if isinstance(found, ConvertedSound):
            converted[number] = found
        else:
            job.notes.append(f"{printable(str(found)).rstrip('.')}: it was left out.")
    return job.make(converted, requests.keys() - converted.keys())


async def _add_like(job: KitJob, workers: Executor, path: Path) -> None:
    request = _like_request(job, path)
    try:
        job.add_like(await _ask(request, workers, Analyzed))
    except (UnreadableAudio, WorkerDied) as exc:
        raise UsageError(f"{str(exc).rstrip('.')}: the kit was not made.") from exc


def _like_request(job: KitJob, path: Path) -> Analyze:
    if not path.is_file():
        raise UsageError(f"{home_short(path)} is not there, or is no file: the kit was not made.")
    return job.like_request(path.absolute())


async def _compared(job: KitJob, workers: Executor, announce: Callable[[int], None]) -> Compared:
    requests = job.analysis_requests()
    if requests:
        announce(len(requests))
    for number, found in (await _answers(requests, workers, Analyzed)).items():
        job.add_analysis(number, found if isinstance(found, Analyzed) else None)
    return await _ask(job.comparison_request(), workers, Compared)


async def _ask(request: Request, workers: Executor, kind: type[A]) -> A:
    return expect(await asyncio.wrap_future(workers.submit(answer, request)), kind)


async def _answers(
    requests: Mapping[int, Request], workers: Executor, kind: type[A]
) -> dict[int, A | UnreadableAudio | WorkerDied]:
    """Return the answer to each request, or the error if its file is to blame."""

    async def one(request: Request) -> A | UnreadableAudio | WorkerDied:
        try:
            return await _ask(request, workers, kind)
        except (UnreadableAudio, WorkerDied) as exc:
            return exc

    found = await asyncio.gather(*map(one, requests.values()))
    return dict(zip(requests, found, strict=True))
