"""How right the shipped model is on a folder whose subfolders are the five labels: `python benchmarks/accuracy.py FOLDER`.

First as it stands, names ignored; then by the essay's own protocol: what the model measures and its nets say under trees grown as
the shipped ones are, from 85 % of the folder, and tested on the rest, a hundred times.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from drumwatch.analysis.analyze import analyze
from drumwatch.analysis.retraining import fit_forest, metrics
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import LABELS
from drumwatch.workers.protocol import Analyze

SPLITS = 100


def main(folder: Path) -> None:
    paths = [path for label in LABELS for path in sorted((folder / label).glob("*")) if path.is_file()]
    p, X, label = analyzed(paths)
    for name, value in metrics.summary(p, label).items():
        print(f"{name}: {value:.3f}")
    shares = [split_accuracy(X, label, seed) for seed in range(SPLITS)]
    print(f"trained on 85 % of the folder, {SPLITS} times: {np.mean(shares):.3f} +- {np.std(shares):.3f}")


def analyzed(paths: list[Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, features and true label of all files that can be decoded."""
    p, X, label = [], [], []
    for path in paths:
        try:
            reply = analyze(Analyze(str(path), with_features=True))
        except DrumwatchError as exc:
            print(exc, file=sys.stderr)
            continue
        p.append([reply.verdict.probabilities[name] for name in LABELS])
        X.append(np.frombuffer(base64.b64decode(reply.features), np.float32))
        label.append(LABELS.index(path.parent.name))
    return np.array(p), np.array(X), np.array(label)


def split_accuracy(X: np.ndarray, label: np.ndarray, seed: int) -> float:
    learn, test, learn_label, test_label = train_test_split(X, label, test_size=0.15, random_state=seed)
    trees = fit_forest.fit(learn, learn_label, np.ones(len(learn), np.float32), seed=seed)
    return float((trees.predict(test) == test_label).mean())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
