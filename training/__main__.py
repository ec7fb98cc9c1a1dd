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
from training import calibration, corpus, fit_forest, net_stages, report, write_model
from training.dataset import Labelled, labelled

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier


CACHE = Path(__file__).parent / "cache"
VAULT = (6, 7)  # folds that no choice was made by
USUAL = 0.95  # share of sounds of families never heard that are no stranger than this
EAR_SHARE = 0.6  # of the nets' own word beside the trees; see docs/model.md for what other shares give


@dataclass(frozen=True, slots=True)
class Trusted:
    """What is said of sounds by models that had not heard their families, made true, and what that took."""

    types: np.ndarray  # (sounds, types)
    temperature: float
    usual: float  # distance that only few sounds exceed

    @property
    def p(self) -> np.ndarray:
        return self.types @ LABEL_MATRIX


def main(corpus_folder: Path) -> None:
    known = labelled(corpus_folder)
    ears = net_stages.train(known.examples, known.weight, known.fold, CACHE)
    trees = spread(
        fit_forest.out_of_fold(ears.x, known.group, known.weight, known.fold), corpus.group_types()
    )
    learned = known.learned
    forest = fit_forest.grow(ears.x[learned], known.group[learned], known.weight[learned])
    scale = (np.sqrt(forest.feature_importances_) / (ears.x.std(axis=0) + 1e-3)).astype(np.float32)
    points = (ears.x * scale).astype(np.float16)
    trusted = trust(blend(trees, ears.said, EAR_SHARE), points.astype(np.float32), known)
    evidence = np.hstack([ears.x, ears.said]).astype(np.float32)

    card = {
        **card_of(trusted, known),
        "trained_on": write_model.trained_on(known.examples, corpus.fingerprint(corpus_folder)),
    }
    card["figures"] = {
        name: round(value, 4) for name, value in metrics.summary(trusted.p, known.label).items()
    }
    arrays = {**arrays_of(forest, ears), "known_points": points[learned], "known_scale": scale}
    model_id = write_model.write(SHIPPED.parent, arrays, memory_of(scale, evidence, known), card)
    curve = fit_forest.learning_curve(ears.x, known.group, known.weight, known.fold, known.families)
    report.write(model_id, card, said(trusted, known), steps(trees, ears, evidence, trusted, known), curve)
    acted, wrong = calibration.promise_kept(trusted.p, known.label, known.families, known.fold, 0.05)
    right = card["figures"]["accuracy"]
    print(
        f"{model_id}: {right:.3f} right on families held out, {acted:.0%} placed alone, {wrong:.1%} of them wrong"
    )


def trust(types: np.ndarray, points: np.ndarray, known: Labelled) -> Trusted:
    """Strange sounds flattened by their distance from all others, then one temperature for all."""
    far = calibration.distances(points, known.fold)
    usual = float(np.quantile(far, USUAL))
    doubt = temperature_factor(far / usual)
    temperature = calibration.best_temperature(types, known.label, doubt)
    return Trusted(calibrate(types, temperature * doubt[:, None]), temperature, usual)


def card_of(trusted: Trusted, known: Labelled) -> dict[str, Any]:
    """What the worker has to know to read the arrays, and what the daemon compares `max_wrong` with."""
    return {
        "nets": len(net_stages.SEEDS),
        "temperature": trusted.temperature,
        "ear_share": EAR_SHARE,
        "usual_distance": trusted.usual,
        "risk": calibration.risk(trusted.p, known.label, known.families),
    }


def said(trusted: Trusted, known: Labelled) -> report.Said:
    return report.Said(
        types=trusted.types,
        group=[corpus.GROUPS[number] for number in known.group],
        label=known.label,
        families=known.families,
        ids=[example.id for example in known.examples],
        fold=known.fold,
        vault=np.isin(known.fold, VAULT),
    )


def steps(
    trees: np.ndarray, ears: net_stages.Ears, evidence: np.ndarray, trusted: Trusted, known: Labelled
) -> dict[str, np.ndarray]:
    """What each part would say by itself."""
    return {
        "trees on measurements": trees @ LABEL_MATRIX,
        "two nets averaged": np.exp(ears.said) @ LABEL_MATRIX,
        "trees on measurements and on what the nets say": stacked(evidence, known),
        "trees on measurements and nets averaged, calibrated: the model": trusted.p,
    }


def stacked(evidence: np.ndarray, known: Labelled) -> np.ndarray:
    """Trees that also see what nets said about families that these nets had not heard."""
    groups = fit_forest.out_of_fold(evidence, known.group, known.weight, known.fold)
    return spread(groups, corpus.group_types()) @ LABEL_MATRIX


def arrays_of(trees: ExtraTreesClassifier, ears: net_stages.Ears) -> dict[str, np.ndarray]:
    """The model file: forest, nets, and what the groups mean."""
    forest = {f"forest_{name}": array for name, array in fit_forest.laid_out(trees).arrays().items()}
    return {**forest, **ears.arrays, "group_types": corpus.group_types()}


def memory_of(scale: np.ndarray, evidence: np.ndarray, known: Labelled) -> dict[str, np.ndarray]:
    """The labelled sounds as numbers; a difference counts as much as the trees make of that measurement."""
    said = evidence.shape[1] - len(scale)
    ears = (1 / said) ** 0.5 / (evidence[:, -said:].std(axis=0) + 1e-3)
    names = [f"{example.pack}: {example.path.stem}" for example in known.examples]
    return {
        "evidence": evidence[known.learned].astype(np.float16),
        "group": known.group[known.learned].astype(np.uint8),
        "name": np.array([name.encode()[:64] for name in names])[known.learned],
        "weight": np.concatenate([scale, ears]).astype(np.float32),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
