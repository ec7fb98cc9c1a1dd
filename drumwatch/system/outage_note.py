"""A note that the daemon cannot use its state folder. It lies outside of that folder, which may be full, damaged or deleted."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import zlib
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.errors import StateUnavailable
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from pathlib import Path


class Outage(NamedTuple):
    """What keeps a running daemon from acting."""

    pid: int
    problem: str


class OutageNote:
    """The note of one daemon: it counts as long as that process holds the lock beside it. It never raises."""

    def __init__(self, state: Path) -> None:
        self._lock = Lock(_lock_file(state))
        self._text = self._lock.path.with_suffix(".json")

    def write(self, problem: str) -> None:
        """Note the problem, in place of an earlier one."""
        with contextlib.suppress(OSError, StateUnavailable):
            self._lock.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if _is_ours_alone(self._lock.path.parent) and (self._lock.is_held or self._lock.take()):
                app_paths.write_atomically(self._text, json.dumps([os.getpid(), problem]).encode())

    def clear(self) -> None:
        """Remove the note."""
        if self._lock.is_held:
            for path in (self._text, self._lock.path):
                with contextlib.suppress(OSError):
                    path.unlink()
            self._lock.release()


def read(state: Path) -> Outage | None:
    """Return the problem of a daemon that runs with this state folder, or None; never raises."""
    lock = _lock_file(state)
    with contextlib.suppress(OSError, ValueError, TypeError):
        if _is_ours_alone(lock.parent) and Lock(lock).holder() is not None:
            pid, problem = json.loads(lock.with_suffix(".json").read_bytes())
            return Outage(int(pid), str(problem))
    return None


def _lock_file(state: Path) -> Path:
    number = zlib.crc32(os.fsencode(os.path.realpath(state)))  # hashlib would cost the daemon memory
    return app_paths.runtime_folder() / f"outage-{number:08x}.lock"


def _is_ours_alone(folder: Path) -> bool:
    """Return whether no other user could have put anything into this folder, which may be one in /tmp."""
    status = os.lstat(folder)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
