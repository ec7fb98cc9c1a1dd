"""Standing still in the middle of a piece of work, and going on as if nothing had been: for processes that work for the daemon."""

from __future__ import annotations

import os
import signal
import time

LOOK_EVERY = 1.0  # seconds: is there still somebody who could let us go on?


def suspend_on_request() -> None:
    """Between SIGTSTP and SIGCONT this process does nothing, nor do its children: both are sent to its whole group.

    Not SIGSTOP: whoever is stopped by that stays so for ever when the daemon is killed.
    """
    first, asked_by = os.getpid(), os.getppid()
    may_go_on = False

    def go_on(*_: object) -> None:
        nonlocal may_go_on
        may_go_on = True

    def stand_still(*_: object) -> None:
        nonlocal may_go_on
        may_go_on = False
        parent = asked_by if os.getpid() == first else first
        while not may_go_on and os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        if not may_go_on and os.getpid() == first:  # nobody is left who could send it
            os.killpg(0, signal.SIGCONT)

    signal.signal(signal.SIGCONT, go_on)
    signal.signal(signal.SIGTSTP, stand_still)
