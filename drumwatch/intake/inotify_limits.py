"""Count how many folders the Linux kernel watches for this process, and find the limit that was reached.

watchdog 7 silently skips folders beyond the limit. The kernel lists every watch of a process in /proc/self/fdinfo.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PROC = Path("/proc")
IS_USED = sys.platform == "linux"  # for events of folders; other systems have no such limits
GENEROUS_WATCHES = 524_288  # the value of desktop distributions that raised the limit; each used watch takes 1 KB of kernel memory
GENEROUS_INSTANCES = 1024


def watches_held(proc: Path = PROC) -> int:
    """Return the number of watches of this process, by the kernel's own list."""
    held = 0
    for handle in os.listdir(proc / "self/fd"):
        try:
            if os.readlink(proc / "self/fd" / handle) == "anon_inode:inotify":
                held += (proc / "self/fdinfo" / handle).read_bytes().count(b"inotify wd:")
        except OSError:
            continue  # closed after it was listed
    return held


def folders_below(roots: Iterable[tuple[Path, bool]]) -> int:
    """Return the number of different folders to watch; a root that is not recursive counts once."""
    found: set[tuple[int, int]] = set()
    pending = [(os.fspath(root), recursive) for root, recursive in roots]
    while pending:
        folder, recursive = pending.pop()
        try:
            status = os.stat(folder)
            # Cannot be watched whatever the limit; the scan reports it
            if not os.access(folder, os.R_OK):
                continue
            found.add((status.st_dev, status.st_ino))
            if recursive:
                with os.scandir(folder) as entries:
                    pending.extend(
                        (entry.path, True) for entry in entries if entry.is_dir(follow_symlinks=False)
                    )
        except OSError:
            continue
    return len(found)


def too_few_watches(held: int, wanted: int, proc: Path = PROC) -> str:
    """Return the message for a tree of which the kernel watches only a part."""
    limit = f"at most {current} by this user" if (current := _limit(proc, "watches")) else "too few"
    return (
        f"The system watches only {held} of {wanted} folders ({limit}). New files in the others are found by the"
        f" regular rescan, later than they could be. {_remedy('fs.inotify.max_user_watches', GENEROUS_WATCHES)}"
    )


def watches_allowed(proc: Path = PROC) -> int | None:
    """Return how many folders the system lets one user watch, or None if there is no limit."""
    return _limit(proc, "watches")


def why_refused(exc: Exception) -> str:
    """Return the reason why the kernel does not watch a folder at all."""
    number = exc.errno if isinstance(exc, OSError) else None
    if number == errno.ENOSPC:
        why = "the system's limit of watched folders is reached"
        return f"{why}. {_remedy('fs.inotify.max_user_watches', GENEROUS_WATCHES)}"
    if number == errno.EMFILE:
        why = "too many programs of this user watch files already"
        return f"{why}. {_remedy('fs.inotify.max_user_instances', GENEROUS_INSTANCES)}"
    if number in {errno.EACCES, errno.EPERM}:
        return "the system does not let drumwatch watch it"
    return "the system cannot report changes in it"


def _limit(proc: Path, what: str) -> int | None:
    """Return the lower of two limits: that of the machine and that of the container."""
    limits = []
    for file in (proc / f"sys/fs/inotify/max_user_{what}", proc / f"sys/user/max_inotify_{what}"):
        try:
            limits.append(int(file.read_text()))
        except (OSError, ValueError):
            continue
    return min(limits, default=None)


def _remedy(setting: str, value: int) -> str:
    return (
        f"To allow more: sudo sysctl {setting}={value}"
        f" (and for good: echo {setting}={value} | sudo tee /etc/sysctl.d/60-drumwatch.conf)"
    )
