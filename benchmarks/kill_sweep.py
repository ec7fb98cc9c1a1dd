"""SIGKILL for the daemon, and for `drumwatch undo`, at random moments: `python benchmarks/kill_sweep.py FOLDER [--kills 200] [--seed 1]`.

The sounds of FOLDER are moved, copied, linked and tagged, within one file system and between two. After each kill every
sound has to exist whole, after the next start exactly where the journal says, with no temporary file left; in the end
everything is undone. The first sound that is missing ends the script with its name.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench_harness import sounds_in

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "system")]

from kill_harness import VARIANTS, KillRun, Variant  # noqa: E402  the short version of this is a test

UNDO_EVERY = 4  # so many kills, one of them kills `drumwatch undo`, the others the daemon
LARGEST = 300_000  # bytes: the more sounds are filed in a second, the more often a kill meets one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--other", type=Path, default=Path("/dev/shm"), help="a folder on another file system"
    )
    parser.add_argument(
        "--ways", nargs="*", default=[str(variant) for variant in VARIANTS], help="as they are printed"
    )
    chosen = parser.parse_args()
    sounds = [sound for sound in sounds_in(chosen.folder) if sound.stat().st_size < LARGEST]
    ways = [variant for variant in VARIANTS if str(variant) in chosen.ways]
    for number, variant in enumerate(ways):
        kills = chosen.kills // len(ways) + (number < chosen.kills % len(ways))
        measure_kills(variant, sounds, kills, chosen.other, seed=chosen.seed + number)
    print(f"{chosen.kills} kills survived, 0 sounds lost")


def measure_kills(variant: Variant, sounds: list[Path], kills: int, other: Path, *, seed: int) -> None:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory(dir=other) as elsewhere:
        run = KillRun(Path(root), Path(elsewhere), sounds, variant, seed)
        for number in range(kills):
            if number % UNDO_EVERY == UNDO_EVERY - 1:
                run.kill_an_undo()
            else:
                run.kill_once()
        filed, recovered = len(run.filed()), run.recovered
        run.undo_everything()
    print(
        f"{str(variant) + ':':15} {kills} kills, {filed} of {len(run.dropped)} sounds filed, {recovered} caught half-done,"
        f" all undone; {time.monotonic() - begun:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
