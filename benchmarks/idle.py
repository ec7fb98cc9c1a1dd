"""The daemon at rest: `python benchmarks/idle.py FOLDER [SECONDS] [--projects COUNT]`, Linux only.

All sounds of FOLDER are sorted; once the worker has ended, for so many seconds (30, say; 600 for a long look):
memory, processor time, how often the daemon woke up, and whether a worker was left. With `--projects 100`, so many
projects are then put into the watched folder, and the same is measured once more, to be compared with none.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

import psutil
from bench_harness import BenchRun, bench_run, sounds_in

from drumwatch.journal import Journal

WORKER_ENDS_WITHIN = 90.0
TOLD_WITHIN = 300.0
SOUNDS_EACH = 3
LAST_WORD = 30.0  # seconds after the last file: what was done is summed up, and then nothing is left to do


def main(folder: Path, seconds: float = 30.0, projects: int = 0) -> None:
    with bench_run() as one, one.daemon() as process:
        daemon = psutil.Process(process.pid)
        print(f"after the start:   {memory(daemon)}")
        one.drop(sounds_in(folder))
        while one.left():
            time.sleep(0.2)
        print(f"sounds sorted:     {memory(daemon)}, workers: {len(daemon.children())}")
        rest(daemon, seconds, "no project")
        if projects:
            put_projects(one, sounds_in(folder)[:SOUNDS_EACH], projects)
            reported = count_reported(one, projects)
            print(f"reported {reported} of {projects} projects")
            rest(daemon, seconds, f"{projects} projects")


def rest(daemon: psutil.Process, seconds: float, what: str) -> None:
    """Wait for the end of the workers and of the last look around, then measure for so long."""
    gone = time.monotonic() + WORKER_ENDS_WITHIN
    while daemon.children() and time.monotonic() < gone:
        time.sleep(1)
    time.sleep(LAST_WORD)
    cpu, woken = sum(daemon.cpu_times()[:2]), daemon.num_ctx_switches()
    time.sleep(seconds)
    cpu_after, woken_after = sum(daemon.cpu_times()[:2]), daemon.num_ctx_switches()
    print(f"at rest:           {memory(daemon)}, workers: {len(daemon.children())}")
    switches = woken_after.voluntary - woken.voluntary
    minutes = seconds / 60
    print(
        f"{what}, in {seconds:g} s of rest: {cpu_after - cpu:.3f} s of processor time, woken {switches} times"
        f" (each minute: {(cpu_after - cpu) / minutes:.3f} s, {switches / minutes:.1f} times)"
    )


def put_projects(one: BenchRun, sounds: list[Path], count: int) -> None:
    """Songs, songs that are packages, instruments and checkouts, each complete when it comes."""
    for number in range(count):
        made = one.state / f"project {number}"
        [live, package, instrument, checkout][number % 4](made, sounds)
        ending = ".logicx" if number % 4 == 1 else ""
        made.rename(one.intake / f"Project {number}{ending}")


def live(root: Path, sounds: list[Path]) -> None:
    put_sounds(root / "Samples/Imported", sounds)
    (root / "Ableton Project Info").mkdir()


def package(root: Path, sounds: list[Path]) -> None:
    put_sounds(root / "Media/Audio Files", sounds)


def instrument(root: Path, sounds: list[Path]) -> None:
    put_sounds(root / "Samples", sounds)
    regions = (f"<region> sample=Samples/{name.name}\n" for name in (root / "Samples").iterdir())
    (root / "Kit.sfz").write_text("".join(regions))


def checkout(root: Path, sounds: list[Path]) -> None:
    put_sounds(root / "assets", sounds)
    (root / ".git").mkdir()


def put_sounds(folder: Path, sounds: list[Path]) -> None:
    folder.mkdir(parents=True)
    for number, sound in enumerate(sounds):
        shutil.copyfile(sound, folder / f"{number}{sound.suffix}")


def count_reported(one: BenchRun, count: int) -> int:
    """Of how many projects the journal tells, as soon as it is all of them, or when it is late for that."""
    until = time.monotonic() + TOLD_WITHIN
    with Journal(one.state / "journal.db") as journal:
        while (reported := len(journal.projects.left_whole())) < count and time.monotonic() < until:
            time.sleep(1)
    return reported


def memory(process: psutil.Process) -> str:
    full = process.memory_full_info()
    return f"{full.rss / 2**20:.1f} MB resident, {full.uss / 2**20:.1f} MB of its own"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The daemon at rest, with and without projects.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float, nargs="?", default=30.0)
    parser.add_argument("--projects", type=int, default=0, metavar="COUNT")
    options = parser.parse_args()
    main(options.folder, options.seconds, options.projects)
