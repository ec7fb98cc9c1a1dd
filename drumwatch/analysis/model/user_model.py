"""The file of a retrained model: only what differs from the shipped model, validated like any untrusted file."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model import model_file
from drumwatch.analysis.model.forest import COLUMNS, LEAF, Forest
from drumwatch.analysis.model.kernel_correction import KernelCorrection
from drumwatch.analysis.model.model_file import Model, ModelRefused
from drumwatch.core.records import LABELS, OWN_LABEL_PATTERN
from drumwatch.workers.protocol import ModelChecked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Card
    from drumwatch.workers.protocol import CheckModel

    Arrays = Mapping[str, NDArray[Any]]

OWN = (
    *(f"forest_{name}" for name in COLUMNS),
    "group_types",
    "known_points",
    "echo_points",
    "echo_pull",
    "echo_scale",
)
# These arrays are integers, all others floating point
WHOLE = {"forest_roots", "forest_feature", "forest_left", "forest_right"}
USER_MODEL_ID = re.compile(r"my\d{1,3}-[0-9a-f]{8}")
MOST_TREES, MOST_OWN = 1000, 64


def load(path: str) -> Model:
    """Return the shipped model or a model retrained from it; raises ModelRefused with the reason."""
    return load_retrained(path) if "parent" in model_file.card_beside(path) else model_file.load(path)


def load_retrained(path: str) -> Model:
    """Return a model that was retrained from the shipped one; raises ModelRefused for any other."""
    card, arrays = model_file.read(path, wanted=OWN)
    shipped = model_file.load()
    if card.get("parent") != shipped.id:
        raise ModelRefused(
            f"The model {path} was retrained from {card.get('parent')}, this drumwatch ships {shipped.id}: "
            "train again, which takes seconds."
        )
    if fault := fault_of(card, arrays, shipped):
        raise ModelRefused(f"The model {path} is damaged ({fault}): choose another one.")
    return assemble(path, card, arrays, shipped)


def checked(job: CheckModel) -> ModelChecked:
    """Validate a model from elsewhere completely, and return its id.

    It must be retrained from the shipped model and give finite predictions; else ModelRefused is raised.
    """
    classifier = load_retrained(job.model)
    p = classifier.predict(np.zeros((1, len(model_file.VECTOR_NAMES)), np.float32))
    if not np.isfinite(p).all() or not USER_MODEL_ID.fullmatch(classifier.id):
        raise ModelRefused(f"The model {job.model} is damaged: it gives no valid probabilities.")
    return ModelChecked(classifier.id)


def assemble(path: str, card: Card, arrays: Arrays, shipped: Model) -> Model:
    """Return the shipped nets with the user's forest, correction and classes.

    `arrays` are those of `arrays_of`, with their shapes.
    """
    return replace(
        shipped,
        path=path,
        card={**card, "groups": [*shipped.card["groups"], *card["own"]]},
        forest=Forest.of(arrays, "forest_"),
        group_types=arrays["group_types"],
        novelty=model_file.novelty_score(
            arrays["known_points"], shipped.novelty.scale, shipped.novelty.usual_distance
        ),
        own=tuple(card["own"]),
        correction=KernelCorrection(
            arrays["echo_points"], arrays["echo_pull"], arrays["echo_scale"], float(card["reach"])
        ),
    )


def arrays_of(classifier: Model) -> dict[str, NDArray[Any]]:
    """Return the arrays that `assemble` needs, by name; `misshapen` checks their shapes."""
    assert classifier.correction is not None  # noqa: S101  every retrained model has one
    return {
        **{f"forest_{name}": array for name, array in classifier.forest.arrays().items()},
        "group_types": classifier.group_types.astype(np.float32),
        "known_points": classifier.novelty.points.astype(np.float16),
        "echo_points": classifier.correction.points.astype(np.float32),
        "echo_pull": classifier.correction.weights.astype(np.float32),
        "echo_scale": classifier.correction.scale.astype(np.float32),
    }


def packed(classifier: Model, card: Mapping[str, Any]) -> tuple[bytes, Card]:
    """Return the bytes of the model file and its card; the id is derived from the bytes."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays_of(classifier))
    data = file.getvalue()
    summed = hashlib.sha256(data).hexdigest()
    return data, {**card, "id": f"my{card['format']}-{summed[:8]}", "sha256": summed}


def fault_of(card: Mapping[str, Any], arrays: Arrays, shipped: Model) -> str:
    """Return what would make this model fail, loop for ever or give nonsense; empty if it is valid.

    Checks names, dtypes, finite values, shapes and the structure of the trees.
    """
    if missing := sorted(set(OWN) - set(arrays)):
        return f"it has no {missing[0]}"
    own = card.get("own")
    if not isinstance(own, list) or len(own) > MOST_OWN or not all(may_be_a_class(name) for name in own):
        return "its classes are invalid"
    if not isinstance(card.get("reach"), float) or not 0.01 < card["reach"] < 100:
        return "its kernel bandwidth is invalid"
    for name in OWN:
        if arrays[name].dtype.kind != ("i" if name in WHOLE else "f"):
            return f"{name} holds {arrays[name].dtype}"
        if not np.isfinite(arrays[name]).all():
            return f"{name} holds a value that is not finite"
    return misshapen(arrays, shipped, len(own)) or tree_fault(arrays, shipped)


def may_be_a_class(name: object) -> bool:
    """Return whether a name can be a class of the user's own: valid as a folder name, and no shipped label or type."""
    taken = (*LABELS, *model_file.TYPES)
    return isinstance(name, str) and re.fullmatch(OWN_LABEL_PATTERN, name) is not None and name not in taken


def misshapen(arrays: Arrays, shipped: Model, own: int) -> str:
    """Return which array has a shape that does not fit the others or the shipped model; empty if all fit."""
    (groups, types), vector = shipped.group_types.shape, len(model_file.VECTOR_NAMES)
    nodes, corrected = len(arrays["forest_feature"]), len(arrays["echo_points"])
    expected: dict[str, tuple[int, ...]] = {
        **{f"forest_{name}": (nodes,) for name in ("feature", "threshold", "left", "right")},
        "forest_value": (nodes, groups + own),
        "group_types": (groups + own, types + own),
        "known_points": (len(arrays["known_points"]), shipped.novelty.points.shape[1]),
        "echo_points": (corrected, vector),
        "echo_pull": (corrected, types + own),
        "echo_scale": (vector,),
    }
    wrong = next((name for name, shape in expected.items() if arrays[name].shape != shape), "")
    return f"{wrong} has the shape {arrays[wrong].shape}" if wrong else ""


def tree_fault(arrays: Arrays, shipped: Model) -> str:
    """Return why walking the trees could leave the arrays or never end; empty if it cannot.

    Children of a branch must have larger row numbers, and a leaf must be its own child. The arrays have the shape (nodes,).
    """
    roots, feature = arrays["forest_roots"], arrays["forest_feature"]
    nodes, own_row, leaf = len(feature), np.arange(len(feature)), feature == LEAF
    if roots.ndim != 1 or not 0 < len(roots) <= MOST_TREES or roots.min() < 0 or roots.max() >= nodes:
        return "its trees have no roots"
    if feature.min() < LEAF or feature.max() >= shipped.novelty.points.shape[1]:
        return "its trees test features that do not exist"
    for side in ("forest_left", "forest_right"):
        child = arrays[side]
        if child.max() >= nodes or not np.where(leaf, child == own_row, child > own_row).all():
            return "its trees lead in circles"
    return ""
