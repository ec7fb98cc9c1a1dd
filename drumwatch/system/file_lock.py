"""One daemon per state folder, one action at a time: locks that the system releases when their holder ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = (0.05, 0.1, 0.2)  # seconds: `holder` of another process may just be looking


class Lock:
    """Held from `take` until `release` or the end of the process; the file says whose it is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def take(self) -> bool:
        """True when it is ours now; false when another process has it."""
        file = open(self.path, "a+b")  # noqa: SIM115  stays open as long as the lock is held
        for pause in PATIENCE:
            if _try(file):
                break
            time.sleep(pause)
        else:
            file.close()
            return False
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> int | None:
        """The process that holds it, or None when nobody does. Takes nothing."""
        with contextlib.suppress(OSError), open(self.path, "r+b") as file:
            if not _try(file):
                return int(self.path.read_bytes() or 0)
        return None


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Waits for its turn among the processes that use this path, and has it until the end of the block."""
    with open(path, "a+b") as file:
        while not _try(file):
            time.sleep(PATIENCE[0])
        yield


def _try(file: BinaryIO) -> bool:
    import fcntl  # noqa: PLC0415  POSIX

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
