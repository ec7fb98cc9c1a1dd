"""The start after a crash: `python benchmarks/recovery.py [ENTRIES] [HALF-DONE]` (100000, 64).

A journal with so many entries, of which the last ones are moves that a crash left half-done: every second sound has reached its
new name already. The time counts from opening the journal until all is in order.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.records import LABELS, FileStamp, Verdict
from drumwatch.journal import Filter, Journal, Plan
from drumwatch.pipeline import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICT = Verdict(
    "kick",
    "kick",
    0.97,
    dict.fromkeys(LABELS, 0.2),
    {"kick": 0.97},
    "snare",
    "one-shot",
    0.4,
    model="m1",
)


def main(count: int = 100_000, half_done: int = 64) -> None:
    with tempfile.TemporaryDirectory(prefix="drumwatch-benchmark-") as folder:
        root = Path(folder)
        for name in ("intake", "library", "state"):
            (root / name).mkdir()
        with Journal(root / "state/journal.db") as journal, journal.transaction():
            batch = journal.batches.new(root / "intake", "", 0.0)
            for plan in plans(root, batch, count, half_done):
                journal.entries.plan(plan, time.time())
        size = (root / "state/journal.db").stat().st_size / 1e6
        begun = time.monotonic()
        with Journal(root / "state/journal.db") as journal:
            opened = time.monotonic() - begun
            found = recover(journal, state=root / "state")
            seconds = time.monotonic() - begun
            assert len(found) == half_done
            assert not list(journal.entries.find(Filter(states=("planned",))))
        states = [entry.state for entry in found]
        print(
            f"{count} entries ({size:.0f} MB): {seconds:.3f} s, {opened:.3f} s of it to open;"
            f" {states.count('done')} finished, {states.count('failed')} taken back"
        )


def plans(root: Path, batch: int, count: int, half_done: int) -> Iterator[Plan]:
    """Done ones first, then those in which the crash fell, with their files."""
    for n in range(count):
        source, destination = root / "intake" / f"{n}.wav", root / "library" / f"{n}.wav"
        planned = n >= count - half_done
        content = os.urandom(100_000) if planned else b""
        if planned:
            (destination if n % 2 else source).write_bytes(content)
        now = os.stat(destination if n % 2 else source) if planned else None
        yield Plan(
            batch,
            source,
            destination,
            "move",
            "default",
            "kick at 97 %: moved to its usual place",
            "kick",
            "kick",
            0.97,
            VERDICT,
            hashlib.blake2b(content, digest_size=32).hexdigest(),
            FileStamp(now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) if now else FileStamp(1, n, 1, 1),
            state="planned" if planned else "done",
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
