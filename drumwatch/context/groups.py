"""The sounds of a pack in groups of one stem, and the running sums of what the groups say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from operator import add, attrgetter, sub
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


# What several voices say, as a sum of which one can be taken again: the sum of their evidence for each of LABELS, then the number of sounds
# whose likeliest label it is, then the numbers of voices, of sounds, and of sounds that the user has named
Tally: TypeAlias = tuple[float, ...]
NO_TALLY: Tally = (0.0,) * 5 + (0,) * 8
SAID, LIKELIEST, VOICES, SOUNDS, BY_USER = slice(0, 5), slice(5, 10), 10, 11, 12


def plus(one: Tally, other: Tally) -> Tally:
    """Return the sum of two tallies."""
    return tuple(map(add, one, other))


def minus(one: Tally, other: Tally) -> Tally:
    """Return a tally without a part of it."""
    return tuple(map(sub, one, other))


def level_evidence(tally: Tally, level: Level, shared: str) -> LevelEvidence | None:
    """Return what a tally means for a sound; None if there is no voice in it."""
    voices = int(tally[VOICES])
    if voices < 1:
        return None
    a, b, c, d, e = map(int, tally[LIKELIEST])
    factor = factor_of(level, tally[SAID], voices)
    return LevelEvidence(level, factor, int(tally[SOUNDS]), (a, b, c, d, e), shared, int(tally[BY_USER]))


def one_voice(tally: Tally) -> Tally:
    """Return the tally of several sounds that are alike as that of one voice, which is louder the more they are."""
    count = int(tally[VOICES])
    if count < 1:
        return NO_TALLY
    weight = count_weight(count) / count
    return (*(said * weight for said in tally[SAID]), *tally[LIKELIEST], 1, tally[SOUNDS], tally[BY_USER])


class Voice:
    """One distinct sound as a tally: what it says to those with its stem, and to the others."""

    __slots__ = ("alike", "is_named", "others")

    def __init__(self, sound: NeighborSound) -> None:
        self.is_named = bool(sound.named)
        by_sound = confirmed_as(sound.named) if sound.named else sound.by_sound
        self.alike = _tally_of(by_sound, by_user=self.is_named)
        is_same = self.is_named or sound.with_name == sound.by_sound
        self.others = self.alike if is_same else _tally_of(sound.with_name, by_user=False)


def _tally_of(p: Five, *, by_user: bool) -> Tally:
    likeliest = [0] * len(LABELS)
    likeliest[p.index(max(p))] = 1
    return (*evidence_of(p), *likeliest, 1, 1, int(by_user))


class Group:
    """The files of one folder with one stem, or one file that is named by numbers alone."""

    __slots__ = ("_alike", "_copies", "_others", "doubled", "folder", "keys", "stem", "voice", "words")

    def __init__(self, folder: str, stem: tuple[str, ...]) -> None:
        self.folder, self.stem, self.words = folder, stem, shared_words(stem)
        self.keys: set[Hashable] = set()
        self.doubled: set[Hashable] = set()  # its distinct sounds that other groups of the pack have too
        self.voice = NO_TALLY  # what it says to other stems, as it is counted in the sums of the pack
        self._copies: dict[Hashable, dict[Hashable, Voice]] = {}  # by digest, then by file
        self._alike, self._others = NO_TALLY, NO_TALLY

    def put(self, key: Hashable, sound: NeighborSound) -> None:
        """Add a file, which is not there yet."""
        with_copies = self._copies.setdefault(sound.digest or key, {})
        before = _speaker(with_copies)
        with_copies[key] = Voice(sound)
        self._replace(before, _speaker(with_copies))
        self.keys.add(key)

    def remove(self, key: Hashable, sound: NeighborSound) -> None:
        """Remove a file."""
        with_copies = self._copies[sound.digest or key]
        before = _speaker(with_copies)
        del with_copies[key]
        self._replace(before, _speaker(with_copies))
        if not with_copies:
            del self._copies[sound.digest or key]
        self.keys.remove(key)

    def sounds(self) -> Mapping[Hashable, object]:
        """Return its distinct sounds."""
        return self._copies

    def alike(self, sound: Hashable) -> Tally:
        """Return what the others of this group say to this sound, which may be one of them."""
        speaker = _speaker(self._copies.get(sound, {}))
        return minus(self._alike, speaker.alike) if speaker else self._alike

    def voice_without(self, sounds: Iterable[Hashable] = ()) -> Tally:
        """Return the one voice of this group for other stems, without some of its sounds."""
        rest = self._others
        for one in sounds:
            speaker = _speaker(self._copies[one])
            rest = minus(rest, speaker.others) if speaker else rest
        return one_voice(rest)

    def _replace(self, before: Voice | None, after: Voice | None) -> None:
        if before is after:
            return
        if before:
            self._alike, self._others = minus(self._alike, before.alike), minus(self._others, before.others)
        if after:
            self._alike, self._others = plus(self._alike, after.alike), plus(self._others, after.others)


def _speaker(copies: Mapping[Hashable, Voice]) -> Voice | None:
    """Return the copy that speaks for all: one that the user has named, else the first; None if there is none."""
    first = None
    for voice in copies.values():
        if voice.is_named:
            return voice
        first = first or voice
    return first


def _no_tallies() -> dict[str, Tally]:
    return defaultdict(lambda: NO_TALLY)


def _no_groups() -> dict[str, set[GroupKey]]:
    return defaultdict(set)


@dataclass(slots=True)
class Pack:
    """The groups of a pack, and the sums of their voices by folder and by word, which are brought up to date when they are asked for."""

    groups: dict[GroupKey, Group] = field(default_factory=dict)
    in_folder: dict[str, set[GroupKey]] = field(default_factory=_no_groups)
    with_word: dict[str, set[GroupKey]] = field(default_factory=_no_groups)
    _stems: int = 0  # groups that have a stem
    _by_folder: dict[str, Tally] = field(default_factory=_no_tallies)
    _by_word: dict[str, Tally] = field(default_factory=_no_tallies)
    _holders: dict[Hashable, set[GroupKey]] = field(default_factory=lambda: defaultdict(set))  # of each sound
    _changed: set[GroupKey] = field(default_factory=set)
    _known: dict[GroupKey, tuple[LevelEvidence, ...]] = field(default_factory=dict)

    def put(self, at: GroupKey, stem: tuple[str, ...], key: Hashable, sound: NeighborSound) -> None:
        """Add a file, which is not there yet, to its group."""
        if at not in self.groups:
            self.groups[at] = group = Group(at[0], stem)
            self._stems += bool(stem)
            self.in_folder[group.folder].add(at)
            for word in group.words:
                self.with_word[word].add(at)
        self.groups[at].put(key, sound)
        self._hold(sound.digest or key, at)
        self._changed.add(at)

    def remove(self, at: GroupKey, key: Hashable, sound: NeighborSound) -> None:
        """Remove a file from its group."""
        group = self.groups[at]
        group.remove(key, sound)
        self._changed.add(at)
        if (sound.digest or key) not in group.sounds():
            self._release(sound.digest or key, at)
        if not group.keys:
            self._count(group)
            self._known.clear()
            self._changed.discard(at)
            del self.groups[at]
            self._stems -= bool(group.stem)
            _discard(self.in_folder, group.folder, at)
            for word in group.words:
                _discard(self.with_word, word, at)

    def tells_apart(self, word: str) -> bool:
        """Return whether a word is not the vendor's, which more than half of the stems of the pack have."""
        return word in self.with_word and 2 * len(self.with_word[word]) <= self._stems

    def evidence_of_others(
        self, at: GroupKey, stem: tuple[str, ...], folder: str, identity: Hashable
    ) -> tuple[LevelEvidence, ...]:
        """Return what the other stems say to a sound of the group at `at`: by its most telling word, and by its folder."""
        self._bring_up_to_date()
        group = self.groups.get(at)
        if group is None or identity not in group.sounds():
            doubled = {identity, *(group.doubled if group else ())}
            return self._evidence_of_others(at, stem, folder, doubled)
        if at not in self._known:
            self._known[at] = self._evidence_of_others(at, stem, folder, group.doubled)
        return self._known[at]

    def _bring_up_to_date(self) -> None:
        if self._changed:
            self._known.clear()
            for at in self._changed:
                self._count(self.groups[at])
            self._changed.clear()

    def _count(self, group: Group) -> None:
        """Let the sums have what the group says now."""
        voice = group.voice_without()
        change = minus(voice, group.voice)
        group.voice = voice
        self._by_folder[group.folder] = plus(self._by_folder[group.folder], change)
        for word in group.words:
            self._by_word[word] = plus(self._by_word[word], change)

    def _hold(self, identity: Hashable, at: GroupKey) -> None:
        """Note that a group has this distinct sound."""
        holders = self._holders[identity]
        holders.add(at)
        if len(holders) > 1:
            for one in holders:
                self.groups[one].doubled.add(identity)

    def _release(self, identity: Hashable, at: GroupKey) -> None:
        """Note that a group does not have this distinct sound any more."""
        holders = self._holders[identity]
        holders.discard(at)
        self.groups[at].doubled.discard(identity)
        if len(holders) == 1:
            self.groups[next(iter(holders))].doubled.discard(identity)
        if not holders:
            del self._holders[identity]

    def _evidence_of_others(
        self, at: GroupKey, stem: tuple[str, ...], folder: str, own: set[Hashable]
    ) -> tuple[LevelEvidence, ...]:
        by_words = (
            level_evidence(
                self._sum_of_others(at, self._by_word[word], self.with_word[word], own), "word", word
            )
            for word in sorted(shared_words(stem))
            if self.tells_apart(word)
        )
        of_word = max((found for found in by_words if found), key=attrgetter("strength"), default=None)
        of_folder = None
        if at[0] in self.in_folder:
            total = self._sum_of_others(at, self._by_folder[at[0]], self.in_folder[at[0]], own)
            of_folder = level_evidence(total, "folder", folder)
        return tuple(found for found in (of_word, of_folder) if found)

    def _sum_of_others(self, at: GroupKey, total: Tally, groups: set[GroupKey], own: set[Hashable]) -> Tally:
        """Return the sum of the voices of other groups, in which the sounds that the own group holds too do not count."""
        rest = minus(total, self.groups[at].voice) if at in groups else total
        copies: dict[GroupKey, list[Hashable]] = {}
        for identity in own:
            for one in self._holders.get(identity, ()):
                if one != at and one in groups:
                    copies.setdefault(one, []).append(identity)
        for one, identities in copies.items():
            rest = plus(minus(rest, self.groups[one].voice), self.groups[one].voice_without(identities))
        return rest


def _discard(index: dict[str, set[GroupKey]], name: str, at: GroupKey) -> None:
    index[name].discard(at)
    if not index[name]:
        del index[name]
