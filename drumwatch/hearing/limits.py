"""What a hostile file can make the worker do, at most. Set after the imports, which need more."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS_SPACE = 2 << 30  # a FLAC that claims 2**36 frames ends in an exception, not in swap
DESCRIPTORS = 64
NOTHING = 0


_ours = False


def this_process_is_ours() -> None:
    """It hears and does nothing else: `confine` may bind it. A cluster's worker is not ours to bind."""
    global _ours  # noqa: PLW0603  said once, when the process begins
    _ours = True


def confine() -> None:
    """No core dumps, no files written, bounded memory and descriptors, for as long as this process lives."""
    if sys.platform == "win32" or not _ours:
        return
    import resource  # noqa: PLC0415  not there on Windows

    lower(resource.RLIMIT_CORE, NOTHING)
    if not writes_to_a_file():
        lower(resource.RLIMIT_FSIZE, NOTHING)
    lower(resource.RLIMIT_NOFILE, DESCRIPTORS)
    if sys.platform != "darwin":  # macOS maps gigabytes of shared cache and refuses the limit
        lower(resource.RLIMIT_AS, ADDRESS_SPACE)


def writes_to_a_file() -> bool:
    """Whether an output of ours is a regular file: someone tries the worker by hand, or stderr is a log."""
    import fcntl  # noqa: PLC0415  not there on Windows

    for handle in range(DESCRIPTORS):
        with contextlib.suppress(OSError):
            is_file = stat.S_ISREG(os.fstat(handle).st_mode)
            if is_file and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


def lower(which: int, most: int) -> None:
    """Lowers the soft limit only, so that `may_write` can lift one for a moment."""
    import resource  # noqa: PLC0415

    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextlib.contextmanager
def may_write(most: int) -> Iterator[None]:
    """While a tag is written: files up to `most` bytes."""
    if sys.platform == "win32":
        yield
        return
    import resource  # noqa: PLC0415

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    lower(resource.RLIMIT_FSIZE, most)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
