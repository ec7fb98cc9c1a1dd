"""Suspend and resume a worker process at the daemon's request."""

from __future__ import annotations

import contextlib
import os
import signal
import time

CHECK_SECONDS = 1.0  # between two checks whether the daemon is still running


def suspend_on_request() -> None:
    """Install signal handlers: SIGTSTP suspends this process and its children until SIGCONT; both are sent to the process group.

    SIGSTOP is not used, because a process that it stopped would stay stopped for ever if the daemon is killed.
    """
    first, daemon = os.getpid(), os.getppid()
    resumed = False

    def resume(*_: object) -> None:
        nonlocal resumed
        resumed = True

    def suspend(*_: object) -> None:
        nonlocal resumed
        resumed = False
        parent = daemon if os.getpid() == first else first
        while not resumed and os.getppid() == parent:
            time.sleep(CHECK_SECONDS)
        if not resumed and os.getpid() == first:  # the daemon is gone and cannot send it
            with contextlib.suppress(OSError):  # sandboxed, and then it has no child that waits for it
                os.killpg(0, signal.SIGCONT)

    signal.signal(signal.SIGCONT, resume)
    signal.signal(signal.SIGTSTP, suspend)
