"""Behind whatever makes music: the lowest priority on processor and disk that the system grants without further rights."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

NICE = 10  # as in the systemd unit and the launchd agent
# ioprio_set(2), which has no function in the C library
IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "i686": 289, "armv7l": 314, "ppc64le": 273}
WHO_PROCESS, CLASS_IDLE, CLASS_SHIFT = 1, 3, 13
# setiopolicy_np(3)
TYPE_DISK, SCOPE_PROCESS, THROTTLE = 0, 0, 3


def give_way() -> None:
    """For this process and all that it starts; called before the first thread. What the system refuses is done without."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(max(0, NICE - os.nice(0)))
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            library.setiopolicy_np(TYPE_DISK, SCOPE_PROCESS, THROTTLE)
        elif number := IOPRIO_SET.get(os.uname().machine):
            library.syscall(number, WHO_PROCESS, 0, CLASS_IDLE << CLASS_SHIFT)
