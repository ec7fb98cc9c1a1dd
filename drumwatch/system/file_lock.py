"""File locks that the system releases when their holder ends, even by a crash: one daemon per state folder, one action at a time."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from drumwatch.core.errors import StateFault
from drumwatch.system.state_errors import of_os_error, translated, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "the lock"
RETRY_PAUSES = (0.05, 0.1, 0.2)  # seconds; `holder` in another process takes the lock for a moment


class FileIdentity(NamedTuple):
    """What tells a file from another one at the same path."""

    device: int
    inode: int


def identity(path: Path) -> FileIdentity | None:
    """Return the identity of the file at this path, or None if there is none; raises StateUnavailable if that cannot be seen."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise of_os_error(exc, path) from exc
    return FileIdentity(status.st_dev, status.st_ino)


class Lock:
    """A lock that is held from `take` until `release` or the end of the process; the file contains the holder's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def take(self) -> bool:
        """Take the lock, and return whether that succeeded; False if another process holds it."""
        with translated(self.path, NAME), contextlib.ExitStack() as stack:
            file = stack.enter_context(open(self.path, "a+b"))
            for pause in RETRY_PAUSES:
                if _try(file):
                    break
                time.sleep(pause)
            else:
                return False
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            stack.pop_all()  # it stays open as long as the lock is held
            self._file = file
        return True

    @property
    def is_held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def require_in_place(self) -> None:
        """Raise StateUnavailable if the lock that is held is not the file at the path: another process could take that one."""
        if self._file and identity(self.path) != _identity_of(self._file):
            raise unavailable(StateFault.REPLACED, self.path, NAME)

    def release(self) -> None:
        """Release the lock if it is held."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> int | None:
        """Return the id of the process that holds the lock, 0 if the file does not tell it, or None if the lock is free."""
        with contextlib.suppress(OSError), open(self.path, "r+b") as file:
            if not _try(file):
                return _number(self.path.read_bytes())
        return None


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock on this path, and hold it inside the context."""
    with _locked(path):
        yield


def _locked(path: Path) -> BinaryIO:
    """Open the file and wait for its lock; a file that was deleted meanwhile is no lock, as others would not see it."""
    while True:
        with contextlib.ExitStack() as stack:
            with translated(path, NAME):
                file = stack.enter_context(open(path, "a+b"))
            while not _try(file):
                time.sleep(RETRY_PAUSES[0])
            if identity(path) == _identity_of(file):
                stack.pop_all()
                return file


def _identity_of(file: BinaryIO) -> FileIdentity:
    status = os.fstat(file.fileno())
    return FileIdentity(status.st_dev, status.st_ino)


def _number(content: bytes) -> int:
    return int(content) if content.isdigit() else 0


def _try(file: BinaryIO) -> bool:
    import fcntl  # noqa: PLC0415  POSIX

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
