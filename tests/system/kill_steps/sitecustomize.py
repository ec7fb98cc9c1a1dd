"""Kills a process of drumwatch at one of its steps; Python imports this by itself, where its folder is on PYTHONPATH.

A step is a change to the journal, or to a file or folder; the process dies before it. So the same number meets the same
moment again. `KILL_PROCESS` names the process (`main` or `unpacker`), `KILL_AT` the step; with `KILL_ONCE`, a path, only the first
process of that kind dies. What it dies of is written to standard error.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

KINDS = {"main": ["-m", "drumwatch"], "unpacker": ["-m", "drumwatch.intake.archives"]}
CHANGES = {"os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "COMMIT")
WRITING = os.O_WRONLY | os.O_RDWR


class Steps:
    """Counts the steps of this process."""

    def __init__(self, at: int) -> None:
        self.taken, self.at = 0, at

    def step(self) -> None:
        self.taken += 1
        if self.taken == self.at:
            self._die()

    def on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITING):
            self.step()

    def on_statement(self, sql: str) -> None:
        if sql.lstrip().startswith(WRITES):
            self.step()

    def _die(self) -> None:
        os.write(2, f"killed at step {self.at}\n".encode())
        if os.environ.get("KILL_WORKERS"):
            self._kill_workers()
        with contextlib.suppress(OSError):  # a sandbox may allow no signals
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(137)

    @staticmethod
    def _kill_workers() -> None:
        import psutil  # noqa: PLC0415  only who dies needs it

        for worker in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                worker.kill()


def _counting_connect(steps: Steps) -> Any:
    connect = sqlite3.connect

    @functools.wraps(connect)
    def counting_connect(*args: Any, **named: Any) -> Any:
        connection = connect(*args, **named)
        connection.set_trace_callback(steps.on_statement)
        return connection

    return counting_connect


def _counted(call: Any, steps: Steps) -> Any:
    """The system calls that Python announces to nobody, as renameat2 and fsync."""

    @functools.wraps(call)
    def counted(*args: Any, **named: Any) -> Any:
        steps.step()
        return call(*args, **named)

    return counted


def _begin() -> None:
    steps = Steps(int(os.environ["KILL_AT"]))
    sqlite3.connect = _counting_connect(steps)
    if os.environ["KILL_PROCESS"] == "main":
        from drumwatch.filing import disk  # noqa: PLC0415  the unpacker has no use for it

        for name in disk.CHANGES:
            setattr(disk, name, _counted(getattr(disk, name), steps))
    sys.addaudithook(steps.on_event)


def _is_meant() -> bool:
    named = KINDS.get(os.environ.get("KILL_PROCESS", ""), [])
    given = sys.orig_argv
    return bool(named) and any(given[at : at + 2] == named for at in range(len(given))) and _is_first()


def _is_first() -> bool:
    once = os.environ.get("KILL_ONCE")
    try:
        if once:
            Path(once).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if _is_meant():
    _begin()
