"""Whether this version answers as an earlier one: `python benchmarks/same_answers.py FOLDER CHECKOUT [EVERY]`.

A worker of this version and one of the version checked out in CHECKOUT analyze every EVERY-th sound of a folder (default: 1), in
turn and with the model that CHECKOUT ships. Exit code 1 if a type, a digest or another word of a verdict differs, or if a label's
probability differs by more than TOLERANCE.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil

SOUNDS = {".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3"}
TOLERANCE = 5e-5  # of a label's probability
WORDS = ("label", "type", "runner_up", "shape", "duration", "tempo", "clash")  # of a verdict
HERE = Path(__file__).resolve().parents[1]
MODEL = "drumwatch/analysis/model/shipped/model.npz"


def main(folder: Path, checkout: Path, every: int = 1) -> int:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS)[::every]
    different: Counter[str] = Counter()
    largest, at = 0.0, paths[0]
    with worker(checkout) as earlier, worker(HERE) as ours:
        for number, path in enumerate(paths):
            before, after = (ask(one, number, path, checkout / MODEL) for one in (earlier, ours))
            different.update(differences(before, after))
            if (distance := probability_difference(before, after)) > largest:
                largest, at = distance, path
        seconds = [cpu_seconds(one) for one in (earlier, ours)]
    print(f"{len(paths)} files: {dict(different) or 'no word'} differs")
    print(f"label probabilities differ by {largest:.1e} at most ({at.relative_to(folder)})")
    print(f"CPU {seconds[0]:.1f} s and {seconds[1]:.1f} s: {seconds[1] / seconds[0]:.2f} of the earlier one")
    return int(bool(different) or largest > TOLERANCE)


def worker(root: Path) -> subprocess.Popen[str]:
    """A worker of the version in this folder."""
    env = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "drumwatch.analysis.worker"]
    return subprocess.Popen(
        command, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def ask(process: subprocess.Popen[str], number: int, path: Path, model: Path) -> dict[str, object]:
    """What the worker answers about a file, with the digest of the sound."""
    job = {"id": number, "op": "analyze", "path": str(path), "with_digest": True, "model": str(model)}
    print(json.dumps(job), file=process.stdin, flush=True)
    return json.loads(process.stdout.readline())


def differences(before: dict, after: dict) -> list[str]:
    """The names of what differs, probabilities apart."""
    found = [] if before["answer"] == after["answer"] else ["answer"]
    if "verdict" not in before or "verdict" not in after:
        return found if before == after else ["answer"]
    pairs = ((word, before["verdict"][word], after["verdict"][word]) for word in WORDS)
    digests = ("digest", before["sound_digest"], after["sound_digest"])
    return found + [name for name, one, other in itertools.chain(pairs, [digests]) if one != other]


def probability_difference(before: dict, after: dict) -> float:
    """The largest difference of a label's probability."""
    if "verdict" not in before or "verdict" not in after:
        return 0.0
    one, other = (answer["verdict"]["probabilities"] for answer in (before, after))
    return max(abs(one[label] - other[label]) for label in one)


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """Processor time of a process that still runs."""
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]).resolve(), *map(int, sys.argv[3:])))
