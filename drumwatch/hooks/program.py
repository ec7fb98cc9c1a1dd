"""Run one program of the user: in a process group of its own, at a low priority, with limits on time and output, without a shell."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.formatting import home_short
from drumwatch.core.os_reasons import reason
from drumwatch.system.priority import lower_priority
from drumwatch.workers import process_group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_OUTPUT = 1 << 20  # bytes; a program that writes more is ended
KEPT_OUTPUT = 16 << 10  # bytes of its beginning
GRACE = 2.0  # seconds between the request to end and the end
LONGEST_PAUSE = 0.05  # seconds between two looks whether it has ended
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended."""

    seconds: float
    problem: str = (
        ""  # what went wrong, as the end of a sentence that begins with the hook; empty if nothing did
    )
    output: str = ""  # the beginning of what it wrote to both outputs
    timed_out: bool = False
    stopped: bool = False  # it was ended because drumwatch ends


def run(
    arguments: Sequence[str],
    given: bytes,
    *,
    seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> Ran:
    """Run a program with these bytes on its standard input, and end what is left of its process group; raise nothing for its sake."""
    begun = time.monotonic()
    try:
        process = _started(arguments)
    except OSError as exc:
        return Ran(time.monotonic() - begun, _why_not_started(exc, arguments[0]))
    attended = _Attended(process, given, begun + seconds, stopping)
    try:
        cause = attended.attend()
    finally:  # also on Ctrl-C
        if attended.has_to_be_ended:
            process_group.send_signal(process, signal.SIGTERM)
        code = process_group.end(process, GRACE if attended.has_to_be_ended else 0.0)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()
    return Ran(
        time.monotonic() - begun,
        cause or _why_failed(code),
        bytes(attended.output[:KEPT_OUTPUT]).decode("utf-8", "replace"),
        timed_out=attended.timed_out,
        stopped=attended.stopped,
    )


def located(program: str) -> str:
    """Return the whole path of a program that can be run; empty if there is none.

    A relative entry of PATH does not count, as it would mean another folder each time.
    """
    path = shutil.which(program)
    return path if path and os.path.isabs(path) else ""


def _started(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    program = arguments[0] if os.path.isabs(arguments[0]) else located(arguments[0])
    if not program:
        raise FileNotFoundError(errno.ENOENT, "", arguments[0])
    process = subprocess.Popen(
        [program, *arguments[1:]],
        cwd=Path.home() if Path.home().is_dir() else os.sep,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    lower_priority(process.pid)
    return process


class _Attended:
    """A running program, which is fed and listened to until it ends or has to be ended."""

    def __init__(
        self, process: subprocess.Popen[bytes], given: bytes, deadline: float, stopping: Callable[[], bool]
    ) -> None:
        self.output = bytearray()
        self.has_to_be_ended = True
        self.timed_out = self.stopped = False
        self._process = process
        self._given = memoryview(given)
        self._deadline = deadline
        self._stopping = stopping

    def attend(self) -> str:
        """Attend to the program until it has ended; return why it has to be ended, or an empty string."""
        with selectors.DefaultSelector() as selector:
            for pipe, events in (
                (self._process.stdin, selectors.EVENT_WRITE),
                (self._process.stdout, selectors.EVENT_READ),
            ):
                if pipe:
                    os.set_blocking(pipe.fileno(), False)
                    selector.register(pipe, events)
            pause = 0.001
            while not process_group.has_ended(self._process):
                if why := self._why_to_be_ended():
                    return why
                for key, _ in selector.select(pause):
                    self._serve(selector, key)
                pause = min(2 * pause, LONGEST_PAUSE)
            self.has_to_be_ended = False
            while any(self._serve(selector, key) for key, _ in selector.select(0)):
                if len(self.output) > MOST_OUTPUT:
                    break
        return ""

    def _why_to_be_ended(self) -> str:
        if self._stopping():
            self.stopped = True
            return "was ended, because drumwatch ends"
        if time.monotonic() >= self._deadline:
            self.timed_out = True
            return "was ended, because it took longer than its time_limit"
        if len(self.output) > MOST_OUTPUT:
            return "was ended, because it wrote more than 1 MB of output"
        return ""

    def _serve(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> bool:
        """Read or write what fits; return whether anything was read."""
        if key.events & selectors.EVENT_WRITE:
            if self._is_all_given(key.fd):
                selector.unregister(key.fileobj)
                if self._process.stdin:
                    self._process.stdin.close()
            return False
        try:
            chunk = os.read(key.fd, CHUNK)
        except BlockingIOError:
            return False
        self.output += chunk
        if not chunk:
            selector.unregister(key.fileobj)
        return bool(chunk)

    def _is_all_given(self, pipe: int) -> bool:
        """Write what fits into the pipe; return whether nothing is left to write, or nobody reads it."""
        try:
            self._given = self._given[os.write(pipe, self._given[:CHUNK]) :]
        except BlockingIOError:
            return False
        except OSError:  # a program need not read its input
            return True
        return not self._given


def _why_failed(code: int | None) -> str:
    if code is None:
        return "does not end, although it was killed"
    if code < 0:
        return f"was ended by signal {-code}"
    return f"ended with code {code}" if code else ""


def _why_not_started(exc: OSError, program: str) -> str:
    shown = home_short(program)
    if isinstance(exc, FileNotFoundError):
        if os.path.isabs(program) and os.path.lexists(program):
            return f"cannot be started: the first line of {shown} names a program that is not there"
        where = "" if os.path.isabs(program) else " in PATH: give its whole path"
        return f"cannot be started: there is no program {shown}{where}"
    if isinstance(exc, PermissionError):
        return f"cannot be started: {shown} may not be run. Make it executable, with `chmod +x`"
    if exc.errno == errno.ENOEXEC:
        return f"cannot be started: {shown} is no program. A script begins with a line such as #!/bin/sh"
    if exc.errno == errno.E2BIG:
        return "cannot be started: its arguments are too long"
    return f"cannot be started, because {reason(exc)}"
