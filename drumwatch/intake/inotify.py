"""How many folders the Linux kernel really watches for us, and which of its limits stands in the way.

Since watchdog 7 a folder beyond the limit is skipped without a word, so we count: the kernel lists every watch of a
process in /proc/self/fdinfo.
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
GENEROUS_WATCHES = (
    524_288  # what desktop distributions that raised it have settled on; 1 KB of kernel memory each in use
)
GENEROUS_INSTANCES = 1024


def watches_held(proc: Path = PROC) -> int:
    """The number of watches that this process holds, by the kernel's own list."""
    held = 0
    for handle in os.listdir(proc / "self/fd"):
        try:
            if os.readlink(proc / "self/fd" / handle) == "anon_inode:inotify":
                held += (proc / "self/fdinfo" / handle).read_bytes().count(b"inotify wd:")
        except OSError:
            continue  # closed since it was listed
    return held


def folders_below(roots: Iterable[tuple[Path, bool]]) -> int:
    """How many different folders there are to watch; a root that is not recursive counts for itself."""
    found: set[tuple[int, int]] = set()
    pending = [(os.fspath(root), recursive) for root, recursive in roots]
    while pending:
        folder, recursive = pending.pop()
        try:
            status = os.stat(folder)
            # Cannot be watched by anyone's limit, and the scan tells of it
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
    """The sentence for a tree of which the kernel watches only a part."""
    limit = f"at most {current} by this user" if (current := _limit(proc, "watches")) else "too few"
    return (
        f"The system watches only {held} of {wanted} folders ({limit}). New files in the others are found by the"
        f" regular rescan, later than they could be. {_remedy('fs.inotify.max_user_watches', GENEROUS_WATCHES)}"
    )


def watches_allowed(proc: Path = PROC) -> int | None:
    """How many folders the system lets one user watch; None where it has no such limit."""
    return _limit(proc, "watches")


def why_refused(exc: OSError) -> str:
    """The sentence for a folder that the kernel does not watch at all."""
    if exc.errno == errno.ENOSPC:
        why = "the system's limit of watched folders is reached"
        return f"{why}. {_remedy('fs.inotify.max_user_watches', GENEROUS_WATCHES)}"
    if exc.errno == errno.EMFILE:
        why = "too many programs of this user watch files already"
        return f"{why}. {_remedy('fs.inotify.max_user_instances', GENEROUS_INSTANCES)}"
    return f"the system does not watch it ({exc.strerror or exc})"


def _limit(proc: Path, what: str) -> int | None:
    """The lower one counts: the machine's, or that of the container we are in."""
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
