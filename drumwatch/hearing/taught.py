"""The file of a model that a user has taught: only what differs from the shipped one, checked like any stranger's file."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.hearing import model
from drumwatch.hearing.echo import Echo
from drumwatch.hearing.forest import LEAF, Forest
from drumwatch.hearing.model import Model, ModelRefused
from drumwatch.records import LABELS, OWN_WORD
from drumwatch.workers.protocol import ModelChecked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from drumwatch.workers.protocol import CheckModel

    Arrays = Mapping[str, NDArray[Any]]

OWN = (
    *(f"forest_{name}" for name in Forest.__slots__),
    "group_types",
    "known_points",
    "echo_points",
    "echo_pull",
    "echo_scale",
)
# The others are numbers with a point
WHOLE = {"forest_roots", "forest_feature", "forest_left", "forest_right"}
TAUGHT = re.compile(r"my\d{1,3}-[0-9a-f]{8}")
MOST_TREES, MOST_OWN = 1000, 64


def load(path: str) -> Model:
    """A whole model, or one that was taught on top of the shipped one; ModelRefused with the reason."""
    return on_top(path) if "parent" in model.card_beside(path) else model.load(path)


def on_top(path: str) -> Model:
    """A model that was taught on top of the shipped one, and nothing else."""
    card, arrays = model.read(path, known=OWN)
    shipped = model.load()
    if card.get("parent") != shipped.id:
        raise ModelRefused(
            f"The model {path} was taught on top of {card.get('parent')}, this drumwatch ships {shipped.id}: "
            "train again, which takes seconds."
        )
    if fault := fault_of(card, arrays, shipped):
        raise ModelRefused(f"The model {path} is damaged ({fault}): choose another one.")
    return assemble(path, card, arrays, shipped)


def checked(job: CheckModel) -> ModelChecked:
    """A stranger's model, read to its end: it may only be one that was taught on top of the shipped one, and it has to answer."""
    mind = on_top(job.model)
    said = mind.predict(np.zeros((1, len(model.EVIDENCE)), np.float32))
    if not np.isfinite(said).all() or not TAUGHT.fullmatch(mind.id):
        raise ModelRefused(f"The model {job.model} is damaged: it says nothing that makes sense.")
    return ModelChecked(mind.id)


def assemble(path: str, card: dict[str, Any], arrays: Arrays, shipped: Model) -> Model:
    """The shipped ear with the user's trees, echo and classes."""
    return replace(
        shipped,
        path=path,
        card={**card, "groups": [*shipped.card["groups"], *card["own"]]},
        forest=Forest.of(arrays, "forest_"),
        group_types=arrays["group_types"],
        known=model.known(arrays["known_points"], shipped.known.scale, shipped.known.usual),
        own=tuple(card["own"]),
        echo=Echo(arrays["echo_points"], arrays["echo_pull"], arrays["echo_scale"], float(card["reach"])),
    )


def arrays_of(mind: Model) -> dict[str, NDArray[Any]]:
    """What `assemble` needs."""
    assert mind.echo is not None  # noqa: S101  whoever was taught has one
    return {
        **{f"forest_{name}": array for name, array in mind.forest.arrays().items()},
        "group_types": mind.group_types.astype(np.float32),
        "known_points": mind.known.points.astype(np.float16),
        "echo_points": mind.echo.points.astype(np.float32),
        "echo_pull": mind.echo.pull.astype(np.float32),
        "echo_scale": mind.echo.scale.astype(np.float32),
    }


def packed(mind: Model, card: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The file and its card; the id comes from the bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays_of(mind))
    data = file.getvalue()
    summed = hashlib.sha256(data).hexdigest()
    return data, {**card, "id": f"my{card['format']}-{summed[:8]}", "sha256": summed}


def fault_of(card: Mapping[str, Any], arrays: Arrays, shipped: Model) -> str:
    """What would make this file answer nonsense, fail, or never end; empty where nothing would."""
    if missing := sorted(set(OWN) - set(arrays)):
        return f"it has no {missing[0]}"
    own = card.get("own")
    if not isinstance(own, list) or len(own) > MOST_OWN or not all(may_be_a_class(name) for name in own):
        return "its classes cannot be"
    if not isinstance(card.get("reach"), float) or not 0.01 < card["reach"] < 100:
        return "its reach cannot be"
    for name in OWN:
        if arrays[name].dtype.kind != ("i" if name in WHOLE else "f"):
            return f"{name} holds {arrays[name].dtype}"
        if not np.isfinite(arrays[name]).all():
            return f"{name} holds something that is no number"
    return misshapen(arrays, shipped, len(own)) or endless(arrays, shipped)


def may_be_a_class(name: object) -> bool:
    """A word that can be a folder, and that means nothing else here."""
    taken = (*LABELS, *model.TYPES)
    return isinstance(name, str) and re.fullmatch(OWN_WORD, name) is not None and name not in taken


def misshapen(arrays: Arrays, shipped: Model, own: int) -> str:
    """Arrays that do not fit one another, or the shipped ones."""
    (groups, types), evidence = shipped.group_types.shape, len(model.EVIDENCE)
    nodes, echoes = len(arrays["forest_feature"]), len(arrays["echo_points"])
    wanted: dict[str, tuple[int, ...]] = {
        **{f"forest_{name}": (nodes,) for name in ("feature", "threshold", "left", "right")},
        "forest_value": (nodes, groups + own),
        "group_types": (groups + own, types + own),
        "known_points": (len(arrays["known_points"]), shipped.known.points.shape[1]),
        "echo_points": (echoes, evidence),
        "echo_pull": (echoes, types + own),
        "echo_scale": (evidence,),
    }
    wrong = next((name for name, shape in wanted.items() if arrays[name].shape != shape), "")
    return f"{wrong} has the shape {arrays[wrong].shape}" if wrong else ""


def endless(arrays: Arrays, shipped: Model) -> str:
    """Trees that lead outside or in circles: every branch has to lead on, every leaf to itself."""
    roots, feature = arrays["forest_roots"], arrays["forest_feature"]
    nodes, here, leaf = len(feature), np.arange(len(feature)), feature == LEAF
    if roots.ndim != 1 or not 0 < len(roots) <= MOST_TREES or roots.min() < 0 or roots.max() >= nodes:
        return "its trees have no roots"
    if feature.min() < LEAF or feature.max() >= shipped.known.points.shape[1]:
        return "its trees ask for what nobody measures"
    for side in ("forest_left", "forest_right"):
        child = arrays[side]
        if child.max() >= nodes or not np.where(leaf, child == here, child > here).all():
            return "its trees lead in circles"
    return ""
