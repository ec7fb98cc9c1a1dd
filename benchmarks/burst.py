"""A burst of small sounds: `python benchmarks/burst.py [COUNT]` (20000).

They are written as fast as the disk takes them, into twenty folders below a watched one. Said are: whether each was handled
exactly once, the longest stall of the daemon's loop (one turn, without what it waited for news; on a busy machine its processor time
says more), and the highest resident memory of daemon and worker.
"""

from __future__ import annotations

import collections
import queue
import sys
import time
from typing import TYPE_CHECKING

import psutil
from bench_harness import BenchRun, OwnDaemon, bench_run, write_click

from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = 20
GIVE_UP = 1800.0  # seconds


class PatientQueue(queue.SimpleQueue):
    """An inbox that knows how long its reader has waited."""

    waited = 0.0

    def get(self, block: bool = True, timeout: float | None = None) -> object:  # noqa: FBT001, FBT002  as it is called
        begun = time.monotonic()
        try:
            return super().get(block, timeout)
        finally:
            self.waited += time.monotonic() - begun


class TimedDaemon(OwnDaemon):
    """The real daemon; says in the end how long its longest turn was."""

    def __init__(self, config_path: Path) -> None:
        queue.SimpleQueue = PatientQueue  # type: ignore[misc]  of which the daemon makes its inbox when it starts
        super().__init__(config_path)
        self.longest = self.hardest = 0.0  # in wall time and in processor time

    def _turn(self) -> None:
        begun, waited, worked = time.monotonic(), self._inbox.waited, time.thread_time()
        super()._turn()
        self.hardest = max(self.hardest, time.thread_time() - worked)
        self.longest = max(self.longest, time.monotonic() - begun - (self._inbox.waited - waited))


def main(count: int = 20_000) -> None:
    with bench_run() as one:
        with one.own_daemon(__file__) as process:
            begun = time.monotonic()
            written = write_sounds(one, count)
            print(f"{count} sounds written in {time.monotonic() - begun:.1f} s", flush=True)
            peaks = watch_until_done(one, process.pid, count)
            seconds = time.monotonic() - begun
            process.terminate()
            print(process.communicate()[0].strip())
        print(f"handled in {seconds:.0f} s, {count / seconds:.0f} a second")
        print(f"peak memory: daemon {peaks['daemon']:.0f} MB, worker {peaks['worker']:.0f} MB")
        print(check(one, written))


def run_timed() -> None:
    """What the other process does."""
    daemon = TimedDaemon(app_paths.config_file())
    daemon.run_here()
    print(
        f"longest stall of the loop: {1000 * daemon.longest:.0f} ms, most processor time in one turn: {1000 * daemon.hardest:.0f} ms"
    )


def write_sounds(one: BenchRun, count: int) -> collections.Counter[str]:
    """Clicks and thuds of 50 ms, each another; their hashes."""
    written: collections.Counter[str] = collections.Counter()
    for n in range(count):
        path = one.intake / f"{n % FOLDERS}" / f"{n}.wav"
        path.parent.mkdir(exist_ok=True)
        written[write_click(path, n, 0.05)] += 1
    return written


def watch_until_done(one: BenchRun, pid: int, count: int) -> dict[str, float]:
    """The highest memory of each in MB, until every sound has an entry."""
    daemon, peaks = psutil.Process(pid), {"daemon": 0.0, "worker": 0.0}
    until, look = time.monotonic() + GIVE_UP, 0.0
    with Journal(one.state / "journal.db") as journal:
        while time.monotonic() < until:
            for kind, processes in (("daemon", [daemon]), ("worker", daemon.children())):
                for process in processes:
                    peaks[kind] = max(peaks[kind], resident(process))
            if time.monotonic() > look:
                look = time.monotonic() + 2
                if journal.entries.newest_id() >= count and not one.left():
                    return peaks
            time.sleep(0.1)
    sys.exit(f"after {GIVE_UP:.0f} s {one.left()} sounds are left")


def resident(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / 2**20
    except psutil.Error:  # ended just now
        return 0.0


def check(one: BenchRun, written: collections.Counter[str]) -> str:
    with Journal(one.state / "journal.db") as journal:
        times = collections.Counter(entry.source for entry in journal.entries.find(Filter()))
    assert one.there() == written, "not every sound is there as it was"
    assert set(times.values()) == {1}, "some have more than one entry"
    assert len(times) == written.total(), f"{len(times)} of {written.total()} were handled"
    return f"each of the {len(times)} handled exactly once, all there byte for byte"


if __name__ == "__main__":
    if sys.argv[1:] == ["daemon"]:
        run_timed()
    else:
        main(*map(int, sys.argv[1:]))
