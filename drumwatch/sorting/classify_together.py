"""Analyzes several sounds, then judges each with all others of its pack as neighbors; no sound is decoded twice."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
    in_context: bool = True  # its neighbors count


class NeighborIndex(Protocol):
    """Analyzed sounds, and their evidence about each other: `KnownNeighbors` has those of the journal, too."""

    def put(self, place: Place, sound: Analyzed) -> None:
        """Add a sound that was just analyzed."""

    def evidence(self, place: Place, digest: str = "") -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about the sound at this place."""


class GivenSounds:
    """The sounds of one run as neighbors of each other, and no others."""

    def __init__(self) -> None:
        self._neighbors = Neighbors()

    def put(self, place: Place, sound: Analyzed) -> None:
        """Add a sound that was just analyzed."""
        if seen := neighbor_sound(place, sound.verdict, sound.sound_digest):
            self._neighbors.put(place, seen)

    def evidence(self, place: Place, digest: str = "") -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about the sound at this place."""
        return self._neighbors.evidence_for(place, place, digest)


def place_in(path: Path, root: Path, *, whole: bool = False) -> Place:
    """Return the place of a file that was found from `root`: single files of one folder are a pack. With `whole`, the root is one pack."""
    pack = named_after(path, root, whole=whole) or path.parent
    return Place(str(pack), str(path.parent), path.name)


def classify_together(
    sounds: Iterable[RequestedSound], workers: Executor, neighbors: NeighborIndex | None = None
) -> Iterator[tuple[RequestedSound, Answer]]:
    """Give the answer about each sound in the order of the requests, after all of them were analyzed.

    The sounds are neighbors of each other, and so are those that are in `neighbors` already.
    """
    known = GivenSounds() if neighbors is None else neighbors
    analyzed = list(in_input_order(_requested(sounds, workers)))
    for sound, found in analyzed:
        if isinstance(found, Analyzed) and sound.in_context:
            known.put(sound.place, found)
    judged = (((sound, found), _judged(sound, found, known, workers)) for sound, found in analyzed)
    for (sound, _), found in in_input_order(judged):
        yield sound, found


def _requested(
    sounds: Iterable[RequestedSound], workers: Executor
) -> Iterator[tuple[RequestedSound, Future[Answer]]]:
    for sound in sounds:
        full = msgspec.structs.replace(sound.request, with_record=True, with_digest=True)
        yield sound, workers.submit(answer, full)


def _judged(
    sound: RequestedSound, found: Answer, neighbors: NeighborIndex, workers: Executor
) -> Future[Answer]:
    if not sound.in_context or not isinstance(found, Analyzed) or found.record is None:
        return _done(found)
    evidence = neighbors.evidence(sound.place, found.sound_digest)
    if not evidence:
        return _done(found)
    known = KnownSound(found.content_hash, found.record)
    return workers.submit(answer, msgspec.structs.replace(sound.request, context=evidence, known=known))


def _done(found: Answer) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(found)
    return future
