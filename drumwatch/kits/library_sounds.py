"""The filed sounds of which a kit can be made: one-shots, each content once, with what was measured of them."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drumwatch.filing.held_file import found
from drumwatch.journal import ViewQuery
from drumwatch.kits.roles import role_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.journal import Journal
    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.protocol import AnalysisRecord

MOST = 6_000  # sounds that are compared; of a larger library, the seed chooses so many
ONE_SHOT = "one-shot"


@dataclass(frozen=True, slots=True)
class LibrarySound:
    """A filed sound."""

    entry: Entry
    role: str
    confirmed: bool
    record: AnalysisRecord | None = None  # None: it has to be analyzed again

    @property
    def id(self) -> int:
        """The number of the sound's latest entry."""
        return self.entry.id

    @property
    def path(self) -> Path:
        """Where the sound is."""
        return self.entry.location

    @property
    def identity(self) -> str:
        """What two files with the same sound have in common."""
        return (self.record.digest if self.record else "") or self.entry.content_hash


@dataclass(frozen=True, slots=True)
class FileNow:
    """A sound's file as it is now."""

    stamp: FileStamp
    content_hash: str


def filed_sounds(
    journal: Journal, cache: AnalysisCache, *, seed: int, wanted: Collection[int] = ()
) -> list[LibrarySound]:
    """Return the filed one-shots that are there, at most MOST and each sound once.

    Of several copies, a wanted one comes before a confirmed one, and that before an older one.
    """
    confirmed = {one.content_hash for one in journal.confirmations.all()}
    entries = [entry for entry in journal.views.sounds(ViewQuery(view="map")) if _is_usable(entry)]
    entries.sort(key=lambda one: (one.id not in wanted, one.content_hash not in confirmed, one.id))
    chosen = sorted(_at_most(entries, wanted, seed), key=lambda one: one.id)
    sounds = [
        LibrarySound(
            entry,
            role_of(entry.type, entry.label),
            entry.content_hash in confirmed,
            cache.of(entry.content_hash),
        )
        for entry in chosen
    ]
    return list(_each_once(sounds, wanted))


def _is_usable(entry: Entry) -> bool:
    """Return whether the sound was filed, is a one-shot, and there is a file where it was filed."""
    is_filed = entry.action != "leave" and entry.rule != "unsure"
    is_one_shot = entry.verdict and entry.verdict.shape == ONE_SHOT and entry.type != "loop"
    return bool(is_filed and is_one_shot and os.path.lexists(entry.location))


def _at_most(entries: list[Entry], wanted: Collection[int], seed: int) -> list[Entry]:
    if len(entries) <= MOST:
        return entries
    first = [entry for entry in entries if entry.id in wanted]
    rest = [entry for entry in entries if entry.id not in wanted]
    rng = random.Random(seed)  # noqa: S311  a choice of sounds, no secret
    return [*first, *rng.sample(rest, max(0, MOST - len(first)))]


def _each_once(sounds: Iterable[LibrarySound], wanted: Collection[int]) -> Iterator[LibrarySound]:
    best: dict[str, LibrarySound] = {}
    for one in sounds:
        known = best.get(one.identity)
        if known is None or _rank(one, wanted) < _rank(known, wanted):
            best[one.identity] = one
    yield from sorted(best.values(), key=lambda one: one.id)


def _rank(one: LibrarySound, wanted: Collection[int]) -> tuple[bool, bool, int]:
    return one.id not in wanted, not one.confirmed, one.id


def with_record(sound: LibrarySound, record: AnalysisRecord | None) -> LibrarySound:
    """Return the sound with another record."""
    return replace(sound, record=record)


def file_now(sound: LibrarySound) -> FileNow | None:
    """Return the file as it is now, or None if it is gone, cannot be read, or is another sound than the one that was filed."""
    known = {sound.entry.content_hash, sound.entry.detail.tagged_hash}
    try:
        with found(sound.path) as there:
            if there and there.content_hash in known:
                return FileNow(there.stamp, there.content_hash)
    except OSError:
        pass
    return None
