"""Run a function in a forked child process, so that a sandbox that the child enters does not affect the parent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ChildDied(SystemExit):
    """The child has ended without an answer; the exception ends the parent too, with the same exit code."""


def run_in_child(work: Callable[[], bytes]) -> bytes:
    """Return the result of `work`, run in a child process; needs `os.fork`, and a process with only one thread.

    Raises ChildDied if the child ends without a result.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work_and_end(work, writing)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise ChildDied(os.waitstatus_to_exitcode(status))
    return answer


def _work_and_end(work: Callable[[], bytes], writing: int) -> None:
    """Run `work`, write its result and end the process in any case: two processes must never read the same requests."""
    code = 1
    try:
        with open(writing, "wb") as pipe:
            pipe.write(work())
        code = 0
    finally:
        os._exit(code)
