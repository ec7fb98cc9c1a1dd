"""`python -m training CORPUS`: from labelled sounds to model.npz, its card, and docs/model.md. Seeded; stages are cached."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from drumwatch.hearing.model import LABEL_MATRIX, SHIPPED, calibrate, spread
from training import calibration, corpus, figures, folds, grow, measure, report, write

CACHE = Path(__file__).parent / "cache"


def main(corpus_folder: Path) -> None:
    examples = corpus.read(corpus_folder)
    families = [example.family for example in examples]
    group = np.array([example.group for example in examples])
    label = (corpus.group_types() @ LABEL_MATRIX).argmax(axis=1)[group]
    weight, fold = folds.family_weights(families), folds.fold_of_each(families)

    corpus_print = corpus.fingerprint(corpus_folder)
    X = measure.measured(examples, CACHE, corpus_print)
    types = spread(grow.out_of_fold(X, group, weight, fold), corpus.group_types())
    temperature = calibration.best_temperature(types, label)
    p = calibrate(types, temperature) @ LABEL_MATRIX

    forest = grow.laid_out(grow.grow(X, group, weight))
    card = {
        "temperature": temperature,
        "risk": calibration.risk(p, label, families),
        "trained_on": write.trained_on(examples, corpus_print),
        "figures": {name: round(value, 4) for name, value in figures.summary(p, label).items()},
    }
    arrays = {f"forest_{name}": array for name, array in forest.arrays().items()}
    model_id = write.write(SHIPPED.parent, {**arrays, "group_types": corpus.group_types()}, card)
    acted, wrong = calibration.promise_kept(p, label, families, fold, 0.05)
    report.write(model_id, card, p=p, label=label, families=families, promise=(acted, wrong))
    print(
        f"{model_id}: accuracy {card['figures']['accuracy']:.3f} on families held out, {acted:.0%} placed alone, {wrong:.1%} of them wrong"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
