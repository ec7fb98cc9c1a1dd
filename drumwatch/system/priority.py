"""Lower the scheduling priority of drumwatch on processor and disk, so that it never slows an audio program."""

from __future__ import annotations

import contextlib
import sys

NICE = 10  # as in the systemd unit and the launchd agent
# constants of setiopolicy_np(3) on macOS, which psutil does not offer
TYPE_DISK, SCOPE_PROCESS, THROTTLE = 0, 0, 3


def lower_priority(process_id: int | None = None) -> None:
    """Lower the priority of this process and its children, as far as the system allows; call it before the first thread starts.

    With the id of a child, lower that one's priority only.
    """
    import psutil  # noqa: PLC0415  uses less memory if it is imported last

    try:
        process = psutil.Process(process_id)
    except psutil.Error:  # it has ended
        return
    with contextlib.suppress(psutil.Error, OSError):
        process.nice(max(NICE, process.nice()))
    with contextlib.suppress(psutil.Error, OSError, AttributeError):
        if sys.platform == "darwin":
            import ctypes  # noqa: PLC0415

            if process_id is None:  # no other process can be throttled, but a child is as this one was
                ctypes.CDLL(None).setiopolicy_np(TYPE_DISK, SCOPE_PROCESS, THROTTLE)
        else:
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
