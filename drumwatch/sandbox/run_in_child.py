"""One piece of work in a child process of its own: what binds the child for good does not bind its parent, which can do the next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ChildDied(SystemExit):
    """The child has ended without an answer, and so should its parent: whoever waits for both sees one death."""


def run_in_child(work: Callable[[], bytes]) -> bytes:
    """What `work` gives, done in a child process. Only where `os.fork` is, and while this process has one thread."""
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
    """Ends here whatever happens: two processes must never read the same requests."""
    code = 1
    try:
        with open(writing, "wb") as pipe:
            pipe.write(work())
        code = 0
    finally:
        os._exit(code)
