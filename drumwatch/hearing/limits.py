"""Limit what the worker process may do, before it reads the first byte of a file that may be hostile.

The limits are set after the imports, which need more than the limits allow.
"""

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

ADDRESS_SPACE = 2 << 30  # bytes; a FLAC that claims 2**36 frames raises MemoryError instead of swapping
CPU_SECONDS = 900  # per request; ends a worker whose daemon was killed
DESCRIPTORS = 64
NOTHING = 0


_ours = False
_confined: tuple[str, ...] | None = None


def this_process_is_ours() -> None:
    """Allow `confine` to limit this process, because it does nothing but analysis; a cluster's worker must not be limited."""
    global _ours  # noqa: PLW0603  set once, when the process starts
    _ours = True


def can_be_fenced() -> bool:
    """Return whether `confine` may limit this process, on a system that has a sandbox (Linux)."""
    return _ours and sys.platform == "linux"


def is_shut_in() -> bool:
    """Return whether this process is sandboxed."""
    return bool(_confined)


def confine(writable: Path | None = None) -> tuple[str, ...]:
    """Limit this process for good, and return which parts of the kernel's sandbox are in force.

    Memory, CPU time and file descriptors are limited, and no core is dumped. In the sandbox the process has no network,
    starts no program, and writes no file except `writable`.
    """
    global _confined  # noqa: PLW0603  a process is confined once
    if not _ours or sys.platform == "win32":
        return ()
    if _confined is None:
        bound_resources()
        _confined = fences.close(writable)
    limit_cpu()
    return _confined


def bound_resources() -> None:
    """Set the resource limits of this process: core size, file size, descriptors and, except on macOS, address space."""
    import resource  # noqa: PLC0415  does not exist on Windows

    fences.lower(resource.RLIMIT_CORE, NOTHING)
    if not writes_to_a_file():
        fences.lower(resource.RLIMIT_FSIZE, NOTHING)
    fences.lower(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if sys.platform != "darwin":  # macOS maps gigabytes of shared cache and refuses the limit
        fences.lower(resource.RLIMIT_AS, ADDRESS_SPACE)


def limit_cpu() -> None:
    """Allow the process CPU_SECONDS more CPU time, for one request."""
    import resource  # noqa: PLC0415

    spent = resource.getrusage(resource.RUSAGE_SELF)
    fences.lower(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + CPU_SECONDS)


def writes_to_a_file() -> bool:
    """Return whether an open descriptor writes to a regular file, as when output is redirected or stderr is a log file."""
    import fcntl  # noqa: PLC0415  does not exist on Windows

    for handle in range(DESCRIPTORS):
        with contextlib.suppress(OSError):
            is_file = stat.S_ISREG(os.fstat(handle).st_mode)
            if is_file and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


@contextlib.contextmanager
def may_write(most: int) -> Iterator[None]:
    """Allow files of up to `most` bytes inside the context, for writing a tag."""
    if sys.platform == "win32":
        yield
        return
    import resource  # noqa: PLC0415

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    fences.lower(resource.RLIMIT_FSIZE, most)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
