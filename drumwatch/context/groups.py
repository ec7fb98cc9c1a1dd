"""The sounds of a pack in groups of one stem, and the running sums of their evidence."""

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
    """Where a sound came from, which decides who its neighbors are; it stays the same when the sound is filed."""

    pack: str  # whatever identifies the pack; sounds of different packs are never neighbors
    folder: str
    name: str  # of the file, with its ending


@dataclass(frozen=True, slots=True)
class NeighborSound:
    """An analyzed sound, as its neighbors see it; probabilities are in the order of LABELS, and never those in context."""

    place: Place
    by_sound: Five
    with_name: (
        Five  # by sound and the file's own name; as by_sound where names are ignored or are no evidence
    )
    digest: str = ""  # of the decoded sound: copies count once
    confirmed: str = ""  # the label or type that the user gave it, which counts instead of the probabilities


# The evidence of several votes, as a sum from which one can be taken away: the sum for each of LABELS, then the number of sounds whose
# likeliest label it is, then the numbers of votes, of sounds, and of sounds that the user has confirmed
Tally: TypeAlias = tuple[float, ...]
NO_TALLY: Tally = (0.0,) * 5 + (0,) * 8
EVIDENCE, LIKELIEST, VOTES, SOUNDS, CONFIRMED = slice(0, 5), slice(5, 10), 10, 11, 12


def plus(one: Tally, other: Tally) -> Tally:
    """Return the sum of two tallies."""
    return tuple(map(add, one, other))


def minus(one: Tally, other: Tally) -> Tally:
    """Return a tally without a part of it."""
    return tuple(map(sub, one, other))


def level_evidence(tally: Tally, level: Level, shared: str) -> LevelEvidence | None:
    """Return what a tally means for a sound; None if there is no vote in it."""
    votes = int(tally[VOTES])
    if votes < 1:
        return None
    a, b, c, d, e = map(int, tally[LIKELIEST])
    factor = factor_of(level, tally[EVIDENCE], votes)
    return LevelEvidence(level, factor, int(tally[SOUNDS]), (a, b, c, d, e), shared, int(tally[CONFIRMED]))


def one_vote(tally: Tally) -> Tally:
    """Return the tally of several sounds as that of one vote, which weighs more the more sounds there are."""
    count = int(tally[VOTES])
    if count < 1:
        return NO_TALLY
    weight = count_weight(count) / count
    return (
        *(share * weight for share in tally[EVIDENCE]),
        *tally[LIKELIEST],
        1,
        tally[SOUNDS],
        tally[CONFIRMED],
    )


class SoundEvidence:
    """The evidence of one distinct sound as a tally: for those with its stem, and for the others."""

    __slots__ = ("for_others", "for_stem", "is_confirmed")

    def __init__(self, sound: NeighborSound) -> None:
        self.is_confirmed = bool(sound.confirmed)
        by_sound = confirmed_as(sound.confirmed) if sound.confirmed else sound.by_sound
        self.for_stem = _tally_of(by_sound, confirmed=self.is_confirmed)
        is_same = self.is_confirmed or sound.with_name == sound.by_sound
        self.for_others = self.for_stem if is_same else _tally_of(sound.with_name, confirmed=False)


def _tally_of(p: Five, *, confirmed: bool) -> Tally:
    likeliest = [0] * len(LABELS)
    likeliest[p.index(max(p))] = 1
    return (*evidence_of(p), *likeliest, 1, 1, int(confirmed))


class Group:
    """The files of one folder with one stem, or one file that is named by numbers alone."""

    __slots__ = ("_copies", "_for_others", "_for_stem", "doubled", "folder", "keys", "stem", "vote", "words")

    def __init__(self, folder: str, stem: tuple[str, ...]) -> None:
        self.folder, self.stem, self.words = folder, stem, shared_words(stem)
        self.keys: set[Hashable] = set()
        self.doubled: set[Hashable] = set()  # its distinct sounds that other groups of the pack have too
        self.vote = NO_TALLY  # its evidence for other stems, as it is counted in the sums of the pack
        self._copies: dict[Hashable, dict[Hashable, SoundEvidence]] = {}  # by digest, then by file
        self._for_stem, self._for_others = NO_TALLY, NO_TALLY

    def put(self, key: Hashable, sound: NeighborSound) -> None:
        """Add a file, which is not there yet."""
        with_copies = self._copies.setdefault(sound.digest or key, {})
        before = _counted_copy(with_copies)
        with_copies[key] = SoundEvidence(sound)
        self._replace(before, _counted_copy(with_copies))
        self.keys.add(key)

    def remove(self, key: Hashable, sound: NeighborSound) -> None:
        """Remove a file."""
        with_copies = self._copies[sound.digest or key]
        before = _counted_copy(with_copies)
        del with_copies[key]
        self._replace(before, _counted_copy(with_copies))
        if not with_copies:
            del self._copies[sound.digest or key]
        self.keys.remove(key)

    def sounds(self) -> Mapping[Hashable, object]:
        """Return its distinct sounds."""
        return self._copies

    def for_stem(self, sound: Hashable) -> Tally:
        """Return the evidence of the others of this group for this sound, which may be one of them."""
        counted = _counted_copy(self._copies.get(sound, {}))
        return minus(self._for_stem, counted.for_stem) if counted else self._for_stem

    def vote_without(self, sounds: Iterable[Hashable] = ()) -> Tally:
        """Return the one vote of this group for other stems, without some of its sounds."""
        rest = self._for_others
        for one in sounds:
            counted = _counted_copy(self._copies[one])
            rest = minus(rest, counted.for_others) if counted else rest
        return one_vote(rest)

    def _replace(self, before: SoundEvidence | None, after: SoundEvidence | None) -> None:
        if before is after:
            return
        if before:
            self._for_stem, self._for_others = (
                minus(self._for_stem, before.for_stem),
                minus(self._for_others, before.for_others),
            )
        if after:
            self._for_stem, self._for_others = (
                plus(self._for_stem, after.for_stem),
                plus(self._for_others, after.for_others),
            )


def _counted_copy(copies: Mapping[Hashable, SoundEvidence]) -> SoundEvidence | None:
    """Return the copy that counts for all: one that the user has confirmed, else the first; None if there is none."""
    first = None
    for one in copies.values():
        if one.is_confirmed:
            return one
        first = first or one
    return first


def _no_tallies() -> dict[str, Tally]:
    return defaultdict(lambda: NO_TALLY)


def _no_groups() -> dict[str, set[GroupKey]]:
    return defaultdict(set)


@dataclass(slots=True)
class Pack:
    """The groups of a pack, and the sums of their votes by folder and by word, which are brought up to date when they are asked for."""

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

    def is_distinctive(self, word: str) -> bool:
        """Return whether a word is not the vendor's, which more than half of the stems of the pack have."""
        return word in self.with_word and 2 * len(self.with_word[word]) <= self._stems

    def evidence_of_others(
        self, at: GroupKey, stem: tuple[str, ...], folder: str, identity: Hashable
    ) -> tuple[LevelEvidence, ...]:
        """Return the evidence of other stems for a sound of the group at `at`: by the strongest word, and by its folder."""
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
        """Bring the sums up to date with the vote of the group."""
        vote = group.vote_without()
        change = minus(vote, group.vote)
        group.vote = vote
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
            if self.is_distinctive(word)
        )
        of_word = max((found for found in by_words if found), key=attrgetter("strength"), default=None)
        of_folder = None
        if at[0] in self.in_folder:
            total = self._sum_of_others(at, self._by_folder[at[0]], self.in_folder[at[0]], own)
            of_folder = level_evidence(total, "folder", folder)
        return tuple(found for found in (of_word, of_folder) if found)

    def _sum_of_others(self, at: GroupKey, total: Tally, groups: set[GroupKey], own: set[Hashable]) -> Tally:
        """Return the sum of the votes of other groups, in which the sounds that the own group holds too do not count."""
        rest = minus(total, self.groups[at].vote) if at in groups else total
        copies: dict[GroupKey, list[Hashable]] = {}
        for identity in own:
            for one in self._holders.get(identity, ()):
                if one != at and one in groups:
                    copies.setdefault(one, []).append(identity)
        for one, identities in copies.items():
            rest = plus(minus(rest, self.groups[one].vote), self.groups[one].vote_without(identities))
        return rest


def _discard(index: dict[str, set[GroupKey]], name: str, at: GroupKey) -> None:
    index[name].discard(at)
    if not index[name]:
        del index[name]
