"""A program that runs under another name: a link, because macOS ends copies of its own programs."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil

SLEEP, CAT = Path("/bin/sleep"), Path("/bin/cat")


def start_as(path: Path, *arguments: str, program: Path = SLEEP) -> subprocess.Popen[bytes]:
    """Start a program of the system by this path; it has its command line when this returns."""
    if not path.is_symlink():
        path.symlink_to(program)
    running = subprocess.Popen([path, *arguments], stdin=subprocess.PIPE)
    wait_for_command_line(running, path.name)
    return running


def wait_for_command_line(running: subprocess.Popen[bytes], name: str) -> None:
    """Wait until a process that was just started is known by its command line."""
    until = time.monotonic() + 10
    while name not in " ".join(psutil.Process(running.pid).cmdline()):
        assert time.monotonic() < until, f"{name} has not started"
        time.sleep(0.01)
