"""What a hostile file would try if it had taken over the worker: for `drumwatch doctor`, which tells what the fences hold."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from drumwatch.hearing import limits
from drumwatch.workers.protocol import SandboxChecked

if TYPE_CHECKING:
    from collections.abc import Callable

    from drumwatch.workers.protocol import CheckSandbox


def attempts(job: CheckSandbox) -> SandboxChecked:
    """Which fences stand, and which attempts were refused; `folder` is where a file could be written."""
    tried = {
        "network": lambda: socket.socket().close(),
        "files": lambda: write_into(job.folder),
        "programs": lambda: subprocess.run([sys.executable, "-c", ""], check=False),
    }
    fences = tuple(limits.confine())
    return SandboxChecked(fences, tuple(what for what, attempt in tried.items() if is_refused(attempt)))


def is_refused(attempt: Callable[[], object]) -> bool:
    with contextlib.suppress(OSError):
        attempt()
        return False
    return True


def write_into(folder: str) -> None:
    """An empty file: the limit on a file's size does not count it, only a fence does."""
    os.close(os.open(os.path.join(folder, "escaped"), os.O_WRONLY | os.O_CREAT, 0o600))
