"""A large library, analyzed to the last file: memory through the whole run, Ctrl-C in the middle, and the time to go on.

    python benchmarks/library.py FOLDER-OF-SOUNDS [COUNT …]

The sounds are multiplied with small changes (one sample differs) and sorted with hard links, so that they lie on the disk once.
"""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import psutil
from packs import Bench, report

PORTIONS = 10  # the run is printed in tenths


def main() -> None:
    counts = [int(argument) for argument in sys.argv[2:]] or [20_000]
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="drumwatch-library-") as place:
            whole_and_resumed(Bench(Path(place), Path(sys.argv[1])), count)


def whole_and_resumed(bench: Bench, count: int) -> None:
    """Sorted up to the half, stopped, sorted to the end, and then once more, when all is known."""
    folder, library, state = bench.make(count), bench.fresh(), bench.place / "state"
    arguments = (folder, "--action", "hardlink")

    def run(until: int = count) -> tuple[float, float]:
        with bench.started_on(state, *arguments, library=library) as process:
            return followed(psutil.Process(process.pid), state / "journal.db", until, count)

    seconds, _ = run(count // 2)
    half = entries(state / "journal.db")
    report(f"{count}: {half} sorted, stopped by Ctrl-C", half, seconds)
    seconds, first = run()
    report(f"{count}: resumed", count - half, seconds, f"first new sound filed after {first:.1f} s")
    seconds, _ = run()
    report(f"{count}: all known", count, seconds)


def followed(process: psutil.Process, journal: Path, until: int, count: int) -> tuple[float, float]:
    """Seconds until its end and until the first new entry; its memory is printed at every tenth of the way."""
    begun, before, first = time.monotonic(), entries(journal), 0.0
    reached = before * PORTIONS // count
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        now = entries(journal)
        first = first or (time.monotonic() - begun if now > before else 0.0)
        if now * PORTIONS // count > reached:
            reached = now * PORTIONS // count
            print_memory(process, reached)
        if before < until <= now < count:
            process.send_signal(signal.SIGINT)
            process.wait()
            break
        time.sleep(0.5)
    return time.monotonic() - begun, first


def print_memory(process: psutil.Process, tenths: int) -> None:
    workers = [child.memory_info().rss for child in process.children(recursive=True)]
    main, largest = process.memory_info().rss / 1e6, max(workers, default=0) / 1e6
    print(f"  {tenths * 10:>3} %: {main:.0f} MB, largest worker {largest:.0f} MB", flush=True)


def entries(journal: Path) -> int:
    """How many sounds are done; none while the journal is still being made."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(opened(journal)) as db:
        return int(db.execute("SELECT count(DISTINCT source) FROM entry WHERE state = 'done'").fetchone()[0])
    return 0


def opened(journal: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{journal}?mode=ro", uri=True)


if __name__ == "__main__":
    main()
