"""Behind whatever makes music: the lowest priority on processor and disk that the system grants without further rights."""

from __future__ import annotations

import contextlib
import sys

NICE = 10  # as in the systemd unit and the launchd agent
# setiopolicy_np(3) of macOS, which psutil does not know
TYPE_DISK, SCOPE_PROCESS, THROTTLE = 0, 0, 3


def lower_priority() -> None:
    """For this process and all that it starts; called before the first thread. What the system refuses is done without."""
    import psutil  # noqa: PLC0415  takes less memory when all else is loaded

    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        process.nice(max(NICE, process.nice()))
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        if sys.platform == "darwin":
            import ctypes  # noqa: PLC0415

            ctypes.CDLL(None).setiopolicy_np(TYPE_DISK, SCOPE_PROCESS, THROTTLE)
        else:
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
