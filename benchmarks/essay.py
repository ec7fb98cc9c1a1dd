"""The essay's method on our folds: `python benchmarks/essay.py CORPUS`.

Duration, loudness at start, middle and end, pitch and its spread, and the mean spectrum, all by librosa at 22.05 kHz, judged by
one decision tree: what "Machine Learning for Drummers" (2018) does, written anew from its description.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from drumwatch.analysis.model.model_file import LABEL_MATRIX
from drumwatch.analysis.retraining import metrics
from drumwatch.core.records import LABELS
from training import corpus, folds

try:
    import librosa
except ImportError:
    sys.exit(
        "This benchmark needs librosa, which is left out on Intel Macs: its compiler has no wheels there. Run it on another machine."
    )

SR = 22_050
WINDOW = round(0.1 * SR)
N_FFT = 1024


def essay_features(path: Path) -> np.ndarray:
    y, _ = librosa.load(path, sr=SR, mono=True)
    y = np.pad(y / max(float(np.abs(y).max()), 1e-9), (0, max(0, N_FFT - len(y))))
    pitches, magnitudes = librosa.piptrack(y=y, sr=SR, n_fft=N_FFT, fmin=10, fmax=1600)
    pitch = pitches[magnitudes.argmax(axis=0), np.arange(pitches.shape[1])]
    places = (0, len(y) // 2, len(y) - WINDOW // 2)
    loudness = [np.sqrt(np.square(y[max(0, at - WINDOW // 2) : at + WINDOW // 2]).mean()) for at in places]
    spectrum = np.abs(librosa.stft(y, n_fft=N_FFT)).mean(axis=1)
    return np.array([len(y) / SR, *loudness, pitch.min(), pitch.std(), *spectrum], np.float32)


def main(corpus_folder: Path) -> None:
    examples = corpus.read(corpus_folder)
    families = [example.family for example in examples]
    label = (corpus.group_types() @ LABEL_MATRIX).argmax(axis=1)[[example.group for example in examples]]
    X = np.array([essay_features(example.path) for example in examples])
    fold = folds.fold_of_each(families)
    p = np.zeros((len(label), len(LABELS)))
    for number in np.unique(fold):
        held = fold == number
        tree = DecisionTreeClassifier(random_state=1).fit(X[~held], label[~held])
        p[held] = tree.predict_proba(X[held])
    for name, value in metrics.summary(p, label).items():
        print(f"{name}: {value:.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
