"""Retrain the shipped model with the user's sounds: a new forest, and a kernel correction.

The forest is fitted in parts, each without a part of the user's sounds, so that every user's sound has a prediction by trees that
were fitted without it. The correction is fitted to these held-out predictions, and the model is evaluated with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model import kernel_correction
from drumwatch.analysis.model.model_file import TYPES, label_matrix, novelty_score
from drumwatch.analysis.retraining import fit_forest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model, NoveltyScore
    from drumwatch.analysis.model.reference_sounds import ReferenceSounds

    Floats = NDArray[np.float32]
    Rows = NDArray[np.intp]
    Mask = NDArray[np.bool_]

PARTS = 4
TREES = fit_forest.TREES // PARTS  # in each part
FEW = 4  # sounds; a smaller pack is weighted like a pack of this size, so that single sounds do not outweigh packs
# Weight in the forest of the user's labels for shipped types. With 1, 0.6 % of the sounds of other packs were lost after 50
# labels, with 0.2 none; the correction brings most of the gain (`benchmarks/learning.py`, families of `tune`).
USER_WEIGHT = 0.2
FULL_WEIGHT_SOUNDS = 20  # sounds of a pack with full weight in the correction; in a larger one each has less
ANCHOR = 0.2  # weight of a shipped sound in the correction, which keeps its label against a wrong one nearby
NEAR = 2.0  # kernel bandwidths within which shipped sounds are anchors
MOST_CORRECTED, MOST_ANCHORS = (
    2000,
    1000,
)  # most sounds of user and model in the correction; fitting time grows with their square


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """Labelled sounds as arrays."""

    vectors: Floats  # shape (sounds, vector)
    allowed: Mask  # shape (sounds, types): the types that the label allows
    pack: NDArray[np.str_]  # shape (sounds,)
    weight: Floats | None = (
        None  # shape (sounds,), 0 to 1: how much each label counts; None: all of them fully
    )

    def __len__(self) -> int:
        return len(self.pack)

    def __getitem__(self, rows: Rows | Mask) -> Sounds:
        return Sounds(self.vectors[rows], self.allowed[rows], self.pack[rows], self.label_weight[rows])

    @property
    def label_weight(self) -> Floats:
        """How much the label of each sound counts, shape (sounds,), 0 to 1."""
        return np.ones(len(self), np.float32) if self.weight is None else self.weight

    @property
    def features(self) -> Floats:
        """The features without the nets' log-probabilities, shape (sounds, features)."""
        return self.vectors[:, : -len(TYPES)]

    @property
    def is_own(self) -> Mask:
        """True for sounds in a class of the user's own, shape (sounds,)."""
        return np.logical_not(np.any(self.allowed[:, : len(TYPES)], axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class TrainingContext:
    """What retraining starts from: the shipped model, its reference sounds, and the user's own classes."""

    shipped: Model
    reference: ReferenceSounds
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
        packs = np.char.partition(self.reference.name.astype(str), ": ")[:, 0]
        vectors = self.reference.vectors.astype(np.float32)
        return Sounds(vectors, (self.group_types > 0)[self.reference.group], packs)


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """A retrained model, and the held-out predictions for the user's sounds."""

    model: Model  # without the correction
    correction_fit: CorrectionFit
    user: Sounds
    out_of_fold: (
        Floats  # shape (user's sounds, types): predictions by trees that were fitted without the sound
    )
    part: Rows  # shape (user's sounds,): the part that was fitted without the sound

    def corrected(self) -> Model:
        """Return the model with the correction by all of the user's sounds."""
        return replace(self.model, correction=self.correction_fit.of(self.user, self.out_of_fold))

    def held_out(self) -> Floats:
        """Return held-out predictions, shape (user's sounds, types): neither trees nor correction were fitted with the sound."""
        p = self.out_of_fold.copy()
        for number in range(PARTS):
            test = self.part == number
            if test.any() and not test.all():
                others = self.correction_fit.of(self.user[~test], self.out_of_fold[~test])
                p[test] = others.apply(self.user.vectors[test], self.out_of_fold[test])
        return p


def fit(base: TrainingContext, user: Sounds, rows: Rows | None = None, *, trees: int = TREES) -> FittedModel:
    """Fit a forest to the shipped sounds in `rows` (default: all), shape (rows,), and all of the user's sounds."""
    rows = np.arange(len(base.reference.group)) if rows is None else rows
    shipped = base.sounds[rows]
    group = np.concatenate([base.reference.group[rows], groups_of(user, base)])
    measured = np.concatenate([shipped.features, user.features])
    weight = weights(shipped.pack, user.pack)
    weight[len(shipped) :] *= np.where(user.is_own, 1, USER_WEIGHT) * user.label_weight
    part = np.arange(len(user)) % PARTS
    forests = []
    for number in range(PARTS):
        train = np.concatenate([np.full(len(shipped), True), part != number])
        forests.append(fit_forest.fit(measured[train], group[train], weight[train], trees, seed=number))
    model = replace(
        base.shipped,
        forest=fit_forest.to_arrays(forests, base.groups + len(base.own)),
        group_types=base.group_types,
        novelty=with_user_sounds(base.shipped, user),
        own=base.own,
    )
    predicted = model.uncorrected(
        user.vectors, out_of_fold_groups(forests, user, part, len(model.group_types))
    )
    return FittedModel(model, CorrectionFit(model, base.reference.weight, shipped), user, predicted, part)


def fit_without_user(base: TrainingContext, rows: Rows, *, trees: int = TREES, seed: int = 0) -> Model:
    """Fit the same forest without the user's sounds, as the baseline for held-out packs; `rows` has the shape (rows,)."""
    shipped = base.sounds[rows]
    weight, group = weights(shipped.pack, np.array([], str)), base.reference.group[rows]
    seeds = range(seed, seed + PARTS)
    forests = [fit_forest.fit(shipped.features, group, weight, trees, seed=number) for number in seeds]
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
    p = np.pad(base.shipped.predict(user.vectors), ((0, 0), (0, len(base.own))))
    kind = np.where(user.allowed, p, -1).argmax(axis=1)
    result: Rows = base.group_types.argmax(axis=0)[kind]
    return result


def out_of_fold_groups(forests: list[Any], user: Sounds, part: Rows, groups: int) -> Floats:
    """Return held-out predictions, shape (user's sounds, groups), each by the part that was fitted without the sound.

    `part` has the shape (user's sounds,).
    """
    p = np.zeros((len(user), groups), np.float32)
    for number, forest in enumerate(forests):
        if (test := part == number).any():
            p[np.ix_(test, forest.classes_)] = forest.predict_proba(user.features[test])
    return p


def with_user_sounds(shipped: Model, user: Sounds) -> NoveltyScore:
    """Return the novelty score of the shipped model with the user's sounds added to its points."""
    points = np.concatenate([shipped.novelty.points, user.features * shipped.novelty.scale]).astype(
        np.float16
    )
    return novelty_score(points, shipped.novelty.scale, shipped.novelty.usual_distance)


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionFit:
    """How a correction is fitted: on top of a model without one, with shipped sounds as anchors."""

    model: Model
    scale: Floats
    shipped: Sounds

    def of(self, user: Sounds, out_of_fold: Floats) -> kernel_correction.KernelCorrection:
        """Fit the correction by these sounds; `out_of_fold` holds their held-out predictions, shape (sounds, types)."""
        newest = slice(-MOST_CORRECTED, None)
        confirmed = user.vectors[newest] * self.scale
        anchors = self.shipped[anchors_of(confirmed, self.shipped.vectors * self.scale)]
        points = np.concatenate([confirmed, anchors.vectors * self.scale])
        types = np.concatenate([out_of_fold[newest], self.model.predict(anchors.vectors)])
        allowed = np.concatenate([user.allowed[newest], anchors.allowed])
        weight = np.concatenate(
            [
                correction_weights(user.pack[newest]) * user.label_weight[newest],
                np.full(len(anchors), ANCHOR, np.float32),
            ]
        )
        return kernel_correction.fit(points, types, allowed, weight, self.scale)


def anchors_of(confirmed: Floats, shipped: Floats) -> Rows:
    """Return the rows, shape (rows,), of the shipped sounds within NEAR bandwidths of the user's, the nearest first.

    Both `confirmed` and `shipped` are scaled feature vectors, shape (sounds, vector).
    """
    if not len(confirmed):
        return np.array([], np.intp)
    kernel = kernel_correction.gaussian_kernel(shipped, confirmed, kernel_correction.BANDWIDTH).max(axis=1)
    order = np.argsort(-kernel, kind="stable")[:MOST_ANCHORS]
    return order[kernel[order] > np.exp(-NEAR * NEAR / 2)]


def correction_weights(pack: NDArray[np.str_]) -> Floats:
    """Return each sound's weight in the correction, shape (sounds,), 0 to 1; less in a pack of more than FULL_WEIGHT_SOUNDS."""
    _, index, sizes = np.unique(pack, return_inverse=True, return_counts=True)
    result: Floats = np.sqrt(np.minimum(1, FULL_WEIGHT_SOUNDS / sizes))[index].astype(np.float32)
    return result


def right(types: Floats, sounds: Sounds) -> Mask:
    """Return whether the most likely label is allowed, shape (sounds,); `types` holds probabilities, shape (sounds, types).

    A model that lacks the user's classes is compared on its own classes only.
    """
    matrix = label_matrix(types.shape[1] - len(TYPES))
    allowed = sounds.allowed[:, : types.shape[1]] @ matrix > 0
    result: Mask = allowed[np.arange(len(types)), (types @ matrix).argmax(axis=1)]
    return result
