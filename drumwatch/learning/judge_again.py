"""Judges sounds that wait for the review again, when a neighbor has come or the user has named one; what is filed stays where it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from drumwatch.config import needs_note
from drumwatch.context.evidence import combined, strength
from drumwatch.core.errors import DrumwatchError
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Analyze, Analyzed, KnownSound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from drumwatch.context.evidence import Five, LevelEvidence
    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.learning.corrections import Corrector
    from drumwatch.pipeline import KnownNeighbors, Pipeline
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import Answer

MOST_WAITING = 500  # sounds of a pack that are judged again at once, the newest ones
SAME = 0.05  # a factor that has changed by a smaller share changes nothing


class JudgeAgain:
    """Asks for new verdicts on sounds that wait, and files those about which they are sure."""

    def __init__(
        self,
        journal: Journal,
        pipeline: Pipeline,
        workers: Executor,
        cache: AnalysisCache,
        neighbors: KnownNeighbors,
    ) -> None:
        self._journal = journal
        self._pipeline = pipeline
        self._workers = workers
        self._cache = cache
        self._neighbors = neighbors
        self._newest = -1  # the entry that was the newest when neighbors were read for an explanation
        self._last: dict[int, Five] = {}  # by entry: the factor with which it was judged last

    def requests(
        self, pack: str, corrector: Corrector, near: Place | None = None, *, named: bool = False
    ) -> Iterator[tuple[Entry, Future[Answer]]]:
        """Yield the sounds of a pack that wait and about which its sounds say something new, each with its verdict to come.

        With `near`, only neighbors of the sound at that place are judged. `named`: the user has named a sound of the pack, so all are
        judged anew, also where the same was said and taken back before.
        """
        for entry, place in self._waiting(pack, near):
            watch = corrector.watch_of(entry)
            evidence = self._neighbors.evidence(place) if watch.context else ()
            if evidence and (self._is_new(entry, evidence) or named):
                names, with_note = watch.names == "hint", needs_note(corrector.config, watch)
                yield (
                    entry,
                    self._ask(entry, place, evidence, watch.max_seconds, names=names, with_note=with_note),
                )

    def evidence(self, entry: Entry, corrector: Corrector) -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors, as it is now, about the sound of an entry."""
        newest = self._journal.entries.newest_id()
        if newest != self._newest:  # another process may have written it
            self._neighbors.forget()
            self._newest = newest
        place = self._journal.places.of_entry(entry)
        return self._neighbors.evidence(place) if place and corrector.watch_of(entry).context else ()

    def conclude(
        self, entry: Entry, found: Answer, corrector: Corrector, follows: int | None = None
    ) -> Entry | None:
        """File a sound that still waits if the new verdict is sure; return the new entry, or None if it goes on waiting.

        `follows` is the entry by which the user named a neighbor, if that is the reason.
        """
        if not isinstance(found, Analyzed) or not self._journal.places.is_waiting(entry.id):
            return None
        sound = msgspec.structs.replace(found, content_hash=entry.content_hash)
        return corrector.refile(entry, sound, self._journal.places.of_entry(entry), follows)

    def after_naming(self, named: Iterable[Entry], corrector: Corrector) -> list[Entry]:
        """Judge what waits again after the user has named these sounds, given by the entries of the naming; return the new entries."""
        self._neighbors.forget()
        namings: dict[str, list[tuple[Entry, Place]]] = {}
        for naming in named:
            if place := self._journal.places.of_entry(naming):
                namings.setdefault(place.pack, []).append((naming, place))
        done: list[Entry] = []
        for pack, ones in namings.items():
            naming, place = ones[-1]
            asked = list(self.requests(pack, corrector, near=place if len(ones) == 1 else None, named=True))
            for entry, future in asked:
                try:
                    new = self.conclude(entry, future.result(), corrector, follows=naming.id)
                except (DrumwatchError, OSError):  # it goes on waiting
                    continue
                done += [new] if new else []
        return done

    def _waiting(self, pack: str, near: Place | None) -> list[tuple[Entry, Place]]:
        waiting = [
            (entry, place)
            for entry in self._journal.places.waiting(pack, MOST_WAITING)
            if (place := self._journal.places.of_entry(entry))
        ]
        if near is None:
            return waiting
        wanted = self._neighbors.are_neighbors(near, (place for _, place in waiting))
        return [one for one, is_near in zip(waiting, wanted, strict=True) if is_near]

    def _is_new(self, entry: Entry, evidence: tuple[LevelEvidence, ...]) -> bool:
        now, before = combined(evidence), self._last.get(entry.id)
        self._last[entry.id] = now
        if before is None:  # most likely it was judged with this evidence when it came
            return entry.verdict is None or abs(strength(now) - entry.verdict.context_strength) > SAME
        return any(abs(one / other - 1) > SAME for one, other in zip(now, before, strict=True))

    def _ask(
        self,
        entry: Entry,
        place: Place,
        evidence: tuple[LevelEvidence, ...],
        max_seconds: float,
        *,
        names: bool,
        with_note: bool,
    ) -> Future[Answer]:
        record = self._cache.of(entry.content_hash)
        request = Analyze(
            str(entry.location),
            max_seconds=max_seconds,
            use_names=names,
            name_from=str(Path(place.folder, place.name)),
            model=self._pipeline.model_file,
            context=evidence,
            with_digest=True,
            with_note=with_note,
            known=KnownSound(entry.content_hash, record) if record else None,
        )
        return self._workers.submit(answer, request)
