"""The daemon at rest: `python benchmarks/idle.py FOLDER [SECONDS]`, Linux only.

All sounds of FOLDER are sorted; once the worker has ended, for so many seconds (30, say; 600 for a long look):
memory, processor time, how often the daemon woke up, and whether a worker was left.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
from trial import sounds_in, trial

WORKER_ENDS_WITHIN = 90.0


def main(folder: Path, seconds: float = 30.0) -> None:
    with trial() as one, one.daemon() as process:
        daemon = psutil.Process(process.pid)
        print(f"after the start:   {memory(daemon)}")
        one.drop(sounds_in(folder))
        while one.left():
            time.sleep(0.2)
        print(f"sounds sorted:     {memory(daemon)}, workers: {len(daemon.children())}")
        gone = time.monotonic() + WORKER_ENDS_WITHIN
        while daemon.children() and time.monotonic() < gone:
            time.sleep(1)
        cpu, woken = sum(daemon.cpu_times()[:2]), daemon.num_ctx_switches()
        time.sleep(seconds)
        cpu_after, woken_after = sum(daemon.cpu_times()[:2]), daemon.num_ctx_switches()
        print(f"at rest:           {memory(daemon)}, workers: {len(daemon.children())}")
        switches = woken_after.voluntary - woken.voluntary
        print(f"in {seconds:g} s of rest: {cpu_after - cpu:.3f} s of processor time, woken {switches} times")


def memory(process: psutil.Process) -> str:
    full = process.memory_full_info()
    return f"{full.rss / 2**20:.1f} MB resident, {full.uss / 2**20:.1f} MB of its own"


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))
