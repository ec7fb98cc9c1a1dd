"""Judges the sounds of a pack together: they wait until all of the pack are analyzed, and then each is judged with the others."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.daemon.messages import AnalysisDone
from drumwatch.intake.pack_names import pack_folder
from drumwatch.pipeline import place_of
from drumwatch.workers.protocol import Analyzed, KnownSound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Arrival
    from drumwatch.daemon.messages import Inbox
    from drumwatch.session import Session
    from drumwatch.workers.protocol import Answer

MOST_TOGETHER = 5_000  # sounds of a pack that wait for the others; the next ones are judged with these, but these without them
LONGEST = 60.0  # seconds that sounds wait for files of their pack that are still being written


@dataclass(frozen=True, slots=True)
class WaitingSound:
    """An analyzed sound that waits for its pack; its analysis is in the cache."""

    arrival: Arrival
    watch: Watch
    place: Place
    content_hash: str
    digest: str


@dataclass(slots=True)
class WaitingPack:
    """The sounds of a pack that are analyzed and not judged yet."""

    since: float
    sounds: list[WaitingSound] = field(default_factory=list)


class PackJudge:
    """Asks the workers about sounds: single ones once, with what is known of their neighbors; those of a pack twice."""

    def __init__(self, session: Session, inbox: Inbox, more_of: Callable[[Arrival], bool]) -> None:
        self._session = session
        self._inbox = inbox
        self._more_of = more_of  # whether more sounds of the pack of this one are still to come
        self._being_analyzed: Counter[str] = Counter()  # by pack
        self._waiting: dict[str, WaitingPack] = {}
        self._complete: deque[WaitingSound] = deque()  # of packs of which all are analyzed

    @property
    def waiting(self) -> int:
        """The number of analyzed sounds that are with no worker, because they wait for others of their pack."""
        return len(self._complete) + sum(len(pack.sounds) for pack in self._waiting.values())

    def analyze(self, arrival: Arrival, watch: Watch) -> None:
        """Give a sound to the workers; a single one is judged at once, with its neighbors that came before."""
        place = place_of(arrival)
        if not watch.context:
            self._ask(arrival, watch)
        elif _comes_in_a_pack(arrival):
            self._being_analyzed[place.pack] += 1
            future = self._session.pipeline.analyze(arrival, watch)
            future.add_done_callback(
                lambda done: self._inbox.put(AnalysisDone(arrival, watch, done, judged=False))
            )
        else:
            self._ask(arrival, watch, self._session.neighbors.evidence(place))

    def add_analyzed(self, done: AnalysisDone, answer: Answer | None, now: float) -> bool:
        """Let an analyzed sound wait for its pack; returns False for one that need not wait, because it is judged or cannot be."""
        if done.judged:
            return False
        place = place_of(done.arrival)
        self._being_analyzed[place.pack] -= 1
        if not isinstance(answer, Analyzed):
            return False
        self._session.analysis_cache.keep_answer(answer, done.arrival.stamp.size_bytes)
        self._session.neighbors.put(place, answer)
        sound = WaitingSound(done.arrival, done.watch, place, answer.content_hash, answer.sound_digest)
        self._waiting.setdefault(place.pack, WaitingPack(now)).sounds.append(sound)
        return True

    def note_judged(self, done: AnalysisDone, answer: Analyzed) -> None:
        """Let a single sound count as a neighbor of those that come after it; those of a pack have counted since they were analyzed."""
        if done.watch.context and not _comes_in_a_pack(done.arrival):
            self._session.neighbors.put(place_of(done.arrival), answer)

    def complete_packs(self, now: float) -> None:
        """Note the packs of which all sounds are analyzed; those are judged next."""
        for name, pack in list(self._waiting.items()):
            is_full = len(pack.sounds) >= MOST_TOGETHER
            if is_full or (not self._being_analyzed[name] and self._has_all(pack, now)):
                self._complete += pack.sounds
                del self._waiting[name]
        self._being_analyzed += Counter()  # without those that are zero

    def judge_next(self) -> bool:
        """Have the next sound judged with its pack; returns False if there is none."""
        if not self._complete:
            return False
        sound = self._complete.popleft()
        evidence = self._session.neighbors.evidence(sound.place, sound.digest)
        record = self._session.analysis_cache.of(sound.content_hash)
        known = KnownSound(sound.content_hash, record) if record else None
        self._ask(sound.arrival, sound.watch, evidence, known)
        return True

    def next_due(self, now: float) -> float | None:
        """The time at which `complete_packs` has to be called without an event; None where nothing waits."""
        if self._complete:
            return now
        return min(
            (
                now if self._has_all(pack, now) else pack.since + LONGEST
                for name, pack in self._waiting.items()
                if not self._being_analyzed[name]
            ),
            default=None,
        )

    def _has_all(self, pack: WaitingPack, now: float) -> bool:
        return now >= pack.since + LONGEST or not self._more_of(pack.sounds[0].arrival)

    def _ask(
        self,
        arrival: Arrival,
        watch: Watch,
        evidence: tuple[LevelEvidence, ...] = (),
        known: KnownSound | None = None,
    ) -> None:
        future = self._session.pipeline.analyze(arrival, watch, evidence, known)
        future.add_done_callback(lambda done: self._inbox.put(AnalysisDone(arrival, watch, done)))


def folder_of(arrival: Arrival) -> Path | None:
    """Return the folder of the pack that this sound came in; None where it came in an archive or alone."""
    is_there = arrival.origin is None and arrival.path.is_relative_to(arrival.watch)
    return pack_folder(arrival.path, arrival.watch) if is_there else None


def _comes_in_a_pack(arrival: Arrival) -> bool:
    return arrival.origin is not None or folder_of(arrival) is not None
