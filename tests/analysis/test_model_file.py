from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from drumwatch.analysis.model.model_file import (
    LABEL_MATRIX,
    SHIPPED,
    TYPES,
    ModelRefused,
    calibrate,
    load,
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
