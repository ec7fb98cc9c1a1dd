"""`python -m training CORPUS`: from labelled sounds to model.npz, its card, and docs/model.md. Seeded; stages are cached."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.analysis.model.model_file import (
    LABEL_MATRIX,
    SHIPPED,
    blend,
    calibrate,
    spread,
    temperature_factor,
)
from drumwatch.analysis.retraining import metrics
from training import calibration, context_risk, corpus, fit_forest, net_stages, report, write_model
from training.dataset import Dataset, load_dataset

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier


CACHE = Path(__file__).parent / "cache"
VAULT = (6, 7)  # folds that no choice was made by
USUAL = 0.95  # share of sounds of held-out families that are no further away than this
NET_SHARE = 0.6  # weight of the nets beside the trees; see docs/model.md for what other shares give


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Calibrated predictions for sounds by models that were trained without their families, and how they were calibrated."""

    types: np.ndarray  # (sounds, types)
    temperature: float
    usual: float  # distance that only few sounds exceed

    @property
    def p(self) -> np.ndarray:
        return self.types @ LABEL_MATRIX


def main(corpus_folder: Path) -> None:
    dataset = load_dataset(corpus_folder)
    nets = net_stages.train(dataset.examples, dataset.weight, dataset.fold, CACHE)
    trees = spread(
        fit_forest.out_of_fold(nets.x, dataset.group, dataset.weight, dataset.fold), corpus.group_types()
    )
    used = dataset.used
    forest = fit_forest.fit(nets.x[used], dataset.group[used], dataset.weight[used])
    scale = (np.sqrt(forest.feature_importances_) / (nets.x.std(axis=0) + 1e-3)).astype(np.float32)
    points = (nets.x * scale).astype(np.float16)
    calibrated = calibrated_predictions(
        blend(trees, nets.log_p, NET_SHARE), points.astype(np.float32), dataset
    )
    evidence = np.hstack([nets.x, nets.log_p]).astype(np.float32)

    card = {
        **card_of(calibrated, dataset),
        "trained_on": write_model.trained_on(dataset.examples, corpus.corpus_hash(corpus_folder)),
    }
    card["figures"] = {
        name: round(value, 4) for name, value in metrics.summary(calibrated.p, dataset.label).items()
    }
    arrays = {**arrays_of(forest, nets), "known_points": points[used], "known_scale": scale}
    model_id = write_model.write(SHIPPED.parent, arrays, reference_sounds_of(scale, evidence, dataset), card)
    curve = fit_forest.learning_curve(nets.x, dataset.group, dataset.weight, dataset.fold, dataset.families)
    report.write(
        model_id,
        card,
        held_out(calibrated, dataset),
        steps(trees, nets, evidence, calibrated, dataset),
        curve,
    )
    acted, wrong = calibration.coverage_of(calibrated.p, dataset.label, dataset.families, dataset.fold, 0.05)
    right = card["figures"]["accuracy"]
    print(
        f"{model_id}: {right:.3f} right on families held out, {acted:.0%} placed alone, {wrong:.1%} of them wrong"
    )


def calibrated_predictions(types: np.ndarray, points: np.ndarray, dataset: Dataset) -> Calibrated:
    """Novel sounds flattened by their distance from all others, then one temperature for all."""
    far = calibration.distances(points, dataset.fold)
    usual = float(np.quantile(far, USUAL))
    novelty_temperature = temperature_factor(far / usual)
    temperature = calibration.best_temperature(types, dataset.label, novelty_temperature)
    return Calibrated(calibrate(types, temperature * novelty_temperature[:, None]), temperature, usual)


def card_of(calibrated: Calibrated, dataset: Dataset) -> dict[str, Any]:
    """What a worker needs to read the arrays, and the risk that the daemon compares with `max_wrong`."""
    return {
        "nets": len(net_stages.SEEDS),
        "temperature": calibrated.temperature,
        "ear_share": NET_SHARE,
        "usual_distance": calibrated.usual,
        **context_risk.tables(calibrated.types, dataset.label, dataset.examples),
    }


def held_out(calibrated: Calibrated, dataset: Dataset) -> report.HeldOut:
    return report.HeldOut(
        types=calibrated.types,
        group=[corpus.GROUPS[number] for number in dataset.group],
        label=dataset.label,
        families=dataset.families,
        ids=[example.id for example in dataset.examples],
        fold=dataset.fold,
        vault=np.isin(dataset.fold, VAULT),
    )


def steps(
    trees: np.ndarray,
    nets: net_stages.NetResults,
    evidence: np.ndarray,
    calibrated: Calibrated,
    dataset: Dataset,
) -> dict[str, np.ndarray]:
    """What each part would predict by itself."""
    return {
        "trees on features": trees @ LABEL_MATRIX,
        "two nets averaged": np.exp(nets.log_p) @ LABEL_MATRIX,
        "trees on features and on the log-probabilities of the nets": stacked(evidence, dataset),
        "trees on features and nets averaged, calibrated: the model": calibrated.p,
    }


def stacked(evidence: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Predictions of trees that also get the log-probabilities of nets trained without the family."""
    groups = fit_forest.out_of_fold(evidence, dataset.group, dataset.weight, dataset.fold)
    return spread(groups, corpus.group_types()) @ LABEL_MATRIX


def arrays_of(trees: ExtraTreesClassifier, nets: net_stages.NetResults) -> dict[str, np.ndarray]:
    """The model file: forest, nets, and what the groups mean."""
    forest = {f"forest_{name}": array for name, array in fit_forest.to_arrays(trees).arrays().items()}
    return {**forest, **nets.arrays, "group_types": corpus.group_types()}


def reference_sounds_of(scale: np.ndarray, evidence: np.ndarray, dataset: Dataset) -> dict[str, np.ndarray]:
    """The reference sounds: feature vectors, with a weight for each feature by its importance in the trees."""
    held_out = evidence.shape[1] - len(scale)
    nets = (1 / held_out) ** 0.5 / (evidence[:, -held_out:].std(axis=0) + 1e-3)
    names = [f"{example.pack}: {example.path.stem}" for example in dataset.examples]
    return {
        "evidence": evidence[dataset.used].astype(np.float16),
        "group": dataset.group[dataset.used].astype(np.uint8),
        "name": np.array([name.encode()[:64] for name in names])[dataset.used],
        "weight": np.concatenate([scale, nets]).astype(np.float32),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
