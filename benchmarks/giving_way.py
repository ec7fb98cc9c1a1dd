"""Pauses, processor share and disk rate in figures: `python benchmarks/giving_way.py FOLDER [TIMES]`, Linux only.

The sounds of FOLDER arrive as a burst, TIMES over (4). With a `max_share`: the share of the processors that the daemon and its
workers used while they worked. With a `disk_rate`: the bytes of sounds that were filed per second. With a DAW that starts in the
middle of it: when the last sound was filed after that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from bench_harness import bench_run, sounds_in

from drumwatch.journal import Filter, Journal

if TYPE_CHECKING:
    from bench_harness import BenchRun

DAW = "benchmark-daw"
PAUSE_SECONDS = 6.0  # that are watched for a sound that should not be filed
RATE = 200_000  # bytes per second: less than is analyzed on a busy machine


def configure(one: BenchRun, settings: str) -> None:
    config = Path(one.env["DRUMWATCH_CONFIG"])
    config.write_text(f"{settings}\n{config.read_text('utf-8')}", "utf-8")


def used(daemon: psutil.Process) -> float:
    """Processor seconds of the daemon and all that it has started, ended or not."""
    return sum(sum(one.cpu_times()[:4]) for one in (daemon, *daemon.children(recursive=True)))


def sharing(sounds: list[Path], times: int, share: float) -> None:
    with bench_run() as one:
        configure(one, f"max_share = {share}\ndisk_rate = 0")
        with one.daemon() as process:
            daemon = psutil.Process(process.pid)
            one.drop(sounds, times)
            while one.left() == len(sounds) * times:
                time.sleep(0.1)
            begun, before = time.monotonic(), used(daemon)
            while one.left():
                time.sleep(0.2)
            took = time.monotonic() - begun
            cores = len(os.sched_getaffinity(0))
            print(
                f"max_share = {share}: used {(used(daemon) - before) / took / cores:.2f} of {cores} cores, {took:.0f} s"
            )


def pacing(sounds: list[Path], times: int, rate: int) -> None:
    with bench_run() as one:
        configure(one, f"disk_rate = {rate}")
        with one.daemon():
            one.drop(sounds, times)
            size = sum(sound.stat().st_size for sound in sounds) * times
            while one.left() == len(sounds) * times:
                time.sleep(0.1)
            begun = time.monotonic()
            while one.left():
                time.sleep(0.1)
            print(f"disk_rate = {rate / 1e6:g} MB: {size / 1e6 / (time.monotonic() - begun):.2f} MB/s")


def pausing(sounds: list[Path], times: int) -> None:
    with bench_run() as one:
        configure(one, f'pause_while = ["{DAW}"]')
        program = shutil.copy("/bin/sleep", one.state / DAW)
        with one.daemon():
            one.drop(sounds, times)
            while one.left() > len(sounds) * times * 0.9:
                time.sleep(0.05)
            with subprocess.Popen([program, "600"]) as daw:
                begun = time.time()
                time.sleep(PAUSE_SECONDS)
                with Journal(one.state / "journal.db") as journal:
                    latest = max(entry.time for entry in journal.entries.find(Filter()))
                print(
                    f"a DAW starts with {one.left()} sounds left: the last was begun {latest - begun:.2f} s later"
                )
                daw.kill()


def main(folder: Path, times: int = 4) -> None:
    sounds = sounds_in(folder)
    for share in (0.1, 0.25, 0.5):
        sharing(sounds, max(1, round(times * share * 2)), share)
    pacing(sounds, times, RATE)
    pausing(sounds, 2 * times)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
