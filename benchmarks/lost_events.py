"""Events that the kernel drops against files that are missed: `python benchmarks/lost_events.py [COUNT]` (10000). Linux.

The daemon is stopped (SIGSTOP) while COUNT sounds are written at once, so that the kernel's queue overflows for sure, and goes on then.
A rescan is an hour away: only the word of the overflow makes it look. Each sound is made of two events, created and closed; said is
how many of them never came, how many files were missed, and how many handled twice.
"""

from __future__ import annotations

import collections
import logging
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trial import Trial, sha256, trial

from drumwatch import places
from drumwatch.daemon import Daemon
from drumwatch.journal import Filter, Journal
from drumwatch.records import FileEvent, Sighting

if TYPE_CHECKING:
    from drumwatch.config import Config

SR = 44_100
GIVE_UP = 1200.0  # seconds
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


class CountingInbox(queue.SimpleQueue):
    """An inbox that knows how many events have come for sounds, and how often something was lost."""

    def __init__(self) -> None:
        self.came: set[tuple[Path, Sighting]] = set()
        self.overflows = 0

    def put(self, message: object) -> None:
        if isinstance(message, FileEvent) and message.path.suffix == ".wav":
            self.came.add((message.path, message.sighting))
        elif isinstance(message, FileEvent) and message.sighting is Sighting.OVERFLOW:
            self.overflows += 1
        super().put(message)


class CountingDaemon(Daemon):
    """The real daemon with such an inbox."""

    def __init__(self, config_path: Path) -> None:
        super().__init__(config_path)
        self.counted = self._inbox = CountingInbox()

    def _take_up(self, config: Config) -> None:
        super()._take_up(config)
        watching_file(places.state_folder()).touch()


def main(count: int = 10_000) -> None:
    with trial() as one, (one.state / "log").open("wb") as log:
        config = one.state.parent / "config.toml"
        config.write_text(
            'action = "copy"\nduplicates = "keep"\nrescan = 3600\n' + config.read_text("utf-8"), "utf-8"
        )
        command = [sys.executable, __file__, "daemon"]
        with subprocess.Popen(command, env=one.env, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            while not watching_file(one.state).exists():
                time.sleep(0.1)
            process.send_signal(signal.SIGSTOP)
            sounds = write_sounds(one, count)
            process.send_signal(signal.SIGCONT)
            wait_for_entries(one, count)
            process.terminate()
            came, overflows = map(int, process.communicate()[0].split())
        print(
            f"{count} sounds, {2 * count} events, room for {int(QUEUE.read_text())}: {2 * count - came} events dropped"
        )
        print(f"{overflows} times the daemon heard of an overflow")
        print(check(one, sounds))


def run_counting() -> None:
    """What the other process does."""
    logging.basicConfig(level=logging.INFO)
    daemon = CountingDaemon(places.config_file())
    signal.signal(signal.SIGTERM, lambda *_: daemon.stop("SIGTERM"))
    daemon.run()
    print(len(daemon.counted.came), daemon.counted.overflows)


def watching_file(state: Path) -> Path:
    """There as soon as the daemon watches."""
    return state / "watching"


def write_sounds(one: Trial, count: int) -> dict[Path, str]:
    """Clicks of 20 ms, each another, in one folder: their hashes by path."""
    import numpy as np  # noqa: PLC0415  the other process is the daemon and needs none of it
    import soundfile  # noqa: PLC0415

    t = np.arange(SR // 50) / SR
    sounds = {}
    for n in range(count):
        path = one.intake / f"{n}.wav"
        soundfile.write(path, 0.8 * np.sin(2 * np.pi * (40 + n / 10) * t) * np.exp(-t / 0.01), SR)
        sounds[path] = sha256(path)
    return sounds


def wait_for_entries(one: Trial, count: int) -> None:
    """Until every sound has one, or for as long as it makes sense to wait."""
    until = time.monotonic() + GIVE_UP
    with Journal(one.state / "journal.db") as journal:
        while time.monotonic() < until and journal.newest_id() < count:
            time.sleep(1)
        while time.monotonic() < until and any(True for _ in journal.entries(Filter(states=("planned",)))):
            time.sleep(1)


def check(one: Trial, sounds: dict[Path, str]) -> str:
    with Journal(one.state / "journal.db") as journal:
        times = collections.Counter(entry.source for entry in journal.entries(Filter(states=("done",))))
    twice = sum(number > 1 for number in times.values())
    assert all(sha256(path) == content for path, content in sounds.items()), "a sound has changed"
    return f"{len(sounds.keys() - times.keys())} files missed, {twice} handled twice"


if __name__ == "__main__":
    if sys.argv[1:] == ["daemon"]:
        run_counting()
    else:
        main(*map(int, sys.argv[1:]))
