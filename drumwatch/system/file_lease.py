"""Ask the system whether another program has a file open for writing; only Linux can tell, by a lease, and not on every disk."""

from __future__ import annotations

import contextlib
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease on an open file; while it is held, nobody opens the file for writing without being noticed."""

    fd: int
    granted: bool | None  # None: this system, this disk or this user cannot have one

    def has_writer(self) -> bool | None:
        """Return whether another program has the file open for writing, or waits to open it; None if nobody can tell."""
        if self.granted:
            return not _is_whole(self.fd)
        return None if self.granted is None else True


@contextlib.contextmanager
def held(fd: int) -> Iterator[Lease]:
    """Hold a lease, if possible, on a file that is open for reading; who opens it for writing meanwhile waits for the end."""
    lease = Lease(fd, _taken(fd))
    try:
        yield lease
    finally:
        if lease.granted:
            _give_back(fd)


def has_writer(fd: int) -> bool | None:
    """Return whether another program has this file open for writing, which we read; None if nobody can tell."""
    with held(fd) as lease:
        return lease.has_writer()


if sys.platform == "linux":
    import fcntl

    def _taken(fd: int) -> bool | None:
        try:
            # If a process opens the file during our lease, the kernel signals us, and SIGIO would end this process.
            fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return False
        except OSError:  # not our file, or no leases on this file system (NFS, FUSE)
            return None
        return True

    def _is_whole(fd: int) -> bool:
        """Return whether nobody waits to open the file for writing."""
        return fcntl.fcntl(fd, fcntl.F_GETLEASE) == fcntl.F_RDLCK

    def _give_back(fd: int) -> None:
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)

else:

    def _taken(_: int) -> bool | None:
        return None

    def _is_whole(_: int) -> bool:
        return True

    def _give_back(_: int) -> None:
        """Nothing was taken."""
