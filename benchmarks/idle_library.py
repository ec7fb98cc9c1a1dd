"""The daemon at rest over a library of many filed sounds: `python benchmarks/idle_library.py [SOUNDS] [SECONDS]`.

The library is made up: empty files, and a journal that says that they were filed. Memory, and processor time of a long rest.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import psutil
from bench_harness import bench_run

from drumwatch.core.records import LABELS, Verdict
from drumwatch.journal import Journal, Plan

if TYPE_CHECKING:
    from bench_harness import BenchRun

PACK = 100  # sounds
START_SECONDS = 75.0  # the first looks, until the new folders are no news any more


def make_up(one: BenchRun, sounds: int) -> None:
    probabilities = dict.fromkeys(LABELS, 0.0) | {"kick": 1.0}
    verdict = Verdict(
        "kick", "kick", 1.0, probabilities, {"kick": 1.0}, "snare", "one-shot", 0.3, model="none"
    )
    with Journal(one.state / "journal.db") as journal, journal.transaction():
        batch = journal.batches.current(one.intake, "", time.time())
        for number in range(sounds):
            place = one.library / "kick" / f"pack {number // PACK}" / f"{number}.wav"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
            source = one.intake / place.name
            plan = Plan(batch, source, place, "move", "default", "", "kick", "kick", 1.0, verdict)
            entry = journal.entries.plan(plan, time.time())
            journal.entries.finish(entry, "done", destination=place)


def main(sounds: int = 20_000, seconds: float = 120.0) -> None:
    with bench_run() as one:
        make_up(one, sounds)
        with one.daemon() as process:
            daemon = psutil.Process(process.pid)
            time.sleep(START_SECONDS)
            begun = sum(daemon.cpu_times()[:2])
            time.sleep(seconds)
            used = sum(daemon.cpu_times()[:2]) - begun
            print(
                f"{sounds} sounds in the library: {daemon.memory_info().rss / 1e6:.1f} MB, {used:.2f} s in {seconds:g} s"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
