"""Lower the scheduling priority of drumwatch on processor and disk, so that it never slows an audio program."""

from __future__ import annotations

import contextlib
import sys

NICE = 10  # as in the systemd unit and the launchd agent
# constants of setiopolicy_np(3) on macOS, which psutil does not offer
TYPE_DISK, SCOPE_PROCESS, THROTTLE = 0, 0, 3


def lower_priority() -> None:
    """Lower the priority of this process and its children, as far as the system allows; call it before the first thread starts."""
    import psutil  # noqa: PLC0415  uses less memory if it is imported last

    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        process.nice(max(NICE, process.nice()))
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        if sys.platform == "darwin":
            import ctypes  # noqa: PLC0415

            ctypes.CDLL(None).setiopolicy_np(TYPE_DISK, SCOPE_PROCESS, THROTTLE)
        else:
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
