"""An open file to look into: bounded reads by offset, and the sentence that says what is missing."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from drumwatch.errors import DrumwatchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class NotWhole(DrumwatchError):  # noqa: N818  a noun in our trade, like FileNotFoundError's "not found"
    """The file is not all there, or not what its name says: wait for the rest, or get it again."""


@dataclass(frozen=True, slots=True)
class Source:
    """An open regular file, its name for people and its size when it was opened."""

    file: BinaryIO
    name: str
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer where the file ends."""
        if offset >= self.size:  # also keeps a lying 64-bit offset away from seek()
            return b""
        self.file.seek(offset)
        return self.file.read(count)

    def not_whole(self, why: str) -> NotWhole:
        return NotWhole(f"{self.name} {why}")


def look_into(file: BinaryIO) -> Source:
    """A source over a file that the caller has opened, and closes."""
    name = file.name if isinstance(file.name, str) else "the file"
    return Source(file, os.path.basename(name), os.fstat(file.fileno()).st_size)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open for a look without ever waiting for a FIFO's writer; only regular files can be whole."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise NotWhole(f"{path.name} is not a regular file, so it cannot be a sample")
        yield Source(file, path.name, status.st_size)
