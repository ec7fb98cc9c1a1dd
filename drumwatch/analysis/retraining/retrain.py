"""Retrain the shipped model with the user's sounds: a new forest, and a kernel correction.

The forest is fitted in parts, each without a part of the user's sounds, so that every user's sound has a prediction by trees that
were fitted without it. The correction is fitted to these held-out predictions, and the model is evaluated with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model import kernel_correction
from drumwatch.analysis.model.model_file import TYPES, known, label_matrix
from drumwatch.analysis.retraining import fit_forest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model
    from drumwatch.analysis.model.reference_sounds import ReferenceSounds

    Floats = NDArray[np.float32]
    Rows = NDArray[np.intp]
    Mask = NDArray[np.bool_]

PARTS = 4
TREES = fit_forest.TREES // PARTS  # in each part
FEW = 4  # sounds; a smaller pack is weighted like a pack of this size, so that single sounds do not outweigh packs
# Weight in the forest of the user's labels for shipped types. With 1, 0.6 % of the sounds of other packs were lost after 50
# labels, with 0.2 none; the correction brings most of the gain (`benchmarks/learning.py`, families of `tune`).
SOFTLY = 0.2
HEARD_LOUDLY = 20  # sounds of a pack with full weight in the correction; in a larger one each has less
ANCHOR = 0.2  # weight of a shipped sound in the correction, which keeps its label against a wrong one nearby
NEAR = 2.0  # kernel bandwidths within which shipped sounds are anchors
ECHOES, ANCHORS = (
    2000,
    1000,
)  # most sounds of user and model in the correction; fitting time grows with their square


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """Labelled sounds as arrays."""

    evidence: Floats  # shape (sounds, evidence)
    may_be: Mask  # shape (sounds, types): the types that the label allows
    pack: NDArray[np.str_]  # shape (sounds,)

    def __len__(self) -> int:
        return len(self.pack)

    def __getitem__(self, rows: Rows | Mask) -> Sounds:
        return Sounds(self.evidence[rows], self.may_be[rows], self.pack[rows])

    @property
    def measured(self) -> Floats:
        """The features without the nets' log-probabilities, shape (sounds, features)."""
        return self.evidence[:, : -len(TYPES)]

    @property
    def is_own(self) -> Mask:
        """True for sounds in a class of the user's own, shape (sounds,)."""
        return np.logical_not(np.any(self.may_be[:, : len(TYPES)], axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class TrainingContext:
    """What retraining starts from: the shipped model, its reference sounds, and the user's own classes."""

    shipped: Model
    memory: ReferenceSounds
    own: tuple[str, ...] = ()

    @property
    def groups(self) -> int:
        """The number of training groups of the shipped model."""
        return len(self.shipped.group_types)

    @property
    def group_types(self) -> Floats:
        """The share of each type in a training group, shape (groups, types), with a group for each class of the user's own."""
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
class FittedModel:
    """A retrained model, and the held-out predictions for the user's sounds."""

    model: Model  # without the correction
    echoing: CorrectionFit
    user: Sounds
    unmet: Floats  # shape (user's sounds, types): predictions by trees that were fitted without the sound
    part: Rows  # shape (user's sounds,): the part that was fitted without the sound

    def taught(self) -> Model:
        """Return the model with the correction by all of the user's sounds."""
        return replace(self.model, echo=self.echoing.of(self.user, self.unmet))

    def honest(self) -> Floats:
        """Return held-out predictions, shape (user's sounds, types): neither trees nor correction were fitted with the sound."""
        p = self.unmet.copy()
        for number in range(PARTS):
            test = self.part == number
            if test.any() and not test.all():
                others = self.echoing.of(self.user[~test], self.unmet[~test])
                p[test] = others.moved(self.user.evidence[test], self.unmet[test])
        return p


def fit(base: TrainingContext, user: Sounds, rows: Rows | None = None, *, trees: int = TREES) -> FittedModel:
    """Fit a forest to the shipped sounds in `rows` (default: all), shape (rows,), and all of the user's sounds."""
    rows = np.arange(len(base.memory.group)) if rows is None else rows
    shipped = base.sounds[rows]
    group = np.concatenate([base.memory.group[rows], groups_of(user, base)])
    measured = np.concatenate([shipped.measured, user.measured])
    weight = weights(shipped.pack, user.pack)
    weight[len(shipped) :] *= np.where(user.is_own, 1, SOFTLY)
    part = np.arange(len(user)) % PARTS
    forests = []
    for number in range(PARTS):
        train = np.concatenate([np.full(len(shipped), True), part != number])
        forests.append(fit_forest.fit(measured[train], group[train], weight[train], trees, seed=number))
    model = replace(
        base.shipped,
        forest=fit_forest.to_arrays(forests, base.groups + len(base.own)),
        group_types=base.group_types,
        known=with_known(base.shipped, user),
        own=base.own,
    )
    unmet = model.uncorrected(user.evidence, out_of_fold(forests, user, part, len(model.group_types)))
    return FittedModel(model, CorrectionFit(model, base.memory.weight, shipped), user, unmet, part)


def fit_without_user(base: TrainingContext, rows: Rows, *, trees: int = TREES, seed: int = 0) -> Model:
    """Fit the same forest without the user's sounds, as the baseline for held-out packs; `rows` has the shape (rows,)."""
    shipped = base.sounds[rows]
    weight, group = weights(shipped.pack, np.array([], str)), base.memory.group[rows]
    seeds = range(seed, seed + PARTS)
    forests = [fit_forest.fit(shipped.measured, group, weight, trees, seed=number) for number in seeds]
    return replace(base.shipped, forest=fit_forest.to_arrays(forests, base.groups))


def weights(shipped: NDArray[np.str_], user: NDArray[np.str_]) -> Floats:
    """Return sample weights, shape (sounds,): 1 / sqrt(sounds in the pack), so that a large pack does not dominate.

    `shipped` and `user` hold the pack of each sound, shape (sounds,); packs of user and model are kept apart.
    """
    packs = np.concatenate([np.char.add("shipped ", shipped), np.char.add("own ", user)])
    _, index, sizes = np.unique(packs, return_inverse=True, return_counts=True)
    each = np.maximum(sizes, FEW)[index] ** -0.5
    result: Floats = (each / each[: len(shipped)].mean()).astype(np.float32)
    return result


def groups_of(user: Sounds, base: TrainingContext) -> Rows:
    """Return the training group of each sound, shape (sounds,): of the allowed types, the one that the shipped model prefers."""
    p = np.pad(base.shipped.predict(user.evidence), ((0, 0), (0, len(base.own))))
    kind = np.where(user.may_be, p, -1).argmax(axis=1)
    result: Rows = base.group_types.argmax(axis=0)[kind]
    return result


def out_of_fold(forests: list[Any], user: Sounds, part: Rows, groups: int) -> Floats:
    """Return held-out predictions, shape (user's sounds, groups), each by the part that was fitted without the sound.

    `part` has the shape (user's sounds,).
    """
    p = np.zeros((len(user), groups), np.float32)
    for number, forest in enumerate(forests):
        if (test := part == number).any():
            p[np.ix_(test, forest.classes_)] = forest.predict_proba(user.measured[test])
    return p


def with_known(shipped: Model, user: Sounds) -> Any:  # noqa: ANN401  Known, which is Model's own
    """Return the reference points for the novelty score with the user's sounds among them."""
    points = np.concatenate([shipped.known.points, user.measured * shipped.known.scale]).astype(np.float16)
    return known(points, shipped.known.scale, shipped.known.usual)


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionFit:
    """How a correction is fitted: on top of a model without one, with shipped sounds as anchors."""

    model: Model
    scale: Floats
    shipped: Sounds

    def of(self, user: Sounds, unmet: Floats) -> kernel_correction.KernelCorrection:
        """Fit the correction by these sounds; `unmet` holds their held-out predictions, shape (sounds, types)."""
        newest = slice(-ECHOES, None)
        heard = user.evidence[newest] * self.scale
        anchors = self.shipped[anchors_of(heard, self.shipped.evidence * self.scale)]
        points = np.concatenate([heard, anchors.evidence * self.scale])
        types = np.concatenate([unmet[newest], self.model.predict(anchors.evidence)])
        may_be = np.concatenate([user.may_be[newest], anchors.may_be])
        weight = np.concatenate([loudness(user.pack[newest]), np.full(len(anchors), ANCHOR, np.float32)])
        return kernel_correction.fitted(points, types, may_be, weight, self.scale)


def anchors_of(heard: Floats, shipped: Floats) -> Rows:
    """Return the rows, shape (rows,), of the shipped sounds within NEAR bandwidths of the user's, the nearest first.

    Both `heard` and `shipped` are scaled feature vectors, shape (sounds, evidence).
    """
    if not len(heard):
        return np.array([], np.intp)
    kernel = kernel_correction.gaussian_kernel(shipped, heard, kernel_correction.BANDWIDTH).max(axis=1)
    order = np.argsort(-kernel, kind="stable")[:ANCHORS]
    return order[kernel[order] > np.exp(-NEAR * NEAR / 2)]


def loudness(pack: NDArray[np.str_]) -> Floats:
    """Return each sound's weight in the correction, shape (sounds,), 0 to 1; less in a pack of more than HEARD_LOUDLY."""
    _, index, sizes = np.unique(pack, return_inverse=True, return_counts=True)
    result: Floats = np.sqrt(np.minimum(1, HEARD_LOUDLY / sizes))[index].astype(np.float32)
    return result


def right(types: Floats, sounds: Sounds) -> Mask:
    """Return whether the most likely label is allowed, shape (sounds,); `types` holds probabilities, shape (sounds, types).

    A model that lacks the user's classes is compared on its own classes only.
    """
    matrix = label_matrix(types.shape[1] - len(TYPES))
    allowed = sounds.may_be[:, : types.shape[1]] @ matrix > 0
    result: Mask = allowed[np.arange(len(types)), (types @ matrix).argmax(axis=1)]
    return result
