"""Check the sandbox: try what a hostile file could do if it had taken over the worker (used by `drumwatch doctor`)."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from drumwatch.workers.protocol import SandboxChecked

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.protocol import CheckSandbox


def escape_attempts(job: CheckSandbox) -> SandboxChecked:
    """Return which forbidden actions were refused.

    `job.folder` is a folder in which the check tries to create a file.
    """
    tried = {
        "network": reach_network,
        "files": lambda: write_into(job.folder),
        "programs": lambda: subprocess.run([sys.executable, "-c", ""], check=False),
        "processes": lambda: os.kill(os.getppid(), 0),
    }
    return SandboxChecked((), tuple(what for what, attempt in tried.items() if is_refused(attempt)))


def is_refused(attempt: Callable[[], object]) -> bool:
    """Return whether the attempt fails with an OSError."""
    with contextlib.suppress(OSError):
        attempt()
        return False
    return True


def reach_network() -> None:
    """Address a datagram to this machine, which sends nothing: macOS lets a sandboxed process make a socket, but not address one."""
    with socket.socket(type=socket.SOCK_DGRAM) as one:
        one.connect(("127.0.0.1", 9))


def write_into(folder: str) -> None:
    """Create an empty file in the folder: the file size limit allows that, only the sandbox refuses it."""
    os.close(os.open(os.path.join(folder, "escaped"), os.O_WRONLY | os.O_CREAT, 0o600))
