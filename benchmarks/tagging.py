"""What a tag costs, from the decision to the tagged sound in its place: `python benchmarks/tagging.py [COUNT]` (20).

WAV and FLAC of 1 s and of 60 s, stereo. The first of each kind waits for two processes to start: one writes the tags, one proves
that nothing else has changed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from drumwatch.config import Config, Watch
from drumwatch.pipeline import FilingRequest
from drumwatch.session import open_session

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "ports/filing")]

from pipeline_harness import answer, arrival  # noqa: E402

SR = 44_100


def main(count: int = 20) -> None:
    noise = np.random.default_rng(1).standard_normal((SR * 60, 2)).astype("f4") * 0.1
    for kind in ("wav", "flac"):
        for seconds in (1, 60):
            with tempfile.TemporaryDirectory(prefix="drumwatch-benchmark-") as folder:
                first, *others = times(Path(folder), kind, noise[: SR * seconds], count)
            print(
                f"{kind} of {seconds} s: {1000 * statistics.median(others):.0f} ms, first {1000 * first:.0f} ms"
            )


def times(root: Path, kind: str, y: np.ndarray, count: int) -> list[float]:
    """Seconds for each of so many sounds, one after the other."""
    os.environ["DRUMWATCH_STATE"] = str(root / "state")
    (root / "in").mkdir()
    watch = Watch(folder=root / "in", library=root / "library", action="tag", max_wrong=1.0)
    measured = []
    with open_session(Config(library=root / "library", watches=(watch,), min_free=0)) as session:
        for number in range(count + 1):
            path = root / f"in/{number}.{kind}"
            soundfile.write(path, y, SR)
            request = FilingRequest(arrival(path, root / "in"), watch, answer(path))
            begun = time.perf_counter()
            (filed,) = session.pipeline.file_together([request])
            measured.append(time.perf_counter() - begun)
            assert filed.entries[0].state == "done", filed
    return measured


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
