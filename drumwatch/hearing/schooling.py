"""From the shipped model and what the user has said to a model of the user's own: new trees, and an echo.

The trees are grown in parts, each without a part of the user's sounds, so that of every sound there is a word by trees that never met it:
the echo is fitted to those words, and by them the model is judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.hearing import echo, growing
from drumwatch.hearing.model import TYPES, known, label_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.memory import Memory
    from drumwatch.hearing.model import Model

    Floats = NDArray[np.float32]
    Rows = NDArray[np.intp]
    Mask = NDArray[np.bool_]

PARTS = 4
TREES = growing.TREES // PARTS  # in each part
FEW = 4  # sounds: a maker of fewer counts like a maker of so many, or single sounds would outweigh packs
# Weight in the trees of what the user says about our types: with all of it, six in a thousand sounds of other makers were lost after 50
# labels, with this none, and the echo brings most of the gain anyway (`benchmarks/learning.py`, families of `tune`).
SOFTLY = 0.2
HEARD_LOUDLY = 20  # sounds of one pack that echo with all their weight; of more, each a little less
ANCHOR = 0.2  # weight of a shipped sound in the echo: it holds its place against a mistake nearby
NEAR = 2.0  # reaches within which shipped sounds are anchors
ECHOES, ANCHORS = 2000, 1000  # sounds at most: fitting takes time with their square


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """Labelled sounds as numbers."""

    evidence: Floats  # (sounds, evidence)
    may_be: Mask  # (sounds, types): the types that the label allows
    pack: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.pack)

    def __getitem__(self, rows: Rows | Mask) -> Sounds:
        return Sounds(self.evidence[rows], self.may_be[rows], self.pack[rows])

    @property
    def measured(self) -> Floats:
        return self.evidence[:, : -len(TYPES)]

    @property
    def is_own(self) -> Mask:
        """Which are of a class of the user's own."""
        return np.logical_not(np.any(self.may_be[:, : len(TYPES)], axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """Where the learning starts from: the shipped model and what it learned from, with the user's own classes beside its types."""

    shipped: Model
    memory: Memory
    own: tuple[str, ...] = ()

    @property
    def groups(self) -> int:
        return len(self.shipped.group_types)

    @property
    def group_types(self) -> Floats:
        """(groups, types) with a group for each class of the user's own."""
        rows = np.zeros((self.groups + len(self.own), len(TYPES) + len(self.own)), np.float32)
        rows[: self.groups, : len(TYPES)] = self.shipped.group_types
        rows[self.groups :, len(TYPES) :] = np.eye(len(self.own))
        return rows

    @property
    def sounds(self) -> Sounds:
        """The shipped sounds; a vague label such as "some hat" allows each of its types."""
        packs = np.char.partition(self.memory.name.astype(str), ": ")[:, 0]
        evidence = self.memory.evidence.astype(np.float32)
        return Sounds(evidence, (self.group_types > 0)[self.memory.group], packs)


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """A model with the user's sounds in its trees, and what each part says of the sounds that it was grown without."""

    model: Model  # without an echo
    echoing: Echoing
    user: Sounds
    unmet: Floats  # (the user's sounds, types)
    part: Rows  # of each of the user's sounds

    def taught(self) -> Model:
        """The model with the echo of all that the user has said."""
        return replace(self.model, echo=self.echoing.of(self.user, self.unmet))

    def honest(self) -> Floats:
        """(the user's sounds, types): what is said of each by trees and an echo that have not met it."""
        said = self.unmet.copy()
        for number in range(PARTS):
            held = self.part == number
            if held.any() and not held.all():
                others = self.echoing.of(self.user[~held], self.unmet[~held])
                said[held] = others.moved(self.user.evidence[held], self.unmet[held])
        return said


def grow(begin: Class, user: Sounds, rows: Rows | None = None, *, trees: int = TREES) -> Grown:
    """From these rows of the shipped sounds (or all), and every one of the user's."""
    rows = np.arange(len(begin.memory.group)) if rows is None else rows
    shipped = begin.sounds[rows]
    group = np.concatenate([begin.memory.group[rows], groups_of(user, begin)])
    measured = np.concatenate([shipped.measured, user.measured])
    weight = weights(shipped.pack, user.pack)
    weight[len(shipped) :] *= np.where(user.is_own, 1, SOFTLY)
    part = np.arange(len(user)) % PARTS
    forests = []
    for number in range(PARTS):
        kept = np.concatenate([np.full(len(shipped), True), part != number])
        forests.append(growing.grow(measured[kept], group[kept], weight[kept], trees, seed=number))
    model = replace(
        begin.shipped,
        forest=growing.laid_out(forests, begin.groups + len(begin.own)),
        group_types=begin.group_types,
        known=with_known(begin.shipped, user),
        own=begin.own,
    )
    unmet = model.unechoed(user.evidence, said_by_parts(forests, user, part, len(model.group_types)))
    return Grown(model, Echoing(model, begin.memory.weight, shipped), user, unmet, part)


def untaught(begin: Class, rows: Rows, *, trees: int = TREES, seed: int = 0) -> Model:
    """The same trees without the user's sounds: what teaching is compared with on families that neither has met."""
    shipped = begin.sounds[rows]
    weight, group = weights(shipped.pack, np.array([], str)), begin.memory.group[rows]
    seeds = range(seed, seed + PARTS)
    forests = [growing.grow(shipped.measured, group, weight, trees, seed=number) for number in seeds]
    return replace(begin.shipped, forest=growing.laid_out(forests, begin.groups))


def weights(shipped: NDArray[np.str_], user: NDArray[np.str_]) -> Floats:
    """One pack, however large, must not swamp the rest: a sound counts with 1 / sqrt(sounds of its pack), shipped or not."""
    packs = np.concatenate([np.char.add("shipped ", shipped), np.char.add("own ", user)])
    _, at, sizes = np.unique(packs, return_inverse=True, return_counts=True)
    each = np.maximum(sizes, FEW)[at] ** -0.5
    result: Floats = (each / each[: len(shipped)].mean()).astype(np.float32)
    return result


def groups_of(user: Sounds, begin: Class) -> Rows:
    """The training group of each: of the types that it may be, the one that the shipped model likes best."""
    liked = np.pad(begin.shipped.predict(user.evidence), ((0, 0), (0, len(begin.own))))
    kind = np.where(user.may_be, liked, -1).argmax(axis=1)
    result: Rows = begin.group_types.argmax(axis=0)[kind]
    return result


def said_by_parts(forests: list[Any], user: Sounds, part: Rows, groups: int) -> Floats:
    """(the user's sounds, groups): of each, what the part says that was grown without it."""
    said = np.zeros((len(user), groups), np.float32)
    for number, forest in enumerate(forests):
        if (held := part == number).any():
            said[np.ix_(held, forest.classes_)] = forest.predict_proba(user.measured[held])
    return said


def with_known(shipped: Model, user: Sounds) -> Any:  # noqa: ANN401  Known, which is Model's own
    """What the user has named is not strange any more."""
    points = np.concatenate([shipped.known.points, user.measured * shipped.known.scale]).astype(np.float16)
    return known(points, shipped.known.scale, shipped.known.usual)


@dataclass(frozen=True, slots=True, eq=False)
class Echoing:
    """How words become an echo: over a model without one, held in place by the shipped sounds around them."""

    model: Model
    scale: Floats
    shipped: Sounds

    def of(self, user: Sounds, unmet: Floats) -> echo.Echo:
        """The echo of these sounds, of which the model says `unmet` without having met them."""
        newest = slice(-ECHOES, None)
        heard = user.evidence[newest] * self.scale
        anchors = self.shipped[anchors_of(heard, self.shipped.evidence * self.scale)]
        points = np.concatenate([heard, anchors.evidence * self.scale])
        types = np.concatenate([unmet[newest], self.model.predict(anchors.evidence)])
        may_be = np.concatenate([user.may_be[newest], anchors.may_be])
        weight = np.concatenate([loudness(user.pack[newest]), np.full(len(anchors), ANCHOR, np.float32)])
        return echo.fitted(points, types, may_be, weight, self.scale)


def anchors_of(heard: Floats, shipped: Floats) -> Rows:
    """The shipped sounds that lie near the user's, the nearest first."""
    if not len(heard):
        return np.array([], np.intp)
    near = echo.closeness(shipped, heard, echo.REACH).max(axis=1)
    order = np.argsort(-near, kind="stable")[:ANCHORS]
    return order[near[order] > np.exp(-NEAR * NEAR / 2)]


def loudness(pack: NDArray[np.str_]) -> Floats:
    """The weight of each sound in the echo: a pack of thousands must not shout down the rest."""
    _, at, sizes = np.unique(pack, return_inverse=True, return_counts=True)
    result: Floats = np.sqrt(np.minimum(1, HEARD_LOUDLY / sizes))[at].astype(np.float32)
    return result


def right(types: Floats, sounds: Sounds) -> Mask:
    """Whether the most likely label is one that the sound's label allows; who knows fewer classes is asked about those."""
    matrix = label_matrix(types.shape[1] - len(TYPES))
    allowed = sounds.may_be[:, : types.shape[1]] @ matrix > 0
    result: Mask = allowed[np.arange(len(types)), (types @ matrix).argmax(axis=1)]
    return result
