"""How much memory and processor time a worker process and its children use.

macOS has no limit on memory that a process can set for itself, and gives background programs little of the processor.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from typing import Any, NamedTuple

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


class Use(NamedTuple):
    """What some processes use: bytes of memory, and seconds of processor time since they were started."""

    memory: int = 0
    cpu_seconds: float = 0.0

    def plus(self, other: Use) -> Use:
        """Return what both use together."""
        return Use(self.memory + other.memory, self.cpu_seconds + other.cpu_seconds)


class Timebase(ctypes.Structure):
    """`struct mach_timebase_info`: the unit in which macOS counts processor time, as a fraction of nanoseconds."""

    _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))


def of_group(pid: int) -> Use:
    """Return what the worker with this process id and its children use; those that have ended use nothing."""
    if (libproc := _libproc()) is not None:
        uses = [_use(libproc, one) for one in {pid, *_group(libproc, pid)}]
    else:
        uses = [_use_by_psutil(one) for one in _family(pid)]
    return functools.reduce(Use.plus, uses, Use())


@functools.cache
def _libproc() -> Any:  # noqa: ANN401  a C library
    """Return the library of macOS that tells about processes; None on other systems."""
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.proc_pid_rusage.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
            library.proc_listpgrppids.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
            library.mach_timebase_info.argtypes = (ctypes.c_void_p,)
            return library
    return None


def _use(libproc: Any, pid: int) -> Use:  # noqa: ANN401
    found = RUsageInfo()
    if libproc.proc_pid_rusage(pid, RUSAGE_INFO_V0, ctypes.byref(found)) != 0:
        return Use()
    return Use(int(found.phys_footprint), (found.user_time + found.system_time) * _seconds_per_tick(libproc))


def _seconds_per_tick(libproc: Any) -> float:  # noqa: ANN401
    timebase = Timebase()
    libproc.mach_timebase_info(ctypes.byref(timebase))
    return float(timebase.numerator / max(1, timebase.denominator) / 1e9)


def _group(libproc: Any, pid: int) -> list[int]:  # noqa: ANN401
    """Return the process ids of the group that the worker leads."""
    pids = (ctypes.c_int * MOST_CHILDREN)()
    libproc.proc_listpgrppids(pid, pids, ctypes.sizeof(pids))
    return [one for one in pids if one > 0]


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error, OSError):
        worker = psutil.Process(pid)
        return [worker, *worker.children(recursive=True)]
    return []


def _use_by_psutil(process: psutil.Process) -> Use:
    with contextlib.suppress(psutil.Error, OSError):
        times = process.cpu_times()
        return Use(int(process.memory_info().rss), float(times.user + times.system))
    return Use()
