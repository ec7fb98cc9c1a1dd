"""The file of a user model is not trusted until it is checked: nothing in it may fail, mislead or run without an end."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest

from drumwatch.analysis.model import model_file, user_model
from drumwatch.analysis.model.kernel_correction import BANDWIDTH, KernelCorrection
from drumwatch.analysis.model.model_file import SHIPPED, TYPES, VECTOR_NAMES, ModelRefused
from drumwatch.workers.protocol import CheckModel, ModelChecked

EARS = len(TYPES)


@pytest.fixture(scope="module")
def training():
    """A user model without training: the shipped trees, two corrections, a class of the user's own."""
    shipped = model_file.load(str(SHIPPED))
    groups, types = shipped.group_types.shape
    arrays = {
        **{f"forest_{name}": array for name, array in shipped.forest.arrays().items()},
        "forest_value": np.pad(shipped.forest.value, ((0, 0), (0, 1))),
        "group_types": np.pad(shipped.group_types, ((0, 1), (0, 1))),
        "known_points": shipped.novelty.points[:50].astype(np.float16),
        "echo_points": np.zeros((2, len(VECTOR_NAMES)), np.float32),
        "echo_pull": np.zeros((2, types + 1), np.float32),
        "echo_scale": np.ones(len(VECTOR_NAMES), np.float32),
    }
    arrays["group_types"][groups, types] = 1
    card = {**shipped.card, "parent": shipped.id, "own": ["blips"], "reach": BANDWIDTH}
    return arrays, card


def written(folder, arrays, card) -> str:
    """The files of a model whose card knows its sum, as a stranger would write them."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    summed = hashlib.sha256(file.getvalue()).hexdigest()
    (folder / "model.npz").write_bytes(file.getvalue())
    (folder / "model.json").write_text(json.dumps({**card, "sha256": summed, "id": f"my2-{summed[:8]}"}))
    return str(folder / "model.npz")


def test_a_user_model_is_the_shipped_one_with_its_own_trees_kernel_correction_and_classes(tmp_path, training):
    path = written(tmp_path, *training)

    model = user_model.load(path)

    assert model.labels[-1] == "blips"
    assert isinstance(model.correction, KernelCorrection)
    assert user_model.checked(CheckModel(path)) == ModelChecked(model.id)


def changed(arrays, name, **at):
    copy = {key: array.copy() for key, array in arrays.items()}
    copy[name] = at["to"](copy[name])
    return copy


def circle(left):
    left[0] = 0  # the first branch leads to itself
    return left


def outside(right):
    right[0] = len(right)
    return right


def without_analysis(feature):
    feature[0] = 30_000
    return feature


def no_number(pull):
    pull[0, 0] = np.nan
    return pull


@pytest.mark.parametrize(
    ("name", "to", "why"),
    [
        ("forest_left", circle, "circles"),
        ("forest_right", outside, "circles"),
        ("forest_feature", without_analysis, "do not exist"),
        ("forest_roots", lambda roots: roots - 1, "no roots"),
        ("forest_value", lambda value: value[:, :-1], "forest_value has the shape"),
        ("echo_pull", no_number, "not finite"),
        ("echo_points", lambda points: points.astype(np.int32), "echo_points holds int32"),
        ("echo_scale", lambda scale: np.array(["x"] * len(scale)), "echo_scale holds <U1"),
    ],
)
def test_arrays_that_would_mislead_are_refused(tmp_path, training, name, to, why):
    arrays, card = training

    with pytest.raises(ModelRefused, match=why):
        user_model.load(written(tmp_path, changed(arrays, name, to=to), card))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"parent": "dw2-00000000"}, "train again"),
        ({"own": "blips"}, "classes"),
        ({"own": [1]}, "classes"),
        ({"own": ["kick"]}, "classes"),
        ({"reach": 0.0}, "bandwidth"),
        ({"reach": None}, "bandwidth"),
    ],
)
def test_cards_that_would_mislead_are_refused(tmp_path, training, change, why):
    arrays, card = training

    with pytest.raises(ModelRefused, match=why):
        user_model.load(written(tmp_path, arrays, {**card, **change}))


def test_a_pickle_in_the_file_is_never_opened(tmp_path, training):
    arrays, card = training

    with pytest.raises(ModelRefused, match="damaged"):
        user_model.load(written(tmp_path, {**arrays, "echo_pull": np.array([{}], object)}, card))


def test_a_file_that_swells_beyond_measure_is_refused_unread(tmp_path, training, monkeypatch):
    monkeypatch.setattr(model_file, "MOST_BYTES", 1000)

    with pytest.raises(ModelRefused, match="unpack to more"):
        user_model.load(written(tmp_path, *training))


def test_a_whole_model_is_no_user_model(tmp_path, training):
    arrays, card = training
    whole = {key: value for key, value in card.items() if key != "parent"}

    with pytest.raises(ModelRefused, match="retrained from None"):
        user_model.checked(CheckModel(written(tmp_path, arrays, whole)))
