"""`python -m training CORPUS`: from labelled sounds to model.npz, its card, and docs/model.md. Seeded; stages are cached."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing import figures
from drumwatch.hearing.model import LABEL_MATRIX, SHIPPED, blend, calibrate, doubt_of, spread
from training import calibration, corpus, folds, grow, nets, report, write

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier

CACHE = Path(__file__).parent / "cache"
VAULT = (6, 7)  # folds that no choice was made by
USUAL = 0.95  # share of sounds of families never heard that are no stranger than this
EAR_SHARE = 0.6  # of the nets' own word beside the trees; see docs/model.md for what other shares give


def main(corpus_folder: Path) -> None:
    examples = corpus.read(corpus_folder)
    families = [example.family for example in examples]
    group = np.array([example.group for example in examples])
    label = (corpus.group_types() @ LABEL_MATRIX).argmax(axis=1)[group]
    weight, fold = folds.family_weights(families), folds.fold_of_each(families)

    ears = nets.train(examples, weight, fold, CACHE)
    evidence = np.hstack([ears.x, ears.said]).astype(np.float32)
    trees = spread(grow.out_of_fold(ears.x, group, weight, fold), corpus.group_types())
    types = blend(trees, ears.said, EAR_SHARE)
    last = grow.grow(ears.x, group, weight)
    scale = (np.sqrt(last.feature_importances_) / (ears.x.std(axis=0) + 1e-3)).astype(np.float32)
    points = (ears.x * scale).astype(np.float16)
    far = calibration.distances(points.astype(np.float32), fold)
    usual = float(np.quantile(far, USUAL))
    doubt = doubt_of(far / usual)
    temperature = calibration.best_temperature(types, label, doubt)
    calibrated = calibrate(types, temperature * doubt[:, None])
    p = calibrated @ LABEL_MATRIX

    card = {
        "nets": len(nets.FINAL),
        "temperature": temperature,
        "ear_share": EAR_SHARE,
        "usual_distance": usual,
        "risk": calibration.risk(p, label, families),
        "trained_on": write.trained_on(examples, corpus.fingerprint(corpus_folder)),
        "figures": {name: round(value, 4) for name, value in figures.summary(p, label).items()},
    }
    names = [f"{example.pack}: {example.path.stem}" for example in examples]
    arrays = {**arrays_of(last, ears), "known_points": points, "known_scale": scale}
    model_id = write.write(SHIPPED.parent, arrays, memory_of(scale, evidence, group, names), card)
    said = report.Said(
        types=calibrated,
        group=[corpus.GROUPS[number] for number in group],
        label=label,
        families=families,
        ids=[example.id for example in examples],
        fold=fold,
        vault=np.isin(fold, VAULT),
    )
    steps = {
        "trees on measurements": trees @ LABEL_MATRIX,
        "two nets averaged": np.exp(ears.said) @ LABEL_MATRIX,
        "trees on measurements and on what the nets say": stacked(evidence, group, weight, fold),
        "trees on measurements and nets averaged, calibrated: the model": p,
    }
    report.write(model_id, card, said, steps, grow.learning_curve(ears.x, group, weight, fold, families))
    acted, wrong = calibration.promise_kept(p, label, families, fold, 0.05)
    print(
        f"{model_id}: {card['figures']['accuracy']:.3f} right on families held out, {acted:.0%} placed alone, {wrong:.1%} of them wrong"
    )


def stacked(evidence: np.ndarray, group: np.ndarray, weight: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Trees that also see what nets said about families that these nets had not heard."""
    return spread(grow.out_of_fold(evidence, group, weight, fold), corpus.group_types()) @ LABEL_MATRIX


def arrays_of(trees: ExtraTreesClassifier, ears: nets.Ears) -> dict[str, np.ndarray]:
    """The model file: forest, nets, and what the groups mean."""
    forest = {f"forest_{name}": array for name, array in grow.laid_out(trees).arrays().items()}
    return {**forest, **ears.arrays, "group_types": corpus.group_types()}


def memory_of(
    scale: np.ndarray, evidence: np.ndarray, group: np.ndarray, names: list[str]
) -> dict[str, np.ndarray]:
    """The labelled sounds as numbers; a difference counts as much as the trees make of that measurement."""
    said = evidence.shape[1] - len(scale)
    ears = (1 / said) ** 0.5 / (evidence[:, -said:].std(axis=0) + 1e-3)
    return {
        "evidence": evidence.astype(np.float16),
        "group": group.astype(np.uint8),
        "name": np.array([name.encode()[:64] for name in names]),
        "weight": np.concatenate([scale, ears]).astype(np.float32),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
