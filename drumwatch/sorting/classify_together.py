"""Analyzes several sounds, then judges each with all others of its pack as neighbors; no sound is decoded twice."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from drumwatch.context.neighbors import Neighbors, Place, neighbor_sound
from drumwatch.intake.pack_names import named_after
from drumwatch.sorting.walk import in_input_order
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Analyze, Analyzed, KnownSound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.workers.protocol import Answer


class RequestedSound(NamedTuple):
    """A sound to judge, and where it came from."""

    path: Path
    place: Place
    request: Analyze


def place_in(path: Path, root: Path, *, whole: bool = False) -> Place:
    """Return the place of a file that was found from `root`: single files of one folder are a pack. With `whole`, the root is one pack."""
    pack = named_after(path, root, whole=whole) or path.parent
    return Place(str(pack), str(path.parent), path.name)


def classify_together(
    sounds: Iterable[RequestedSound], workers: Executor
) -> Iterator[tuple[RequestedSound, Answer]]:
    """Give the answer about each sound in the order of the requests, after all of them were analyzed."""
    analyzed = list(in_input_order(_requested(sounds, workers)))
    neighbors = Neighbors()
    for at, (sound, found) in enumerate(analyzed):
        if isinstance(found, Analyzed) and (
            seen := neighbor_sound(sound.place, found.verdict, found.sound_digest)
        ):
            neighbors.put(at, seen)
    judged = (
        ((sound, found), _judged(sound, found, neighbors.evidence(at) if at in neighbors else (), workers))
        for at, (sound, found) in enumerate(analyzed)
    )
    for (sound, _), found in in_input_order(judged):
        yield sound, found


def _requested(
    sounds: Iterable[RequestedSound], workers: Executor
) -> Iterator[tuple[RequestedSound, Future[Answer]]]:
    for sound in sounds:
        full = msgspec.structs.replace(sound.request, with_record=True, with_digest=True)
        yield sound, workers.submit(answer, full)


def _judged(
    sound: RequestedSound, found: Answer, evidence: tuple[LevelEvidence, ...], workers: Executor
) -> Future[Answer]:
    if not evidence or not isinstance(found, Analyzed) or found.record is None:
        return _done(found)
    known = KnownSound(found.content_hash, found.record)
    return workers.submit(answer, msgspec.structs.replace(sound.request, context=evidence, known=known))


def _done(found: Answer) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(found)
    return future
