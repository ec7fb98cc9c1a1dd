"""Events that the kernel drops against files that are missed: `python benchmarks/lost_events.py [COUNT]` (10000). Linux.

The daemon is stopped (SIGSTOP) while COUNT sounds are written at once, so that the kernel's queue overflows for sure, and goes on then.
A rescan is an hour away: only the event of the overflow makes it look. Each sound is made of two events, created and closed; said is
how many of them never came, how many files were missed, and how many handled twice.
"""

from __future__ import annotations

import collections
import queue
import signal
import sys
import time
from pathlib import Path

from bench_harness import BenchRun, OwnDaemon, bench_run, sha256, write_click

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths

GIVE_UP = 1200.0  # seconds
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


class CountingInbox(queue.SimpleQueue):
    """An inbox that knows how many events have come for sounds, and how often something was lost."""

    def __init__(self) -> None:
        self.came: set[tuple[Path, EventKind]] = set()
        self.overflows = 0

    def put(self, message: object) -> None:
        if isinstance(message, FileEvent) and message.path.suffix == ".wav":
            self.came.add((message.path, message.kind))
        elif isinstance(message, FileEvent) and message.kind is EventKind.OVERFLOW:
            self.overflows += 1
        super().put(message)


class CountingDaemon(OwnDaemon):
    """The real daemon with such an inbox."""

    def __init__(self, config_path: Path) -> None:
        super().__init__(config_path)
        self.counted = self._inbox = CountingInbox()


def main(count: int = 10_000) -> None:
    with bench_run() as one:
        config = one.state.parent / "config.toml"
        config.write_text(
            'action = "copy"\nduplicates = "keep"\nrescan = 3600\n' + config.read_text("utf-8"), "utf-8"
        )
        with one.own_daemon(__file__) as process:
            process.send_signal(signal.SIGSTOP)
            sounds = write_sounds(one, count)
            process.send_signal(signal.SIGCONT)
            wait_for_entries(one, count)
            process.terminate()
            came, overflows = map(int, process.communicate()[0].split())
        print(
            f"{count} sounds, {2 * count} events, room for {int(QUEUE.read_text())}: {2 * count - came} events dropped"
        )
        print(f"{overflows} overflows reached the daemon")
        print(check(one, sounds))


def run_counting() -> None:
    """What the other process does."""
    daemon = CountingDaemon(app_paths.config_file())
    daemon.run_here()
    print(len(daemon.counted.came), daemon.counted.overflows)


def write_sounds(one: BenchRun, count: int) -> dict[Path, str]:
    """Clicks of 20 ms, each another, in one folder: their hashes by path."""
    paths = [one.intake / f"{n}.wav" for n in range(count)]
    return {path: write_click(path, n, 0.02) for n, path in enumerate(paths)}


def wait_for_entries(one: BenchRun, count: int) -> None:
    """Until every sound has one, or for as long as it makes sense to wait."""
    until = time.monotonic() + GIVE_UP
    with Journal(one.state / "journal.db") as journal:
        while time.monotonic() < until and journal.entries.newest_id() < count:
            time.sleep(1)
        while time.monotonic() < until and any(
            True for _ in journal.entries.find(Filter(states=("planned",)))
        ):
            time.sleep(1)


def check(one: BenchRun, sounds: dict[Path, str]) -> str:
    with Journal(one.state / "journal.db") as journal:
        times = collections.Counter(entry.source for entry in journal.entries.find(Filter(states=("done",))))
    twice = sum(number > 1 for number in times.values())
    assert all(sha256(path) == content for path, content in sounds.items()), "a sound has changed"
    return f"{len(sounds.keys() - times.keys())} files missed, {twice} handled twice"


if __name__ == "__main__":
    if sys.argv[1:] == ["daemon"]:
        run_counting()
    else:
        main(*map(int, sys.argv[1:]))
