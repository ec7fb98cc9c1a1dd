"""The model file: arrays without pickle, and a card that says what they are. What does not fit is refused by name."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.errors import CannotHear
from drumwatch.hearing import features
from drumwatch.hearing.forest import Forest
from drumwatch.hearing.net import Nets
from drumwatch.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from drumwatch.hearing.echo import Echo
    from drumwatch.hearing.views import Views

    Floats = NDArray[np.float32]

FORMAT = 2
SHIPPED = Path(__file__).parent / "model" / "model.npz"
TYPES = tuple(LABEL_OF_TYPE)
NEIGHBOURS = 5
MOST_BYTES = 1 << 28  # of a model file, unpacked: the shipped one has 15 million
DOUBT = 2.0
EVIDENCE = (*features.FEATURE_NAMES, *(f"ear: {kind}" for kind in TYPES))


class ModelRefused(CannotHear):
    """This model file does not fit this drumwatch; nothing was deleted."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A forest that judges by measurements, nets that listen, and how the two are weighed together."""

    path: str
    card: dict[str, Any]
    nets: Nets
    forest: Forest
    group_types: Floats  # (groups, types): what share of a group belongs to which type
    temperature: float
    ear_share: float  # how much the nets' own word counts beside the forest's
    known: Known
    ear: str  # by what a sound is measured: what one model's ear has heard is true for every model that has the same
    own: tuple[str, ...] = ()  # classes that the user has made: each is a type and a label
    echo: Echo | None = None  # what the user has said, felt by whatever sounds alike

    @property
    def id(self) -> str:
        return str(self.card["id"])

    @property
    def types(self) -> tuple[str, ...]:
        return TYPES + self.own

    @property
    def labels(self) -> tuple[str, ...]:
        return LABELS + self.own

    @property
    def label_matrix(self) -> Floats:
        """(types, labels): which label each type belongs to."""
        return label_matrix(len(self.own))

    def evidence(self, views: Views, x: Floats) -> Floats:
        """The measurements, then what the nets say, as mean log probability."""
        return np.concatenate([x, log_of(self.nets.judge(views, x)).mean(axis=0)])

    def predict(self, evidence: Floats) -> Floats:
        """Calibrated probability of each of `types`, for one sound or one in each row."""
        types = self.unechoed(evidence, self.forest.predict(evidence[..., : -len(TYPES)]))
        return self.echo.moved(evidence, types) if self.echo else types

    def unechoed(self, evidence: Floats, groups: Floats) -> Floats:
        """The same without the echo, from what the trees say."""
        measured, ears = evidence[..., : -len(TYPES)], evidence[..., -len(TYPES) :]
        trees = spread(groups, self.group_types)
        # No net knows the user's own
        ears = np.concatenate([ears, log_of(trees[..., len(TYPES) :])], axis=-1)
        doubt = doubt_of(self.known.strangeness(measured))[..., None]
        return calibrate(blend(trees, ears, self.ear_share), self.temperature * doubt, self.label_matrix)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Where the labelled sounds lie among the measurements: a sound far from all of them is not to be trusted far."""

    points: Floats  # (sounds, measurements), scaled
    scale: Floats
    usual: float  # distance that only few sounds of families never heard exceed
    squares: Floats  # of the points' lengths

    def strangeness(self, measured: Floats) -> Floats:
        """Distance to the nearest labelled sounds, against what is usual: above 1 is "nothing I know"."""
        point = measured * self.scale
        squared = self.squares - 2 * (point @ self.points.T) + np.square(point).sum(axis=-1, keepdims=True)
        return np.sqrt(np.maximum(nearest(squared), 0)).mean(axis=-1) / self.usual


def known(points: NDArray[np.float16], scale: Floats, usual: float) -> Known:
    full = points.astype(np.float32)
    return Known(full, scale, usual, np.einsum("ij,ij->i", full, full))


def nearest(squared: Floats) -> Floats:
    """The smallest few along the last axis."""
    return np.partition(squared, NEIGHBOURS - 1, axis=-1)[..., :NEIGHBOURS]


def doubt_of(strangeness: Floats | float) -> Any:  # noqa: ANN401  a number for a number, an array for an array
    """By how much a strange sound flattens what is said about it."""
    return 1 + DOUBT * np.maximum(0, np.log(np.maximum(strangeness, 1e-3)))


def log_of(p: Floats) -> Floats:
    return np.log(p + np.float32(1e-3))


def blend(trees: Floats, ears: Floats, ear_share: float) -> Floats:
    """Trees and nets weighed together as log probabilities."""
    log_p = (1 - ear_share) * log_of(trees) + ear_share * ears
    p: Floats = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def spread(groups: Floats, group_types: Floats) -> Floats:
    """From the groups a forest was grown on to types; "some hat" is shared out as the hats beside it are."""
    is_type = group_types.max(axis=1) == 1
    firm = groups[..., is_type] @ group_types[is_type]
    share = group_types[~is_type] * (firm[..., None, :] + 1e-3)
    share /= share.sum(axis=-1, keepdims=True)
    return firm + np.einsum("...g,...gt->...t", groups[..., ~is_type], share)


LABEL_MATRIX = np.array([[LABEL_OF_TYPE[kind] == label for label in LABELS] for kind in TYPES], np.float32)


@functools.lru_cache(maxsize=8)
def label_matrix(own: int) -> Floats:
    """LABEL_MATRIX with so many classes of the user's own, each its own label."""
    return np.block(
        [
            [LABEL_MATRIX, np.zeros((len(TYPES), own), np.float32)],
            [np.zeros((own, len(LABELS)), np.float32), np.eye(own, dtype=np.float32)],
        ]
    )


def calibrate(types: Floats, temperature: float | Floats, matrix: Floats = LABEL_MATRIX) -> Floats:
    """Sharpens or flattens the labels' probabilities; within a label the types keep their shares."""
    labels = np.maximum(types @ matrix, 1e-4)
    warped = labels ** (1 / temperature)
    warped /= warped.sum(axis=-1, keepdims=True)
    result: Floats = types * ((warped / labels) @ matrix.T)
    return result / result.sum(axis=-1, keepdims=True)


@functools.lru_cache(maxsize=2)
def load(path: str = str(SHIPPED)) -> Model:
    """The model in this file and the card beside it, or ModelRefused with the reason."""
    card, arrays = read(path)
    return assemble(path, card, arrays)


def read(path: str, known: Sequence[str] = ()) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Card and arrays of a model file that this program understands; of a stranger's, only the arrays `known` by name."""
    card = card_beside(path)
    try:
        data = Path(path).read_bytes()
    except OSError as exc:
        raise unreadable(path, exc) from exc
    check(path, data, card)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if sum(one.file_size for one in file.zip.infolist()) > MOST_BYTES:
                raise ModelRefused(
                    f"The model {path} would unpack to more than any model needs: choose another one."
                )
            return card, {name: file[name] for name in file.files if not known or name in known}
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError) as exc:
        raise ModelRefused(f"The model {path} is damaged ({exc}): choose another one.") from exc


def card_beside(path: str) -> dict[str, Any]:
    """What a model says of itself."""
    try:
        card = json.loads(Path(path).with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise unreadable(path, exc) from exc
    if not isinstance(card, dict):
        raise unreadable(path, ValueError("its card is no table"))
    return card


def unreadable(path: str, exc: Exception) -> ModelRefused:
    return ModelRefused(
        f"The model {path} cannot be read: {exc}. Choose another one or install drumwatch again."
    )


def assemble(path: str, card: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Model:
    """The model that these arrays make."""
    return Model(
        path,
        card,
        Nets.of(arrays, card["nets"]),
        Forest.of(arrays, "forest_"),
        arrays["group_types"],
        float(card["temperature"]),
        float(card["ear_share"]),
        known(arrays["known_points"], arrays["known_scale"], float(card["usual_distance"])),
        ear_of(arrays),
    )


def ear_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """The same for two models that get the same evidence out of a sound, however their trees differ."""
    summed = hashlib.blake2b(f"{features.VERSION} {EVIDENCE}".encode(), digest_size=16)
    for name in sorted(name for name in arrays if name.startswith("net")):
        summed.update(name.encode() + arrays[name].tobytes())
    return summed.hexdigest()


def check(path: str, data: bytes, card: dict[str, Any]) -> None:
    """Refuses what this program would misread: another format, other features, other bytes."""
    if card.get("format") != FORMAT:
        raise ModelRefused(
            f"The model {path} has format {card.get('format')}, this drumwatch reads {FORMAT}: train it again."
        )
    if card.get("features_version") != features.VERSION or tuple(card.get("features") or ()) != EVIDENCE:
        raise ModelRefused(
            f"The model {path} was trained on other features than this drumwatch hears: train it again."
        )
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelRefused(
            f"The model {path} is not the file that its card describes: copy both again, or train it again."
        )
