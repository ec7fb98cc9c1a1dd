"""The model file: arrays without pickle, and a card that says what they are. What does not fit is refused by name."""

from __future__ import annotations

import functools
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.errors import DrumwatchError
from drumwatch.hearing import features
from drumwatch.hearing.forest import Forest
from drumwatch.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMAT = 1
SHIPPED = Path(__file__).parent / "model" / "model.npz"
TYPES = tuple(LABEL_OF_TYPE)


class ModelRefused(DrumwatchError):  # noqa: N818
    """This model file does not fit this drumwatch; nothing was deleted."""


@dataclass(frozen=True, slots=True)
class Model:
    """A forest and what its groups mean."""

    card: dict[str, Any]
    forest: Forest
    group_types: Floats  # (groups, types): what share of a group belongs to which type
    temperature: float

    @property
    def id(self) -> str:
        return str(self.card["id"])

    def predict(self, x: Floats) -> Floats:
        """Calibrated probability of each of TYPES."""
        return calibrate(spread(self.forest.predict(x), self.group_types), self.temperature)


def spread(groups: Floats, group_types: Floats) -> Floats:
    """From the groups a forest was grown on to types; "some hat" is shared out as the hats beside it are."""
    is_type = group_types.max(axis=1) == 1
    firm = groups[..., is_type] @ group_types[is_type]
    share = group_types[~is_type] * (firm[..., None, :] + 1e-3)
    share /= share.sum(axis=-1, keepdims=True)
    return firm + np.einsum("...g,...gt->...t", groups[..., ~is_type], share)


LABEL_MATRIX = np.array([[LABEL_OF_TYPE[kind] == label for label in LABELS] for kind in TYPES], np.float32)


def calibrate(types: Floats, temperature: float) -> Floats:
    """Sharpens or flattens the labels' probabilities; within a label the types keep their shares."""
    labels = np.maximum(types @ LABEL_MATRIX, 1e-4)
    warped = labels ** (1 / temperature)
    warped /= warped.sum(axis=-1, keepdims=True)
    result: Floats = types * ((warped / labels) @ LABEL_MATRIX.T)
    return result / result.sum(axis=-1, keepdims=True)


@functools.lru_cache(maxsize=2)
def load(path: str = str(SHIPPED)) -> Model:
    """The model in this file and the card beside it, or ModelRefused with the reason."""
    try:
        data = Path(path).read_bytes()
        card = json.loads(Path(path).with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelRefused(
            f"The model {path} cannot be read: {exc}. Choose another one or install drumwatch again."
        ) from exc
    check(path, data, card)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Model(card, Forest.of(arrays, "forest_"), arrays["group_types"], float(card["temperature"]))


def check(path: str, data: bytes, card: dict[str, Any]) -> None:
    """Refuses what this program would misread: another format, other features, other bytes."""
    if card.get("format") != FORMAT:
        raise ModelRefused(
            f"The model {path} has format {card.get('format')}, this drumwatch reads {FORMAT}: train it again."
        )
    if card.get("features_version") != features.VERSION or tuple(card["features"]) != features.FEATURE_NAMES:
        raise ModelRefused(
            f"The model {path} was trained on other features than this drumwatch hears: train it again."
        )
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelRefused(
            f"The model {path} is not the file that its card describes: copy both again, or train it again."
        )
