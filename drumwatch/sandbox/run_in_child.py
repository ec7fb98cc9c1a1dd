"""Run a function in a forked child process, so that a sandbox that the child enters does not affect the parent."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


MAX_BYTES = 1 << 28  # of an answer
STDERR = 2
MAX_DESCRIPTORS = 1 << 16


class ChildDied(SystemExit):
    """The child has ended without an answer; the exception ends the parent too, with the same exit code."""


def run_in_child(work: Callable[[], bytes], most: int = MAX_BYTES) -> bytes:
    """Return the result of `work`, run in a child process; needs `os.fork`, and a process with only one thread.

    The child has no open file of this process but stderr. Raises ChildDied if it ends without a result, or its result has more than
    `most` bytes. There is no time limit: the daemon ends a worker that takes too long, with its children.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_end(work, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read(most + 1)
    if len(answer) > most:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if len(answer) > most:
        raise ChildDied(-signal.SIGKILL)  # also where it had ended before the signal came
    if status:
        raise ChildDied(os.waitstatus_to_exitcode(status))
    return answer


def _work_and_end(work: Callable[[], bytes], writing: int) -> None:
    """Run `work`, write its result and end the process in any case: two processes must never read the same requests."""
    code = 1
    try:
        _close_all_but(writing)
        with open(writing, "wb") as pipe:
            pipe.write(work())
        code = 0
    finally:
        os._exit(code)


def _close_all_but(handle: int) -> None:
    """Close what was inherited: the child must neither take requests from the pipe nor write answers that look like the parent's."""
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(STDERR, 1)
    os.closerange(STDERR + 1, handle)
    os.closerange(handle + 1, MAX_DESCRIPTORS)
