"""How much memory a worker process and its children use: macOS has no limit that a process can set for itself."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from typing import Any

import psutil

MOST_CHILDREN = (
    64  # of which a worker's process group is asked; it has one at most unless a file has taken it over
)
RUSAGE_INFO_V0 = 0


class RUsageInfo(ctypes.Structure):
    """`struct rusage_info_v0` of sys/resource.h; the footprint is what Activity Monitor shows, with compressed memory."""

    _fields_ = (
        ("uuid", ctypes.c_uint8 * 16),
        *(
            (name, ctypes.c_uint64)
            for name in (
                "user_time",
                "system_time",
                "pkg_idle_wkups",
                "interrupt_wkups",
                "pageins",
                "wired_size",
                "resident_size",
                "phys_footprint",
                "proc_start_abstime",
                "proc_exit_abstime",
            )
        ),
    )


def used_by_group(pid: int) -> int:
    """Return the bytes that the worker with this process id and its children use; those that have ended use none."""
    if (libproc := _libproc()) is not None:
        return sum(_footprint(libproc, one) for one in {pid, *_group(libproc, pid)})
    with contextlib.suppress(psutil.Error, OSError):
        worker = psutil.Process(pid)
        return sum(_resident(one) for one in (worker, *worker.children(recursive=True)))
    return 0


@functools.cache
def _libproc() -> Any:  # noqa: ANN401  a C library
    """Return the library of macOS that tells about processes; None on other systems."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.proc_pid_rusage.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
            library.proc_listpgrppids.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
            return library
    return None


def _footprint(libproc: Any, pid: int) -> int:  # noqa: ANN401
    found = RUsageInfo()
    if libproc.proc_pid_rusage(pid, RUSAGE_INFO_V0, ctypes.byref(found)) != 0:
        return 0
    return int(found.phys_footprint)


def _group(libproc: Any, pid: int) -> list[int]:  # noqa: ANN401
    """Return the process ids of the group that the worker leads."""
    pids = (ctypes.c_int * MOST_CHILDREN)()
    libproc.proc_listpgrppids(pid, pids, ctypes.sizeof(pids))
    return [one for one in pids if one > 0]


def _resident(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_info().rss)
    return 0
