from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from drumwatch.analysis.model.forest import LEAF
from drumwatch.analysis.model.model_file import (
    LABEL_MATRIX,
    SHIPPED,
    TYPES,
    ModelRefused,
    calibrate,
    load,
    read,
    spread,
    temperature_factor,
)
from drumwatch.core.records import LABELS
from drumwatch.filing.confidence import CARD_NAMES
from training import fit_forest
from training.corpus import GROUPS

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

    from drumwatch.analysis.model.forest import Forest


@pytest.fixture(scope="module")
def grown() -> tuple[ExtraTreesClassifier, Forest, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((300, 12)).astype(np.float32)
    group = rng.integers(0, len(GROUPS), 300)
    trees = fit_forest.fit(X, group, np.ones(300, np.float32))
    return trees, fit_forest.to_arrays(trees), X


def test_our_forest_gives_the_probabilities_of_scikit_learn(grown):
    trees, forest, X = grown
    theirs = np.zeros((len(X), len(GROUPS)))
    theirs[:, trees.classes_] = trees.predict_proba(X)

    assert np.abs(np.array([forest.predict(x) for x in X]) - theirs).max() < 1e-3  # leaves are float16


def test_many_sounds_together_get_what_each_gets_alone(grown):
    _, forest, X = grown

    assert_allclose(forest.predict(X), [forest.predict(x) for x in X], atol=1e-6)


def test_a_forest_of_leaves_predicts_their_mean(grown):
    _, forest, X = grown
    leaves = np.flatnonzero(forest.feature == LEAF)[:3]
    stumps = replace(forest, roots=leaves.astype(np.int32))

    assert_allclose(stumps.predict(X[0]), forest.value[leaves].astype(np.float32).mean(axis=0))


def test_contributions_add_up_to_the_prediction(grown):
    _, forest, X = grown
    kick = np.array([group == "kick" for group in GROUPS], np.float32)
    roots = float((forest.value[forest.roots].astype(np.float32) @ kick).mean())

    for x in X[:20]:
        assert roots + forest.contributions(x, kick).sum() == pytest.approx(
            float(forest.predict(x) @ kick), abs=2e-3
        )


def test_calibration_keeps_the_shares_of_types_within_a_label():
    types = np.full(len(TYPES), 0.02, np.float32)
    types[TYPES.index("clap")], types[TYPES.index("rim")] = 0.6, 0.12
    sharper = calibrate(types / types.sum(), 0.5)

    assert sharper.sum() == pytest.approx(1.0)
    assert sharper[TYPES.index("clap")] / sharper[TYPES.index("rim")] == pytest.approx(5.0)
    assert (sharper @ LABEL_MATRIX)[LABELS.index("percussion")] > (types / types.sum() @ LABEL_MATRIX)[
        LABELS.index("percussion")
    ]


@pytest.fixture
def copied(tmp_path):
    for name in ("model.npz", "model.json"):
        shutil.copy(SHIPPED.parent / name, tmp_path / name)
    return tmp_path / "model.npz"


def edit(path, **changes):
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, **changes}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": 99}, "has format 99"),
        ({"features_version": 0}, "was trained on other features"),
        ({"features": ["brightness"]}, "was trained on other features"),
        ({"sha256": "0" * 64}, "is not the file that its card describes"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_by_name(copied, change, why):
    edit(copied, **change)

    with pytest.raises(ModelRefused, match=f"{copied.name} {why}"):
        load(str(copied))


def test_a_model_without_a_card_is_refused_and_kept(copied):
    copied.with_suffix(".json").unlink()

    with pytest.raises(ModelRefused, match="cannot be read"):
        load(str(copied))
    assert copied.exists()


@pytest.mark.parametrize("name", ["risk", *CARD_NAMES.values()])
def test_the_shipped_risk_falls_with_confidence(name):
    risk = load(str(SHIPPED)).card[name]

    assert set(risk) == set(LABELS)
    for knots in risk.values():
        shares = [share for _, share in knots]
        assert shares == sorted(shares, reverse=True)


def test_a_sound_unlike_all_others_is_novel_and_its_probabilities_are_flattened():
    loaded = load(str(SHIPPED))
    usual = loaded.novelty.points[7] / loaded.novelty.scale
    far = usual + 40 / loaded.novelty.scale / len(usual)
    quiet = np.zeros(len(TYPES), np.float32)

    assert loaded.novelty.score(usual) < 1 < loaded.novelty.score(far)
    assert temperature_factor(0.5) == 1
    assert temperature_factor(2.0) > temperature_factor(1.5) > 1
    assert np.isfinite(loaded.predict(np.concatenate([far, quiet]))).all()


@pytest.mark.parametrize("away", [0.0, 0.2, 0.5, 1.0, 3.0])
def test_the_temperature_is_that_of_the_whole_score(away):
    novelty, rng = load(str(SHIPPED)).novelty, np.random.default_rng(0)
    for number in rng.integers(0, len(novelty.points), 40):
        away_by = away * novelty.usual_distance * rng.standard_normal(len(novelty.scale)) / 8
        x = ((novelty.points[number] + away_by) / novelty.scale).astype(np.float32)

        assert_allclose(novelty.temperature_factor(x), temperature_factor(float(novelty.score(x))), rtol=1e-5)


@pytest.mark.parametrize("shape", [(), (7,)])
def test_groups_are_spread_in_proportion_to_their_types(shape):
    group_types, rng = load(str(SHIPPED)).group_types, np.random.default_rng(0)
    groups = rng.dirichlet(np.ones(len(group_types)), shape).astype(np.float32)
    is_type = group_types.max(axis=1) == 1
    by_type = groups[..., is_type] @ group_types[is_type]
    share = group_types[~is_type] * (by_type[..., None, :] + 1e-3)
    share /= share.sum(axis=-1, keepdims=True)
    plain = by_type + np.einsum("...g,...gt->...t", groups[..., ~is_type], share)

    assert_allclose(spread(groups, group_types), plain, atol=1e-6)
    assert_allclose(spread(groups, group_types).sum(axis=-1), 1, atol=1e-5)


def test_the_shipped_model_is_read_without_being_unpacked():
    with zipfile.ZipFile(SHIPPED) as file:
        assert {one.compress_type for one in file.infolist()} == {zipfile.ZIP_STORED}


ARRAYS = {
    "whole": np.arange(24, dtype=np.int32).reshape(2, 3, 4),
    "column_major": np.asfortranarray(np.arange(6, dtype=np.float16).reshape(2, 3)),
    "number": np.float32(0.5),
    "none": np.zeros((0, 3), np.float32),
    "odd": np.arange(7, dtype=np.int8),
    "after_odd": np.arange(5, dtype=np.float64),
}


def model_of(path, arrays, save=np.savez):
    """A model file of these arrays, with a card that describes it."""
    save(path, **arrays)
    edit(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    return str(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed], ids=["stored", "deflated"])
def test_arrays_are_read_as_numpy_reads_them(copied, save):
    path = model_of(copied, ARRAYS, save)

    found = read(path)[1]

    with np.load(path) as plain:
        assert found.keys() == plain.keys() == ARRAYS.keys()
        for name, array in found.items():
            assert_array_equal(array, plain[name], strict=True)
            assert array.flags.aligned
    assert read(path, wanted=["odd"])[1].keys() == {"odd"}


@pytest.mark.parametrize("damage", ["object", "header", "short", "empty"])
def test_a_file_with_the_right_checksum_and_odd_content_is_refused(copied, damage):
    model_of(copied, {"a": np.array([{}])} if damage == "object" else {"a": np.zeros(3)})
    content = copied.read_bytes()
    copied.write_bytes(
        {
            "object": content,
            "header": content.replace(b"(3,)", b"(9,)"),
            "short": content[: len(content) // 2],
            "empty": b"",
        }[damage]
    )
    edit(copied, sha256=hashlib.sha256(copied.read_bytes()).hexdigest())

    with pytest.raises(ModelRefused, match="is damaged"):
        read(str(copied))


def test_a_model_stays_as_it_was_read_when_another_takes_its_place(copied):
    found = read(model_of(copied, ARRAYS))[1]
    other = copied.with_name("other.npz")
    np.savez(other, whole=np.zeros(1000))

    other.replace(copied)

    for name, array in found.items():
        assert_array_equal(array, ARRAYS[name])
