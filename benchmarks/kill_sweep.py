"""SIGKILL for every command that acts on files: `python benchmarks/kill_sweep.py FOLDER [--kills 300] [--seed 1] [--jobs 1]`.

Sounds of FOLDER are moved, copied, linked, tagged and kept with their pack, within one file system and between two, and come as
folders and as archives. `sort`, `undo`, `correct`, the review page and the daemon are each killed at a step drawn by
the seed, with their workers or without, and so is the unpacker. After each kill every file has to exist whole; after
the next command, which recovers, exactly where the journal says, with nothing left over; and after `undo` as at the beginning.
Trials that fail are named, with what repeats them.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench_harness import sounds_in

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "system")]

from kill_trials import COMMANDS, KillTrial, Lot  # noqa: E402  the short version of this is a test

LARGEST = 300_000  # bytes: the more is done in a second, the more kills there are in an hour


class Result(NamedTuple):
    """What became of one trial."""

    lot: Lot
    was_killed: bool
    half_done: int
    failure: str
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="so many trials at once")
    parser.add_argument(
        "--other", type=Path, default=Path("/dev/shm"), help="a folder on another file system"
    )
    parser.add_argument("--commands", nargs="*", default=list(COMMANDS), choices=list(COMMANDS))
    parser.add_argument("--ways", nargs="*", help="as they are printed; all without it")
    parser.add_argument("--only", help="repeats one trial, as it is printed")
    chosen = parser.parse_args()
    sounds = [
        path
        for path in sounds_in(chosen.folder)
        if path.stat().st_size < LARGEST and path.suffix.lower() == ".wav"
    ]
    begun, results = time.monotonic(), list[Result]()
    drawn = lots(chosen.commands, chosen.ways, chosen.seed)
    if chosen.only:
        drawn = (lot for lot in drawn if str(lot) == chosen.only)
    with ThreadPoolExecutor(chosen.jobs) as pool:
        while (left := chosen.kills - sum(one.was_killed for one in results)) > 0:
            batch = list(itertools.islice(drawn, 1 if chosen.only else left))
            for result in pool.map(lambda lot: try_out(lot, sounds, chosen.other), batch):
                results.append(result)
                show(result)
            if chosen.only:
                break
    summary(results, time.monotonic() - begun)
    sys.exit(any(one.failure for one in results))


def lots(commands: list[str], ways: list[str] | None, seed: int) -> Iterator[Lot]:
    """Every command in every way, in an order that the seed draws; then again with other seeds."""
    pairs = [(killed, way) for killed in commands for way in COMMANDS[killed]]
    pairs = [(killed, way) for killed, way in pairs if ways is None or str(way) in ways]
    random.Random(seed).shuffle(pairs)
    for number in itertools.count():
        for killed, way in pairs:
            yield Lot(killed, way, seed + number)


def try_out(lot: Lot, sounds: list[Path], elsewhere: Path) -> Result:
    begun, failure = time.monotonic(), ""
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory(dir=elsewhere) as other:
        trial = KillTrial(Path(root), Path(other), sounds, lot)
        try:
            trial.run()
        except AssertionError as exc:
            failure = str(exc)
        return Result(lot, trial.was_killed, trial.half_done, failure, time.monotonic() - begun)


def show(result: Result) -> None:
    what = "killed" if result.was_killed else "not killed: it had ended before that step"
    became = f"FAILED: {result.failure}" if result.failure else f"{result.half_done} half-done, all well"
    print(f"{result.lot}: {what}, {became}; {result.seconds:.0f} s", flush=True)


def summary(results: list[Result], seconds: float) -> None:
    print()
    killed = [one for one in results if one.was_killed]
    counts = Counter(one.lot.killed for one in killed)
    half_done = Counter[str]()
    for one in killed:
        half_done[one.lot.killed] += one.half_done
    for command, count in counts.items():
        print(f"{command + ':':11} {count} kills, {half_done[command]} actions caught half-done")
    failed = [one for one in results if one.failure]
    print(f"{len(killed)} kills in {seconds:.0f} s, {len(failed)} failed", *(str(one.lot) for one in failed))


if __name__ == "__main__":
    main()
