"""Bring what was written through to the disk, so that it is there after a power cut.

On macOS, fsync(2) only hands the data to the drive, which keeps it in its own memory and may write it in another order.
"""

from __future__ import annotations

import os
import sys

PLATFORM: str = sys.platform
# sys/fcntl.h of macOS
F_FULLFSYNC = 51  # the drive has written everything
F_BARRIERFSYNC = 85  # the drive writes this before what comes later


def sync(fd: int) -> None:
    """Return when the content of an open file or folder is on the disk, as far as the disk tells; raises OSError if it cannot be."""
    _sync(fd, F_FULLFSYNC)


def sync_in_order(fd: int) -> None:
    """Let an open file or folder reach the disk before whatever is written later; on macOS that costs less than `sync`."""
    _sync(fd, F_BARRIERFSYNC)


def _sync(fd: int, command: int) -> None:
    if PLATFORM == "darwin":
        import fcntl  # noqa: PLC0415  POSIX only

        try:
            fcntl.fcntl(fd, command)
        except OSError:  # a file system without it: SMB, FUSE
            os.fsync(fd)
    else:
        os.fsync(fd)
