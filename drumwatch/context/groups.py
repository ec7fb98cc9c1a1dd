"""The sounds of a pack in groups of one stem, and the running sums of what the groups say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from drumwatch.context.evidence import (
    Five,
    LevelEvidence,
    confirmed_as,
    count_weight,
    evidence_of,
    factor_of,
)
from drumwatch.context.name_stems import shared_words
from drumwatch.core.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.context.evidence import Level

# The key of a group in its pack: the folder in lower case, and the stem, or the key of a file that is named by numbers alone
GroupKey: TypeAlias = tuple[str, Hashable]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sound came from, which tells who its neighbors are; it stays the same when the sound is filed."""

    pack: str  # whatever identifies the pack; sounds of different packs are never neighbors
    folder: str
    name: str  # of the file, with its ending


@dataclass(frozen=True, slots=True)
class NeighborSound:
    """An analyzed sound, as its neighbors see it; probabilities are in the order of LABELS, and never those in context."""

    place: Place
    by_sound: Five
    with_name: Five  # by sound and the file's own name; as by_sound where names are ignored or say nothing
    digest: str = ""  # of the decoded sound: copies count once
    named: str = ""  # the label or type that the user gave it, which counts instead of the probabilities


@dataclass(slots=True)
class Tally:
    """A sum of what several voices say, from which one of them can be taken again."""

    said: list[float] = field(default_factory=lambda: [0.0] * len(LABELS))
    voices: int = 0
    sounds: int = 0
    by_user: int = 0
    likeliest: list[int] = field(default_factory=lambda: [0] * len(LABELS))

    def add(self, other: Tally, sign: int = 1) -> None:
        self.voices += sign * other.voices
        self.sounds += sign * other.sounds
        self.by_user += sign * other.by_user
        for at in range(len(LABELS)):
            self.said[at] += sign * other.said[at]
            self.likeliest[at] += sign * other.likeliest[at]
        if self.voices == 0:
            self.said = [0.0] * len(LABELS)  # no remainder of rounding

    def without(self, *others: Tally) -> Tally:
        rest = Tally(list(self.said), self.voices, self.sounds, self.by_user, list(self.likeliest))
        for other in others:
            rest.add(other, -1)
        return rest

    def evidence(self, level: Level, shared: str) -> LevelEvidence | None:
        if self.voices < 1:
            return None
        a, b, c, d, e = self.likeliest
        return LevelEvidence(
            level,
            factor_of(level, self.said, self.voices),
            self.sounds,
            (a, b, c, d, e),
            shared,
            self.by_user,
        )


class Voice:
    """One distinct sound as a tally: what it says to those with its stem, and to the others."""

    __slots__ = ("alike", "others", "sound")

    def __init__(self, sound: NeighborSound) -> None:
        self.sound = sound
        given = confirmed_as(sound.named) if sound.named else None
        self.alike = _tally_of(given or sound.by_sound, by_user=bool(given))
        self.others = _tally_of(given or sound.with_name, by_user=bool(given))


def _tally_of(p: Five, *, by_user: bool) -> Tally:
    likeliest = [0] * len(LABELS)
    likeliest[p.index(max(p))] = 1
    return Tally(list(evidence_of(p)), 1, 1, int(by_user), likeliest)


class Group:
    """The files of one folder with one stem, or one file that is named by numbers alone."""

    __slots__ = ("_alike", "_copies", "_others", "doubled", "folder", "keys", "stem", "words")

    def __init__(self, folder: str, stem: tuple[str, ...]) -> None:
        self.folder, self.stem, self.words = folder, stem, shared_words(stem)
        self.keys: set[Hashable] = set()
        self.doubled: set[Hashable] = set()  # its distinct sounds that other groups of the pack have too
        self._copies: dict[Hashable, dict[Hashable, Voice]] = {}  # by digest, then by file
        self._alike, self._others = Tally(), Tally()

    def put(self, key: Hashable, sound: NeighborSound) -> None:
        with_copies = self._copies.setdefault(sound.digest or key, {})
        self._count(with_copies, -1)
        with_copies[key] = Voice(sound)
        self._count(with_copies, 1)
        self.keys.add(key)

    def remove(self, key: Hashable, sound: NeighborSound) -> None:
        with_copies = self._copies[sound.digest or key]
        self._count(with_copies, -1)
        del with_copies[key]
        self._count(with_copies, 1)
        if not with_copies:
            del self._copies[sound.digest or key]
        self.keys.remove(key)

    def sounds(self) -> Mapping[Hashable, object]:
        """Its distinct sounds."""
        return self._copies

    def alike(self, sound: Hashable) -> Tally:
        """What the others of this group say to this sound, which may be one of them."""
        copies = self._copies.get(sound)
        return self._alike.without(_speaker(copies).alike) if copies else self._alike

    def voice(self, without: Iterable[Hashable] = ()) -> Tally:
        """The one voice of this group for other stems, without some of its sounds; no voice if nothing is left."""
        left = self._others.without(*(_speaker(self._copies[one]).others for one in without))
        if left.voices:
            weight = count_weight(left.voices) / left.voices
            left.said = [said * weight for said in left.said]
            left.voices = 1
        return left

    def _count(self, copies: dict[Hashable, Voice], sign: int) -> None:
        if copies:
            speaker = _speaker(copies)
            self._alike.add(speaker.alike, sign)
            self._others.add(speaker.others, sign)


def _speaker(copies: dict[Hashable, Voice]) -> Voice:
    """Return the copy that speaks for all: one that the user has named, else the first."""
    return next((voice for voice in copies.values() if voice.sound.named), next(iter(copies.values())))


@dataclass(slots=True)
class Pack:
    """The groups of a pack, and the sums of their voices by folder and by word."""

    groups: dict[GroupKey, Group] = field(default_factory=dict)
    stems: int = 0  # groups that have a stem
    by_folder: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_word: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    in_folder: dict[str, set[GroupKey]] = field(default_factory=lambda: defaultdict(set))
    with_word: dict[str, set[GroupKey]] = field(default_factory=lambda: defaultdict(set))
    _holders: dict[Hashable, set[GroupKey]] = field(
        default_factory=lambda: defaultdict(set)
    )  # of each distinct sound
    _known: dict[GroupKey, tuple[LevelEvidence, ...]] = field(default_factory=dict)

    def group_for(self, at: GroupKey, stem: tuple[str, ...]) -> Group:
        if at not in self.groups:
            self.groups[at] = group = Group(at[0], stem)
            self.stems += bool(stem)
            self.in_folder[group.folder].add(at)
            for word in group.words:
                self.with_word[word].add(at)
        return self.groups[at]

    def drop_if_empty(self, at: GroupKey) -> None:
        group = self.groups[at]
        if not group.keys:
            del self.groups[at]
            self.stems -= bool(group.stem)
            _discard(self.in_folder, group.folder, at)
            for word in group.words:
                _discard(self.with_word, word, at)

    def count(self, group: Group, sign: int) -> None:
        """Add the group's voice to the sums, or take it away."""
        voice = group.voice()
        self.by_folder[group.folder].add(voice, sign)
        for word in group.words:
            self.by_word[word].add(voice, sign)

    def tells_apart(self, word: str) -> bool:
        """Whether a word is not the vendor's, which more than half of the stems of the pack have."""
        return 2 * len(self.with_word.get(word, ())) <= self.stems

    def hold(self, identity: Hashable, at: GroupKey) -> None:
        """Note that a group has this distinct sound."""
        holders = self._holders[identity]
        holders.add(at)
        if len(holders) > 1:
            for one in holders:
                self.groups[one].doubled.add(identity)

    def release(self, identity: Hashable, at: GroupKey) -> None:
        """Note that a group does not have this distinct sound any more."""
        holders = self._holders[identity]
        holders.discard(at)
        self.groups[at].doubled.discard(identity)
        if len(holders) == 1:
            self.groups[next(iter(holders))].doubled.discard(identity)
        if not holders:
            del self._holders[identity]

    def evidence_of_others(
        self, at: GroupKey, stem: tuple[str, ...], folder: str, identity: Hashable
    ) -> tuple[LevelEvidence, ...]:
        """Return what the other stems say to a sound of the group at `at`: by its most telling word, and by its folder."""
        group = self.groups.get(at)
        if group is None or identity not in group.sounds():
            doubled = {identity, *(group.doubled if group else ())}
            return self._evidence_of_others(at, stem, folder, doubled)
        if at not in self._known:
            self._known[at] = self._evidence_of_others(at, stem, folder, group.doubled)
        return self._known[at]

    def forget(self) -> None:
        """Forget what was computed before a change."""
        self._known.clear()

    def _evidence_of_others(
        self, at: GroupKey, stem: tuple[str, ...], folder: str, own: set[Hashable]
    ) -> tuple[LevelEvidence, ...]:
        by_words = (
            self._sum_of_others(at, self.by_word[word], self.with_word[word], own).evidence("word", word)
            for word in sorted(shared_words(stem))
            if word in self.with_word and self.tells_apart(word)
        )
        of_word = max((found for found in by_words if found), key=attrgetter("strength"), default=None)
        of_folder = None
        if at[0] in self.in_folder:
            total = self._sum_of_others(at, self.by_folder[at[0]], self.in_folder[at[0]], own)
            of_folder = total.evidence("folder", folder)
        return tuple(found for found in (of_word, of_folder) if found)

    def _sum_of_others(self, at: GroupKey, total: Tally, groups: set[GroupKey], own: set[Hashable]) -> Tally:
        """Return the sum of the voices of other groups, in which the sounds that the own group holds too do not count."""
        rest = total.without(self.groups[at].voice()) if at in groups else total.without()
        copies: dict[GroupKey, list[Hashable]] = defaultdict(list)
        for identity in own:
            for one in self._holders.get(identity, ()):
                if one != at and one in groups:
                    copies[one].append(identity)
        for one, identities in copies.items():
            rest.add(self.groups[one].voice(), -1)
            rest.add(self.groups[one].voice(without=identities))
        return rest


def _discard(index: dict[str, set[GroupKey]], name: str, at: GroupKey) -> None:
    index[name].discard(at)
    if not index[name]:
        del index[name]
