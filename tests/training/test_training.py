from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from drumwatch.analysis.decode import SILENCE
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.retraining import metrics
from drumwatch.core.records import LABELS
from training import augment, calibration, corpus, folds, training_inputs
from training.dataset import load_dataset
from training.synth import RECIPES, draw
from training.synth.building_blocks import SR


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_can_be_built_and_sounds(kind):
    for seed in range(6):
        y = RECIPES[kind](np.random.default_rng(seed))
        assert np.isfinite(y).all()
        assert np.abs(y).max() > SILENCE


def test_the_same_seed_builds_the_same_sound():
    first, second = (draw(np.random.default_rng((2, 7))) for _ in range(2))

    assert first[0] == second[0]
    assert np.array_equal(first[1], second[1])


@pytest.mark.parametrize("seed", range(12))
def test_a_chain_of_devices_leaves_a_sound_behind(seed):
    y, sr = augment.augmented(RECIPES["snare"](np.random.default_rng(0)), SR, np.random.default_rng(seed))

    assert np.isfinite(y).all()
    assert np.abs(y).max() > SILENCE
    assert 4_000 <= sr <= 384_000


@pytest.mark.parametrize("device", [device for device, _ in augment.CHAIN])
def test_every_device_gives_finite_sound(device):
    y = device(np.hanning(3000).astype(np.float32), SR, np.random.default_rng(1))

    assert np.isfinite(y).all()


def test_families_are_never_torn_apart():
    families = ["a"] * 9 + ["b"] * 3 + ["c"] * 3 + ["d"] * 2 + ["e"]
    fold = folds.fold_of_each(families, 3)

    assert all(
        len({int(fold[at]) for at, name in enumerate(families) if name == family}) == 1 for family in "abcde"
    )
    assert np.bincount(fold).tolist() == [9, 5, 4]


def test_a_hundred_files_of_one_maker_count_less_each():
    weights = folds.family_weights(["big"] * 4 + ["small"])

    assert weights[4] == pytest.approx(2 * weights[0])
    assert weights.mean() == pytest.approx(1)


def test_every_fine_label_has_a_group_and_every_group_a_label():
    assert set(corpus.GROUP_OF_FINE.values()) == set(corpus.GROUPS)
    assert corpus.group_types().sum(axis=1).tolist() == pytest.approx([1.0] * len(corpus.GROUPS))


def certain(label: int, confidence: float) -> list[float]:
    return [confidence if at == label else (1 - confidence) / 4 for at in range(len(LABELS))]


def test_figures_of_four_files():
    p = np.array([certain(0, 0.9), certain(0, 0.8), certain(1, 0.7), certain(2, 0.6)])
    label = np.array([0, 0, 1, 1])

    assert metrics.accuracy(p, label) == 0.75
    assert metrics.coverage(p, label, 0.95) == 0.75
    assert metrics.confusion(p, label)[1].tolist() == [0, 1, 1, 0, 0]
    assert metrics.calibration_error(p, label) == pytest.approx((0.1 + 0.2 + 0.3 + 0.6) / 4)


def test_risk_is_higher_than_what_was_seen_and_falls_with_confidence():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.4, 1.0, 2000)
    label = np.where(rng.random(2000) < confidence, 0, 1)
    p = np.array([certain(0, share) for share in confidence])
    families = [f"f{at % 40}" for at in range(2000)]
    knots = calibration.risk(p, label, families)["kick"]

    shares = [share for _, share in knots]
    assert shares == sorted(shares, reverse=True)
    at_half = next(share for knot, share in knots if knot == 0.5)
    assert at_half > (label[confidence >= 0.5] != 0).mean()
    assert shares[-1] < 0.1


def test_a_label_with_few_sounds_is_never_safe():
    p, label = np.array([certain(0, 0.99)] * 5), np.zeros(5, int)

    assert calibration.risk(p, label, ["a", "b", "c", "d", "e"])["kick"][-1][1] > 0.05


def test_max_wrong_keeps_its_promise_on_families_not_seen():
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.4, 1.0, 4000)
    label = np.where(rng.random(4000) < confidence, 0, 1)
    families = [f"f{at % 80}" for at in range(4000)]
    acted, wrong = calibration.coverage_of(
        np.array([certain(0, share) for share in confidence]),
        label,
        families,
        folds.fold_of_each(families),
        0.1,
    )

    assert acted > 0.15
    assert wrong <= 0.1


def test_what_is_analyzed_on_all_processors_comes_in_its_order_and_is_kept(tmp_path):
    kept = tmp_path / "cache" / "synthesis.npz"
    made = functools.partial(training_inputs.of_synthesis, seed=3)
    analyzed = training_inputs.cached_inputs(made, 5, kept)

    with threadpool_limits(1):  # as in training: sums on two threads differ in the last bit
        alone: list[Any] = [training_inputs.row_of(*sound) for number in range(5) for sound in made(number)]
    assert np.array_equal(analyzed.x, [row[3] for row in alone])
    assert analyzed.source.tolist() == [row[4] for row in alone]
    assert np.array_equal(training_inputs.cached_inputs(made, 0, kept).x, analyzed.x)


def test_a_label_believed_wrong_is_not_trained_on_but_is_measured(tmp_path):
    wrong = corpus.wrongly_labelled()
    head = "id,path,pack,family,fine,licence\n"
    rows = [f"{name},a.flac,pack,family{at},kick,CC0\n" for at, name in enumerate([*wrong, "fine"])]
    (tmp_path / "manifest.csv").write_text(head + "".join(rows))
    dataset = load_dataset(tmp_path)

    assert wrong
    assert dataset.used.tolist() == [False] * len(wrong) + [True]
    assert len(dataset.label) == len(rows)
