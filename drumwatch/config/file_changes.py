"""Detection of a changed configuration file, once it has not been written for a moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

QUIET = 0.5  # seconds without a change: a file that is half written may be valid, with another meaning
Stamp = tuple[int, int, int]  # inode, size, modification time


class Changes:
    """Changes of one file. `due` is the time at which to call `settled` again, or None if nothing has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = _stamp_of(path)
        self._changing: Stamp | None = None
        self.due: float | None = None

    def settled(self, now: float) -> bool:
        """Return True once for each new content, when the file has not changed for a moment; a missing file is no change."""
        stamp = _stamp_of(self._path)
        if stamp in (None, self._read):
            self._changing = self.due = None
            return False
        if stamp != self._changing:
            self._changing, self.due = stamp, now + QUIET
        if self.due is None or now < self.due:
            return False
        self.was_read()
        return True

    def was_read(self) -> None:
        """Treat the present content as known."""
        self._read = _stamp_of(self._path)
        self._changing = self.due = None


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
