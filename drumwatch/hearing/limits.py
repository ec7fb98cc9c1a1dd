"""What a hostile file can make the worker do, at most. Set after the imports, which need more, and before its first byte is read."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING

from drumwatch import fences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS_SPACE = 2 << 30  # a FLAC that claims 2**36 frames ends in an exception, not in swap
CPU_SECONDS = 900  # of one request: for a worker whose daemon was killed, and which nobody else would end
DESCRIPTORS = 64
NOTHING = 0


class Confinement:
    """What binds this process. One that is not ours, such as a cluster's worker, is never bound."""

    def __init__(self, *, ours: bool) -> None:
        self._ours = ours
        self._fences: tuple[str, ...] | None = None

    def can_be_fenced(self) -> bool:
        """Whether this process is ours, on a system that has fences."""
        return self._ours and sys.platform == "linux"

    def is_shut_in(self) -> bool:
        """Whether fences stand around it."""
        return bool(self._fences)

    def confine(self, writable: Path | None = None) -> tuple[str, ...]:
        """Bound this process for good; returns which of the kernel's fences stand around it.

        Its memory, time and descriptors are limited, and it dumps no core. Behind the fences it has no network, starts no
        other program, and writes no file but `writable`.
        """
        if not self._ours:
            return ()
        if self._fences is None:
            bound_resources()
            self._fences = fences.close(writable)
        limit_cpu()
        return self._fences


UNBOUND = Confinement(ours=False)


def bound_resources() -> None:
    import resource  # noqa: PLC0415  POSIX

    fences.lower(resource.RLIMIT_CORE, NOTHING)
    if not writes_to_a_file():
        fences.lower(resource.RLIMIT_FSIZE, NOTHING)
    fences.lower(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if sys.platform != "darwin":  # macOS maps gigabytes of shared cache and refuses the limit
        fences.lower(resource.RLIMIT_AS, ADDRESS_SPACE)


def limit_cpu() -> None:
    """Each request has its own time."""
    import resource  # noqa: PLC0415  POSIX

    spent = resource.getrusage(resource.RUSAGE_SELF)
    fences.lower(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + CPU_SECONDS)


def writes_to_a_file() -> bool:
    """Whether an output of ours is a regular file: someone tries the worker by hand, or stderr is a log."""
    import fcntl  # noqa: PLC0415  POSIX

    for handle in range(DESCRIPTORS):
        with contextlib.suppress(OSError):
            is_file = stat.S_ISREG(os.fstat(handle).st_mode)
            if is_file and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


@contextlib.contextmanager
def may_write(most: int) -> Iterator[None]:
    """While a tag is written: files up to `most` bytes."""
    import resource  # noqa: PLC0415  POSIX

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    fences.lower(resource.RLIMIT_FSIZE, most)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
