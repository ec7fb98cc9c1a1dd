"""The hand-made features of every sound, measured once and kept in the cache."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing import decode, features, spectrum, views

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from training.corpus import Example


def measured(examples: Sequence[Example], cache: Path, corpus_print: str) -> np.ndarray:
    """(sounds, features), from the cache if corpus and feature code are what they were."""
    kept = cache / f"features-{corpus_print}-{code_print()}.npy"
    if kept.exists():
        return np.load(kept, allow_pickle=False)
    X = np.array([measure(example.path) for example in examples])
    cache.mkdir(parents=True, exist_ok=True)
    np.save(kept, X, allow_pickle=False)
    return X


def measure(path: Path) -> np.ndarray:
    sound = decode.read(path)
    found = spectrum.analyse(sound.y, sound.sr)
    return features.extract(found, views.tone_lines(found))


def code_print() -> str:
    """Changes with any line of the code that measures."""
    summed = hashlib.sha256()
    for module in (decode, features, spectrum, views):
        with open(str(module.__file__), "rb") as file:
            summed.update(file.read())
    return summed.hexdigest()[:12]
