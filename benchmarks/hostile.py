"""Damaged WAV, AIFF, FLAC, Ogg, MP3, CAF and W64 files through a real worker: `python benchmarks/hostile.py [--count 20000] [--seed 1]`.

Each has to be answered and to stay as it is; every fourth is tagged too, in a copy. Said is how many came to what.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from drumwatch.workers.pool import LocalWorkers

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "ports")]

from fuzzing import outcomes  # noqa: E402
from mutations import mutants  # noqa: E402  the short version of this is a test

AT_ONCE = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    begun, counts = time.monotonic(), Counter[str]()
    workers, tagging = LocalWorkers(limit=1), LocalWorkers(limit=1)
    with tempfile.TemporaryDirectory(prefix="drumwatch-benchmark-") as folder:
        files = mutants(Path(folder), chosen.count, chosen.seed)
        while batch := list(itertools.islice(files, AT_ONCE)):
            with tempfile.TemporaryDirectory(dir=folder) as here:
                counts += outcomes(Path(here), batch, workers, tagging)
    for pool in (workers, tagging):
        pool.shutdown()
    for what, count in counts.most_common():
        print(f"{count:6} {what}")
    print(f"{chosen.count} files in {time.monotonic() - begun:.0f} s, each answered, none changed")


if __name__ == "__main__":
    main()
