"""File locks that the system releases when their holder ends, even by a crash: one daemon per state folder, one action at a time."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RETRY_PAUSES = (0.05, 0.1, 0.2)  # seconds; `holder` in another process takes the lock for a moment


class Lock:
    """A lock that is held from `take` until `release` or the end of the process; the file contains the holder's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def take(self) -> bool:
        """Take the lock, and return whether that succeeded; False if another process holds it."""
        file = open(self.path, "a+b")  # noqa: SIM115  stays open as long as the lock is held
        for pause in RETRY_PAUSES:
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
        """Release the lock if it is held."""
        if self._file:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> int | None:
        """Return the id of the process that holds the lock, or None if it is free."""
        with contextlib.suppress(OSError), open(self.path, "r+b") as file:
            if not _try(file):
                return int(self.path.read_bytes() or 0)
        return None


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock on this path, and hold it inside the context."""
    with open(path, "a+b") as file:
        while not _try(file):
            time.sleep(RETRY_PAUSES[0])
        yield


def _try(file: BinaryIO) -> bool:
    import fcntl  # noqa: PLC0415  POSIX

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
