"""Start and end a worker process with everything that it has started."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

REAP_SECONDS = 5.0  # after SIGKILL; a process that hangs in a read of a dead network disk takes longer
LONGEST_SLEEP = 0.05  # seconds between two looks whether a process has ended


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a worker process with three pipes, in a session and process group of its own."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        command,
        cwd=os.sep,  # nothing in the folder in which drumwatch was started matters to a worker
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **one_thread},
        start_new_session=True,  # a Ctrl-C in the terminal is for the main process; the worker ends with its input
    )


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the process has ended; its id stays taken until `end`, where the system allows that."""
    if process.returncode is not None:
        return True
    if not hasattr(
        os, "waitid"
    ):  # then what is left of its group is killed at once, while its id is hardly taken by another
        if ended := process.poll() is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        return ended
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def wait_for_end(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether the process ends by itself within so many seconds."""
    until, pause = time.monotonic() + seconds, 0.001
    while not has_ended(process):
        if time.monotonic() >= until:
            return False
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_SLEEP)
    return True


def send_signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the process group, unless the process has ended."""
    if not has_ended(process):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, number)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its descendants, also those that have left its process group; never raise."""
    if process.returncode is not None:  # its id may belong to another process by now
        return
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGSTOP)  # so that it starts no other one meanwhile
    outside = _descendants(process.pid)
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    for other in outside:
        with contextlib.suppress(psutil.Error, OSError):
            other.kill()
    with contextlib.suppress(OSError):
        process.kill()


def end(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Give the process so many seconds to end by itself, kill what is left of it, and return its exit code; None if it cannot be killed."""
    wait_for_end(process, seconds)
    kill(process)
    try:
        return process.wait(REAP_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("A worker process does not end, although it was killed: process %d.", process.pid)
        return None


def _descendants(pid: int) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error, OSError):
        found = psutil.Process(pid).children(recursive=True)
    return found
