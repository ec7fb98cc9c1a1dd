"""From the end of the quiet time to the filed sound: `python benchmarks/latency.py FOLDER [SOUNDS] [COLD STARTS]`.

Single sounds of FOLDER, one after the other, each with a warm worker; then each with a daemon that has just started and
no worker yet. The clock starts when the last byte is written and the file closed; the quiet time is taken off.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from bench_harness import BenchRun, bench_run, quantile, sounds_in

QUIET = 0.6
LOOK_EVERY = 0.0005


def main(folder: Path, count: int = 60, colds: int = 8) -> None:
    sounds = [sound for sound in sounds_in(folder) if sound.stat().st_size < 2_000_000][:count]
    with bench_run(QUIET) as one:
        with one.daemon():
            seconds_for(one, sounds[0], "warm-up")
            show("warm worker", [seconds_for(one, sound, f"w{n}") for n, sound in enumerate(sounds)])
        cold = []
        for n, sound in enumerate(sounds[:colds]):
            with one.daemon():
                cold.append(seconds_for(one, sound, f"c{n}"))
        show("cold worker", cold)


def seconds_for(one: BenchRun, sound: Path, name: str) -> float:
    """Written to a name the daemon does not look at, then renamed: a download as a browser does it."""
    part, whole = one.intake / f"{name}.part", one.intake / f"{name} {sound.name}"
    shutil.copyfile(sound, part)
    begun = time.perf_counter()
    part.rename(whole)
    while whole.exists():
        if time.perf_counter() - begun > 60:
            sys.exit(f"{sound} was not filed")
        time.sleep(LOOK_EVERY)
    return time.perf_counter() - begun - QUIET


def show(what: str, seconds: list[float]) -> None:
    p50, p95, worst = (1000 * quantile(seconds, share) for share in (0.5, 0.95, 1.0))
    print(f"{what}: {len(seconds)} sounds, p50 {p50:.0f} ms, p95 {p95:.0f} ms, slowest {worst:.0f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
