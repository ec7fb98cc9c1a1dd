"""Memory that is freed and wanted again a millisecond later: on a cluster it would go back to the system each time."""

from __future__ import annotations

import ctypes
import functools

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_… of glibc's malloc.h
KEPT = 32 << 20  # bytes; the most that glibc takes for the second


@functools.cache
def keep_what_is_freed() -> bool:
    """Whether this process now keeps some tens of megabytes at hand. Once; only glibc knows such a call.

    Dask tells its workers to give back whatever is freed (MALLOC_TRIM_THRESHOLD_), which made hearing there take twice
    the processor time: every array was fetched from the system anew.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    return tell is not None and bool(tell(MMAP_THRESHOLD, KEPT)) and bool(tell(TRIM_THRESHOLD, 2 * KEPT))
