"""Load a model: arrays without pickle, and a card (JSON) that describes them; a file that does not fit is refused."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import math
import mmap
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

from drumwatch.analysis import features
from drumwatch.analysis.model.conv_net import ConvNets
from drumwatch.analysis.model.forest import Forest
from drumwatch.core.errors import AnalysisUnavailable
from drumwatch.core.os_reasons import reason
from drumwatch.core.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from drumwatch.analysis.model.kernel_correction import KernelCorrection
    from drumwatch.analysis.net_inputs import NetInputs

    Floats = NDArray[np.float32]

Bytes: TypeAlias = bytes | mmap.mmap
Card = dict[str, Any]  # the JSON object beside a model file, which describes it

FORMAT = 2
SHIPPED = Path(__file__).parent / "shipped" / "model.npz"
TYPES = tuple(LABEL_OF_TYPE)
NEIGHBOURS = 5  # reference sounds whose mean distance is the novelty score
MOST_BYTES = 1 << 28  # of an unpacked model file; the shipped one has 15 million
LOCAL_HEADER = 30  # bytes in front of the name of a file in a zip
MOST_HEADER = 1 << 14  # bytes of an array's header, which is much shorter
# Every eighth of the reference sounds, so that each pack is among them; then so many again, twice so many, and the rest
PARTS = (slice(0, None, 8), slice(4, None, 8), slice(2, None, 4), slice(1, None, 2))
NOVELTY_SLOPE = 2.0  # temperature increase per natural log of the novelty score
# Names of the elements of the feature vector; cards of stored models list them, so they never change
VECTOR_NAMES = (*features.FEATURE_NAMES, *(f"ear: {kind}" for kind in TYPES))


class ModelRefused(AnalysisUnavailable):
    """This model file does not fit this drumwatch; nothing was deleted."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A forest over the features, nets over the net inputs, and how the two are averaged."""

    path: str
    card: Card
    nets: ConvNets
    forest: Forest
    group_types: Floats  # shape (groups, types): share of each type in a training group
    temperature: float
    nets_weight: float  # weight of the nets in the average with the forest, 0 to 1
    novelty: NoveltyScore
    analysis_id: str  # id of features and nets; models with the same id share their analyses
    own: tuple[str, ...] = ()  # the user's own classes; each is a type and a label
    correction: KernelCorrection | None = None  # correction by the user's confirmed sounds

    @property
    def id(self) -> str:
        """The id in the model's card."""
        return str(self.card["id"])

    @property
    def types(self) -> tuple[str, ...]:
        """The shipped types, then the user's own classes."""
        return TYPES + self.own

    @property
    def labels(self) -> tuple[str, ...]:
        """The shipped labels, then the user's own classes."""
        return LABELS + self.own

    @property
    def label_matrix(self) -> Floats:
        """The label of each type: shape (types, labels), 1 where the type belongs to the label, else 0."""
        return label_matrix(len(self.own))

    def feature_vector(self, inputs: NetInputs, x: Floats) -> Floats:
        """Return the feature vector, shape (vector,): the features, then the mean log-probability that the nets give each type.

        `x` holds the features of `features.extract`, shape (features,).
        """
        by_net = log_of(self.nets.predict(inputs, x))
        return np.concatenate([x, np.add.reduce(by_net, axis=0) / np.float32(len(by_net))])

    def predict(self, vector: Floats) -> Floats:
        """Return the calibrated probability of each of `types`.

        Parameters
        ----------
        vector : float32, shape (vector,) or (sounds, vector)

        Returns
        -------
        float32, shape (types,) or (sounds, types)
            Each row sums to 1.
        """
        types = self.uncorrected(vector, self.forest.predict(vector[..., : -len(TYPES)]))
        return self.correction.apply(vector, types) if self.correction else types

    def uncorrected(self, vector: Floats, groups: Floats) -> Floats:
        """Return the probabilities before the user's correction, shape (…, types), from those of the forest.

        `vector` has the shape (…, vector), `groups` the shape (…, groups).
        """
        x, nets = vector[..., : -len(TYPES)], vector[..., -len(TYPES) :]
        trees = spread(groups, self.group_types)
        # The nets do not know the user's classes, so the forest stands in for them
        nets = np.concatenate([nets, log_of(trees[..., len(TYPES) :])], axis=-1)
        factor = self.novelty.temperature_factor(x)[..., None]
        return calibrate(blend(trees, nets, self.nets_weight), self.temperature * factor, self.label_matrix)


@dataclass(frozen=True, slots=True, eq=False)
class NoveltyScore:
    """The labelled sounds in feature space; the model is less sure of a sound far from all of them."""

    points: Floats  # shape (sounds, features), scaled
    scale: Floats  # shape (features,)
    usual_distance: float  # that few sounds of held-out families exceed
    squares: Floats  # shape (sounds,): squared norms of the points

    def score(self, measured: Floats) -> Floats:
        """Return the novelty score, shape (…): mean distance to the nearest labelled sounds over `usual_distance`; above 1 is unusual.

        `measured` holds features, shape (…, features).
        """
        point = measured * self.scale
        return self._mean_distance(nearest(self._squared_distances(point, slice(None)))) / self.usual_distance

    def temperature_factor(self, measured: Floats) -> Floats:
        """Return `temperature_factor` of the novelty score, shape (…), without looking further where it is 1 already.

        The nearest of some points are never nearer than the nearest of all: as soon as these make a sound usual, it is.
        `measured` holds features, shape (…, features).
        """
        if measured.ndim > 1:
            return np.asarray(temperature_factor(self.score(measured)))
        point, near = measured * self.scale, np.zeros(0, np.float32)
        for part in PARTS:
            near = nearest(np.concatenate([near, self._squared_distances(point, part)]))
            score = self._mean_distance(near) / self.usual_distance
            if score <= 1 and len(near) == NEIGHBOURS:
                return np.ones((), np.float32)
        return np.asarray(temperature_factor(score))

    def _squared_distances(self, point: Floats, part: slice) -> Floats:
        """Return the squared distance to each labelled sound of a part, shape (…, sounds); `point` is scaled, shape (…, features)."""
        products = point @ self.points[part].T
        return self.squares[part] - 2 * products + np.square(point).sum(axis=-1, keepdims=True)

    @staticmethod
    def _mean_distance(squared: Floats) -> Floats:
        """Return the mean of the distances over the last axis, from their squares."""
        return np.sqrt(np.maximum(squared, 0)).mean(axis=-1)


def novelty_score(points: NDArray[np.float16], scale: Floats, usual_distance: float) -> NoveltyScore:
    """Return the novelty score from the stored points, shape (sounds, features), and their scale, shape (features,)."""
    full = points.astype(np.float32)
    return NoveltyScore(full, scale, usual_distance, np.einsum("ij,ij->i", full, full))


def nearest(squared: Floats) -> Floats:
    """Return the NEIGHBOURS smallest values along the last axis, shape (…, NEIGHBOURS), in no order; all, if they are not more."""
    if squared.shape[-1] <= NEIGHBOURS:
        return squared
    return np.partition(squared, NEIGHBOURS - 1, axis=-1)[..., :NEIGHBOURS]


def temperature_factor(score: Floats | float) -> Any:  # noqa: ANN401  a number for a number, an array for an array
    """Return the factor, at least 1, by which the novelty score raises the temperature; an array keeps its shape."""
    return 1 + NOVELTY_SLOPE * np.maximum(0, np.log(np.maximum(score, 1e-3)))


def log_of(p: Floats) -> Floats:
    """Return log(p + 0.001), so that a probability of 0 stays finite; the shape stays."""
    return np.log(p + np.float32(1e-3))


def blend(trees: Floats, nets: Floats, nets_weight: float) -> Floats:
    """Return the geometric mean of forest and nets, weighted by `nets_weight` and normalized, shape (…, types).

    `trees` holds probabilities, `nets` log-probabilities, both of shape (…, types).
    """
    log_p = (1 - nets_weight) * log_of(trees) + nets_weight * nets
    p: Floats = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def spread(groups: Floats, group_types: Floats) -> Floats:
    """Return probabilities of types, shape (…, types), from those of training groups, shape (…, groups).

    A vague group such as "some hat" is divided among its types in proportion to their own probabilities. `group_types` has the
    shape (groups, types).
    """
    is_type = group_types.max(axis=1) == 1
    by_type = np.where(is_type, groups, 0) @ group_types
    vague, prior = group_types[~is_type], by_type + np.float32(1e-3)
    divided: Floats = (groups[..., ~is_type] / (prior @ vague.T)) @ vague * prior
    return by_type + divided


LABEL_MATRIX = np.array([[LABEL_OF_TYPE[kind] == label for label in LABELS] for kind in TYPES], np.float32)


@functools.lru_cache(maxsize=8)
def label_matrix(own: int) -> Floats:
    """Return LABEL_MATRIX extended by `own` classes that are each a type and a label, shape (types + own, labels + own)."""
    return np.block(
        [
            [LABEL_MATRIX, np.zeros((len(TYPES), own), np.float32)],
            [np.zeros((own, len(LABELS)), np.float32), np.eye(own, dtype=np.float32)],
        ]
    )


def calibrate(types: Floats, temperature: float | Floats, matrix: Floats = LABEL_MATRIX) -> Floats:
    """Apply temperature scaling to the probabilities of the labels; within a label the types keep their ratios.

    Parameters
    ----------
    types : float32, shape (…, types)
    temperature : float, or float32 of shape (…, 1)
        Above 1 flattens, below 1 sharpens.
    matrix : float32, shape (types, labels)

    Returns
    -------
    float32, shape (…, types)
        Each row sums to 1.
    """
    labels = np.maximum(types @ matrix, 1e-4)
    warped = labels ** (1 / temperature)
    warped /= warped.sum(axis=-1, keepdims=True)
    result: Floats = types * ((warped / labels) @ matrix.T)
    return result / result.sum(axis=-1, keepdims=True)


@functools.lru_cache(maxsize=2)
def load(path: str = str(SHIPPED)) -> Model:
    """Return the model in this file, with the card beside it.

    Raises ModelRefused with the reason if it cannot be read or does not fit.
    """
    card, arrays = read(path)
    return assemble(path, card, arrays)


def read(path: str, wanted: Sequence[str] = ()) -> tuple[Card, dict[str, NDArray[Any]]]:
    """Return the card and the arrays of a model file; of a file from elsewhere, only the arrays named in `wanted`.

    The arrays have whatever shape the file gives them. Raises ModelRefused if the file cannot be read, does not match its card
    or would unpack to more than MOST_BYTES.
    """
    card = card_beside(path)
    try:
        with open(path, "rb") as opened:
            data = mapped(opened)
            check(path, data, card)
            arrays = arrays_of(path, opened, data, wanted)
            release_pages(data)
            return card, arrays
    except OSError as exc:
        raise unreadable(path, exc) from exc


def mapped(file: BinaryIO) -> Bytes:
    """Return the content of an open file, not copied where that is possible: several workers have one model in memory together."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # not all file systems can, and no empty file
        return file.read()


def release_pages(data: Bytes) -> None:
    """Let the system take mapped content out of memory that was read for the checksum; what is used is mapped again."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)


def arrays_of(path: str, opened: BinaryIO, data: Bytes, wanted: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of an open model file with this content, of any shape: those named in `wanted`, or all.

    Raises ModelRefused if they cannot be read.
    """
    opened.seek(0)
    try:
        with np.load(opened, allow_pickle=False) as file:
            parts = {one.filename: one for one in file.zip.infolist()}
            if sum(one.file_size for one in file.zip.infolist()) > MOST_BYTES:
                raise ModelRefused(
                    f"The model {path} would unpack to more than any model needs: choose another one."
                )
            named = (name for name in file.files if not wanted or name in wanted)
            stored = {name: stored_array(data, parts.get(f"{name}.npy")) for name in named}
            return {name: file[name] if array is None else array for name, array in stored.items()}
    except (
        ValueError,
        OSError,
        KeyError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        MemoryError,
    ) as exc:
        raise ModelRefused(f"The model {path} is damaged: choose another one.") from exc


def stored_array(data: Bytes, part: zipfile.ZipInfo | None) -> NDArray[Any] | None:
    """Return an array of a model file with this content, with whatever shape the file gives it; None if it has to be unpacked.

    It is a view of the content, which cannot be written to. Its own checksum is not computed: that of the file is right.
    """
    if part is None or part.compress_type != zipfile.ZIP_STORED:
        return None
    begin = part.header_offset + LOCAL_HEADER
    begin += sum(struct.unpack_from("<HH", data, begin - 4))  # name and extra field precede the array
    content = memoryview(data)[begin : begin + part.file_size]
    head = io.BytesIO(content[:MOST_HEADER])
    if np.lib.format.read_magic(head) != (1, 0):
        return None
    shape, is_column_major, dtype = np.lib.format.read_array_header_1_0(head)
    if dtype.hasobject:
        return None
    flat = np.frombuffer(content, dtype, math.prod(shape), head.tell())
    found = flat.reshape(shape, order="F" if is_column_major else "C")
    return np.require(found, requirements=["ALIGNED"])


def card_beside(path: str) -> Card:
    """Return the card beside a model file; raises ModelRefused if it cannot be read."""
    try:
        card = json.loads(Path(path).with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise unreadable(path, exc) from exc
    if not isinstance(card, dict):
        raise unreadable(path, ValueError("its card is no JSON object"))
    return card


def unreadable(path: str, exc: Exception) -> ModelRefused:
    """Return the error for a model file that cannot be read."""
    why = reason(exc) if isinstance(exc, OSError) else "its card is not one of a model"
    return ModelRefused(
        f"The model {path} cannot be read, because {why}. Choose another one or install drumwatch again."
    )


def assemble(path: str, card: Card, arrays: Mapping[str, NDArray[Any]]) -> Model:
    """Return the model that consists of these arrays, shaped as the fields of `Model` and its parts say."""
    return Model(
        path,
        card,
        ConvNets.of(arrays, card["nets"]),
        Forest.of(arrays, "forest_"),
        arrays["group_types"],
        float(card["temperature"]),
        float(card["ear_share"]),
        novelty_score(arrays["known_points"], arrays["known_scale"], float(card["usual_distance"])),
        analysis_id(arrays),
    )


def analysis_id(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return a hash of features and nets: models with the same hash compute the same feature vectors.

    `arrays` are all arrays of a model file, of any shape; only those of the nets count.
    """
    summed = hashlib.blake2b(f"{features.VERSION} {VECTOR_NAMES}".encode(), digest_size=16)
    for name in sorted(name for name in arrays if name.startswith("net")):
        summed.update(name.encode() + arrays[name].tobytes())
    return summed.hexdigest()


def check(path: str, data: Bytes, card: Card) -> None:
    """Raise ModelRefused if the format, the features or the checksum differ from what the card must say."""
    if card.get("format") != FORMAT:
        raise ModelRefused(
            f"The model {path} has format {card.get('format')}, this drumwatch reads {FORMAT}: train it again."
        )
    if card.get("features_version") != features.VERSION or tuple(card.get("features") or ()) != VECTOR_NAMES:
        raise ModelRefused(
            f"The model {path} was trained on other features than this drumwatch computes: train it again."
        )
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelRefused(
            f"The model {path} is not the file that its card describes: copy both again, or train it again."
        )
