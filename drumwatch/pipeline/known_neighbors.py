"""The sounds that were analyzed before, as neighbors of those that are judged now: read from the journal pack by pack."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drumwatch.config import folder_of, label_for
from drumwatch.context.neighbors import Neighbors, Place, neighbor_sound
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.intake.pack_names import named_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from drumwatch.config.holder import ConfigHolder
    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.core.records import Arrival
    from drumwatch.journal import Journal
    from drumwatch.workers.protocol import Analyzed

MOST_READ = 2_000  # the newest sounds of a pack that are read from the journal; more change no evidence
MOST_HELD = 10_000  # sounds in memory; beyond that, the packs that were not asked for lately are dropped


class KnownNeighbors:
    """Gives the evidence of the neighbors about a sound, analyzed or not; what it has read of a pack is held until `forget`."""

    def __init__(self, journal: Journal, config: ConfigHolder) -> None:
        self._journal = journal
        self._config = config
        self._packs: dict[str, Neighbors] = {}  # the one asked for last comes last
        self._confirmed = -1  # the latest confirmation that was read

    def evidence(self, place: Place, digest: str = "") -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about the sound at this place; `digest` is that of its decoded sound, if known."""
        return self._of_pack(place.pack).evidence_for(_key(place), place, digest)

    def are_neighbors(self, place: Place, others: Iterable[Place]) -> list[bool]:
        """Return for each of the others whether the sound at this place is evidence about it."""
        keys = self._of_pack(place.pack).neighbors_of(_key(place), place)
        return [other.pack == place.pack and _key(other) in keys for other in others]

    def put(self, place: Place, sound: Analyzed) -> None:
        """Add a sound that was just analyzed; it replaces what came by the same path before."""
        if seen := neighbor_sound(place, sound.verdict, sound.sound_digest, self._named(sound.content_hash)):
            self._of_pack(place.pack).put(_key(place), seen)

    def forget(self) -> None:
        """Let go of all that was read; it is read again when it is asked for."""
        self._packs.clear()

    def _of_pack(self, pack: str) -> Neighbors:
        newest = self._journal.confirmations.latest_id()
        if newest != self._confirmed:
            self._packs.clear()
            self._confirmed = newest
        found = self._packs.pop(pack, None)
        if found is None:
            found = self._read(pack)
        self._packs[pack] = found
        while len(self._packs) > 1 and sum(map(len, self._packs.values())) > MOST_HELD:
            del self._packs[next(iter(self._packs))]
        return found

    def _read(self, pack: str) -> Neighbors:
        neighbors = Neighbors()
        for one in self._journal.places.of_pack(pack, MOST_READ):
            key = _key(one.place)
            named = given_label(one.confirmed, self._config.current.labels)
            seen = neighbor_sound(one.place, one.verdict, one.digest, named)
            if seen and key not in neighbors:  # the newest of a path comes first
                neighbors.put(key, seen)
        return neighbors

    def _named(self, content_hash: str) -> str:
        return given_label(self._journal.confirmations.label_of(content_hash), self._config.current.labels)


def place_of(arrival: Arrival, pack: Path | None = None) -> Place:
    """Return the place of a sound, which decides who its neighbors are; single files of one folder are a pack.

    `pack` is the folder of its pack where the caller knows better than by the names of the folders.
    """
    path = arrival.known_as
    if arrival.origin:
        pack = arrival.origin.archive
    elif pack is None and path.is_relative_to(arrival.watch):
        pack = named_after(path, arrival.watch)
    return Place(os.fspath(pack or path.parent), os.fspath(path.parent), path.name)


def given_label(given: str, labels: Mapping[str, str]) -> str:
    """Return the label or type behind a label that the user gave, which may be the name of a folder; empty for one of the user's own."""
    if given in LABELS or given in LABEL_OF_TYPE:
        return given
    if label := next((label for label in LABELS if folder_of(label, labels) == given), ""):
        return label
    return next((kind for kind in LABEL_OF_TYPE if given and label_for(kind, labels) == given), "")


def _key(place: Place) -> tuple[str, str]:
    return place.folder, place.name
