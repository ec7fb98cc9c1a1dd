"""An index of analyzed sounds by pack, folder and stem, that gives the evidence of the neighbors of each sound."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from drumwatch.context.evidence import as_five
from drumwatch.context.groups import NeighborSound, Pack, Place, level_evidence
from drumwatch.context.name_stems import shared_words, stem_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from drumwatch.context.evidence import LevelEvidence
    from drumwatch.context.groups import GroupKey
    from drumwatch.core.records import Verdict

__all__ = ["NeighborSound", "Neighbors", "Place", "neighbor_sound"]


class Neighbors:
    """Analyzed sounds under keys of the caller's choice (a path, the id of an entry), and their evidence about each other.

    A sound is put in, replaced or removed in a time that does not grow with its pack, and so is its evidence asked for.
    """

    def __init__(self) -> None:
        self._packs: dict[str, Pack] = defaultdict(Pack)
        self._sounds: dict[Hashable, NeighborSound] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._sounds

    def __len__(self) -> int:
        return len(self._sounds)

    def put(self, key: Hashable, sound: NeighborSound) -> None:
        """Add a sound, or replace the one with this key: it was analyzed again, or the user has confirmed or corrected it."""
        if key in self._sounds:
            self.remove(key)
        at, stem = _group_key(key, sound.place)
        self._packs[sound.place.pack].put(at, stem, key, sound)
        self._sounds[key] = sound

    def remove(self, key: Hashable) -> None:
        """Remove a sound; raises KeyError if there is none with this key."""
        sound = self._sounds.pop(key)
        at, _ = _group_key(key, sound.place)
        pack = self._packs[sound.place.pack]
        pack.remove(at, key, sound)
        if not pack.groups:
            del self._packs[sound.place.pack]

    def evidence_for(self, key: Hashable, place: Place, digest: str = "") -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about the sound at this place, for each level at which it has any.

        It need not be in the index; where it is, neither it nor a copy of it counts. `digest` is that of its decoded sound, if known.
        """
        pack = self._packs.get(place.pack)
        if pack is None:
            return ()
        at, stem = _group_key(key, place)
        identity: Hashable = digest or (self._sounds[key].digest if key in self._sounds else "") or key
        group = pack.groups.get(at)
        of_stem = level_evidence(group.for_stem(identity), "stem", " ".join(stem)) if group and stem else None
        of_others = pack.evidence_of_others(at, stem, place.folder, identity)
        return (of_stem, *of_others) if of_stem else of_others

    def evidence(self, key: Hashable) -> tuple[LevelEvidence, ...]:
        """Return the evidence of the neighbors about a sound of the index; raises KeyError if there is none with this key."""
        return self.evidence_for(key, self._sounds[key].place)

    def neighbors_of(self, key: Hashable, place: Place) -> set[Hashable]:
        """Return the keys of all sounds that have this one as a neighbor: they are judged again when it comes, goes or is confirmed."""
        pack = self._packs.get(place.pack)
        if pack is None:
            return set()
        at, stem = _group_key(key, place)
        groups = {at, *pack.in_folder.get(at[0], ())}
        for word in shared_words(stem):
            if pack.is_distinctive(word):
                groups |= pack.with_word.get(word, set())
        return {one for group in groups if group in pack.groups for one in pack.groups[group].keys} - {key}


def neighbor_sound(
    place: Place, verdict: Verdict, digest: str = "", confirmed: str = ""
) -> NeighborSound | None:
    """Return a sound as its neighbors see it, from its verdict; None if an earlier version made the verdict and a name took part in it."""
    if verdict.name_says and not verdict.by_sound and not confirmed:
        return None
    by_sound = as_five(verdict.by_sound or verdict.probabilities)
    with_name = as_five(verdict.with_name) if verdict.with_name else by_sound
    return NeighborSound(place, by_sound, with_name, digest, confirmed)


def _group_key(key: Hashable, place: Place) -> tuple[GroupKey, tuple[str, ...]]:
    """Return the key of the sound's group in its pack, and its stem; a file named by numbers alone is a group of its own."""
    stem = stem_of(place.name)
    return (place.folder.casefold(), stem or (key,)), stem
