"""How near a changed copy of a sound is to it, and how near other sounds are: the reason for the radius of a near copy.

    python benchmarks/copies.py CORPUS [SOUNDS]

CORPUS is a folder of sounds, of which so many are drawn at random, changed as devices and people change them, and analyzed again.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from drumwatch.analysis import analyze
from drumwatch.analysis.model import model_file, reference_sounds
from drumwatch.analysis.model.near_copies import RADIUS
from drumwatch.core.errors import UnreadableAudio
from drumwatch.core.records import AUDIO_SUFFIXES
from drumwatch.workers.protocol import Analyze

if TYPE_CHECKING:
    from collections.abc import Iterator

QUANTILES = (0.5, 0.8, 0.9, 1.0)


def changes(y: np.ndarray, sr: int) -> dict[str, tuple[np.ndarray, int, str, dict]]:
    """Samples, rate, ending and how to write them, by what was done."""
    energy = np.cumsum(np.square(y).sum(axis=1))
    end = int(np.searchsorted(energy, 0.999 * energy[-1]))
    mp3 = {"bitrate_mode": "CONSTANT", "compression_level": 0.4}
    return {
        "6 dB softer": (y / 2, sr, "wav", {}),
        "20 dB softer": (y / 10, sr, "wav", {}),
        "in mono": (y.mean(axis=1, keepdims=True), sr, "wav", {}),
        "at 48 kHz": (soxr.resample(y, sr, 48_000), 48_000, "wav", {}),
        "at 22 kHz": (soxr.resample(y, sr, 22_050), 22_050, "wav", {}),
        "Ogg Vorbis": (y / max(np.abs(y).max(), 1), sr, "ogg", {}),
        "mp3": (y / max(np.abs(y).max(), 1), sr, "mp3", mp3),
        "50 ms of silence before": (np.concatenate([np.zeros((sr // 20, y.shape[1])), y]), sr, "wav", {}),
        "the last thousandth of energy cut": (y[: max(end, sr // 20)], sr, "wav", {}),
        "8 bit": (y, sr, "wav", {"subtype": "PCM_U8"}),
    }


def main(corpus: Path, count: int = 100) -> None:
    loaded = model_file.load()
    known = reference_sounds.reference_sounds_of(loaded)
    sounds = sorted(path for path in corpus.rglob("*") if path.suffix in AUDIO_SUFFIXES)
    away: dict[str, list[float]] = defaultdict(list)
    for path in random.Random(1).sample(sounds, min(count, len(sounds))):
        here = evidence(path, loaded)
        if here is not None:
            for what, there in analyzed_copies(path, loaded):
                away[what].append(float(np.linalg.norm((here - there) * known.weight)))
    head = ["change", "sounds", *(f"{share:.0%}" for share in QUANTILES), f"within {RADIUS}"]
    print("| " + " | ".join(head) + " |\n|" + " --- |" * len(head))
    for what, found in away.items():
        row = [what, str(len(found)), *(f"{np.quantile(found, share):.2f}" for share in QUANTILES)]
        print("| " + " | ".join([*row, f"{np.mean(np.array(found) <= RADIUS):.0%}"]) + " |")
    show_others(loaded, known)


def evidence(path: Path, loaded: model_file.Model) -> np.ndarray | None:
    try:
        return analyze.measure(Analyze(str(path)), loaded)[1].vector
    except UnreadableAudio:
        return None


def analyzed_copies(path: Path, loaded: model_file.Model) -> Iterator[tuple[str, np.ndarray]]:
    y, sr = soundfile.read(path, always_2d=True)
    with tempfile.TemporaryDirectory() as folder:
        for what, (z, rate, ending, how) in changes(y, sr).items():
            copy = Path(folder) / f"copy.{ending}"
            try:
                soundfile.write(copy, z, rate, **how)
            except soundfile.LibsndfileError:  # not every rate goes into every format
                continue
            if (there := evidence(copy, loaded)) is not None:
                yield what, there


def show_others(loaded: model_file.Model, known: reference_sounds.ReferenceSounds) -> None:
    """The shipped sounds against one another."""
    x = known.vectors.astype(np.float32) * known.weight
    squared = np.square(x).sum(axis=1)
    away = np.sqrt(np.maximum(squared[:, None] + squared - 2 * x @ x.T, 0))
    np.fill_diagonal(away, np.inf)
    pack = np.char.partition(known.name.astype(str), ": ")[:, 0]
    label = (loaded.group_types @ model_file.LABEL_MATRIX).argmax(axis=1)[known.group]
    in_pack = np.where(pack[:, None] == pack, away, np.inf).min(axis=1)
    other = np.where(label[:, None] != label, away, np.inf).min(axis=1)
    print(
        f"\nof {len(x)} sounds, {np.mean(in_pack <= RADIUS):.1%} have another of their pack within {RADIUS};"
    )
    print(f"of another label, {np.sum(other <= RADIUS)} have: the nearest two are {other.min():.2f} apart")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
