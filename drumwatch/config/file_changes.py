"""Notices that the configuration has been written, once its writer has let go of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

QUIET = 0.5  # seconds: half a file may well parse, and mean something else
Mark = tuple[int, int, int]


class Changes:
    """Of one file. `due` is when `settled` is worth asking again, None without a reason."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = _mark(path)
        self._fresh: Mark | None = None
        self.due: float | None = None

    def settled(self, now: float) -> bool:
        """True once for each new content that has been left alone for a moment. A file that is gone is no news."""
        mark = _mark(self._path)
        if mark in (None, self._read):
            self._fresh = self.due = None
            return False
        if mark != self._fresh:
            self._fresh, self.due = mark, now + QUIET
        if self.due is None or now < self.due:
            return False
        self.was_read()
        return True

    def was_read(self) -> None:
        """What is there now is known."""
        self._read = _mark(self._path)
        self._fresh = self.due = None


def _mark(path: Path) -> Mark | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
