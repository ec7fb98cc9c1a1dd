"""Lets Ctrl-C end the work after the files that are begun, and says so at once."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOPPING = "Stopping after the files that are begun; Ctrl-C again stops at once."


@contextmanager
def stopped_by_ctrl_c(announce: Callable[[str], None]) -> Iterator[list[int]]:
    """Give a list that is empty until Ctrl-C, so that the current file is finished; a second Ctrl-C stops at once.

    `announce` is called by the signal handler.
    """
    caught: list[int] = []

    def catch(number: int, _: object) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        announce(STOPPING)

    before = signal.signal(signal.SIGINT, catch)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)
