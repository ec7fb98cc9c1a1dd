"""A pack dropped at once: `python benchmarks/drop_seed_set.py FOLDER [TIMES]`.

All sounds of FOLDER (TIMES over) are copied into a watched folder: are all sorted, is every SHA-256 found again, is the
journal complete, and how long did it take? Then the same once more, with SIGTERM in the middle of it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench_harness import BenchRun, bench_run, sounds_in, stop


def main(folder: Path, times: int = 1) -> None:
    sounds = sounds_in(folder)
    with bench_run() as one:
        print(f"{len(sounds) * times} sounds at once")
        whole_drop(one, sounds, times)
    with bench_run() as one:
        print("the same, stopped in the middle")
        stopped_in_the_middle(one, sounds, times)


def whole_drop(one: BenchRun, sounds: list[Path], times: int) -> None:
    with one.daemon() as process:
        dropped = one.drop(sounds, times)
        begun = time.monotonic()
        while one.left() and time.monotonic() - begun < 30 + len(sounds) * times:
            time.sleep(0.05)
        took = time.monotonic() - begun
        print(f"  sorted {took:.1f} s after the last was there, of which {one.quiet:g} s quiet time")
        verdict(one, dropped)
        print(f"  SIGTERM at rest: ended after {stop(process):.2f} s, code {process.returncode}")


def stopped_in_the_middle(one: BenchRun, sounds: list[Path], times: int) -> None:
    with one.daemon() as process:
        dropped = one.drop(sounds, times)
        while one.left() > 0.6 * sum(dropped.values()):
            time.sleep(0.005)
        took = stop(process)
        print(f"  SIGTERM: ended after {took:.2f} s, code {process.returncode}, {one.left()} not yet sorted")
    one.sort_once()
    print("  started again:")
    verdict(one, dropped)


def verdict(one: BenchRun, dropped: dict[str, int]) -> None:
    found = one.there()
    kept = sum(min(count, found.get(digest, 0)) for digest, count in dropped.items())
    print(f"  sorted: {sum(dropped.values()) - one.left()} of {sum(dropped.values())}")
    print(
        f"  SHA-256 found again: {kept} of {sum(dropped.values())}, foreign files: {sum(found.values()) - kept}"
    )
    print(f"  journal: {one.entries()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
