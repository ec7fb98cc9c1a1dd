"""An open file for reading at offsets within its bounds, and the error for an incomplete file."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from drumwatch.core.errors import DrumwatchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class NotWhole(DrumwatchError):  # noqa: N818  part of the package's interface
    """The file is incomplete or not what its name says: wait for the rest, or get it again."""


@dataclass(frozen=True, slots=True)
class Source:
    """An open regular file from `start` on, its name for messages, and the size in bytes from there when it was opened."""

    file: BinaryIO
    name: str
    size: int
    start: int = 0

    def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer at the end of the file."""
        if offset >= self.size:  # also keeps a wrong 64-bit offset away from seek()
            return b""
        self.file.seek(self.start + offset)
        return self.file.read(count)

    def after(self, offset: int) -> Source:
        """Return the rest of the file from this offset, whose own offsets begin at 0 there."""
        return replace(self, start=self.start + offset, size=max(0, self.size - offset))

    def upto(self, size: int) -> Source:
        """Return the file's first bytes, as if it ended there."""
        return replace(self, size=min(size, self.size))

    def not_whole(self, why: str) -> NotWhole:
        """Return the error for this file: its name, then the reason."""
        return NotWhole(f"{self.name} {why}")


def look_into(file: BinaryIO) -> Source:
    """Return a source for a file that the caller has opened and closes."""
    name = file.name if isinstance(file.name, str) else "the file"
    return Source(file, os.path.basename(name), os.fstat(file.fileno()).st_size)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a regular file for reading, without waiting for the writer of a FIFO.

    Raises NotWhole if it is not a regular file, and OSError if it cannot be opened.
    """
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotWhole(f"{path.name} is not a regular file, so it cannot be a sample")
        yield Source(file, path.name, status.st_size)
