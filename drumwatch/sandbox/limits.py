"""Limit what the worker process may do, before it reads the first byte of a file that may be hostile.

The limits are set after the imports, which need more than the limits allow.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING

from drumwatch.sandbox import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS_SPACE = 2 << 30  # bytes; a FLAC that claims 2**36 frames raises MemoryError instead of swapping
CPU_SECONDS = 900  # per request; ends a worker whose daemon was killed
CPU_SECONDS_IN_ALL = (
    4 * 3600
)  # of one process, which cannot be raised; the daemon replaces workers long before
ROOM_BYTES = 1 << 21  # by which a file that may be written may become longer
DESCRIPTORS = 64
NOTHING = 0


class Confinement:
    """The limits of this process: `ours` if it does nothing but analysis; another, such as a cluster's worker, is never limited."""

    def __init__(self, *, ours: bool) -> None:
        self._ours = ours
        self._mechanisms: tuple[str, ...] | None = None

    def can_be_sandboxed(self) -> bool:
        """Return whether `confine` may limit this process, on a system that has a sandbox."""
        return self._ours and kernel.is_offered()

    def is_sandboxed(self) -> bool:
        """Return whether this process is sandboxed."""
        return bool(self._mechanisms)

    def confine(self, writable: Path | None = None) -> tuple[str, ...]:
        """Limit this process for good, and return which parts of the kernel's sandbox are in force.

        Memory, CPU time and file descriptors are limited, and no core is dumped. In the sandbox the process has no network,
        starts no program, and writes no file except `writable`.
        """
        if not self._ours:
            return ()
        if self._mechanisms is None:
            bound_resources(writable)
            self._mechanisms = kernel.enter_sandbox(writable)
        limit_cpu()
        return self._mechanisms


UNBOUND = Confinement(ours=False)


def bound_resources(writable: Path | None = None) -> None:
    """Limit this process for good: core size, file size, descriptors and, except on macOS, address space.

    The size of files is 0; for the file `writable`, `may_write` can raise it to little more than the file has.
    """
    import resource  # noqa: PLC0415  POSIX

    kernel.lower_limits(resource.RLIMIT_CORE, NOTHING)
    if not writes_to_a_file():
        later = writable.stat().st_size + ROOM_BYTES if writable and writable.is_file() else NOTHING
        kernel.lower_limits(resource.RLIMIT_FSIZE, NOTHING, later=later)
    kernel.lower_limits(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if sys.platform != "darwin":  # macOS maps gigabytes of shared cache and refuses the limit
        kernel.lower_limits(resource.RLIMIT_AS, ADDRESS_SPACE)


def limit_cpu() -> None:
    """Allow the process CPU_SECONDS more CPU time, for one request."""
    import resource  # noqa: PLC0415  POSIX

    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime) + CPU_SECONDS
    kernel.lower_limits(resource.RLIMIT_CPU, seconds, later=CPU_SECONDS_IN_ALL)


def writes_to_a_file() -> bool:
    """Return whether an open descriptor writes to a regular file, as when output is redirected or stderr is a log file."""
    import fcntl  # noqa: PLC0415  POSIX

    for handle in range(DESCRIPTORS):
        with contextlib.suppress(OSError):
            is_file = stat.S_ISREG(os.fstat(handle).st_mode)
            if is_file and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


@contextlib.contextmanager
def may_write(most: int) -> Iterator[None]:
    """Allow files of up to `most` bytes inside the context, for writing a tag."""
    import resource  # noqa: PLC0415  POSIX

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    hard = before[1]
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
