"""Tell glibc's malloc to keep freed memory, so that arrays are not fetched from the system again and again."""

from __future__ import annotations

import ctypes
import functools

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_… of glibc's malloc.h
KEPT = 8 << 20  # bytes of one block, which is more than an array of an analysis has


@functools.cache
def keep_freed_memory() -> bool:
    """Tell glibc to keep some megabytes of freed memory, and return whether it does.

    The call is made once per process, and only on Linux, where glibc has `mallopt`. Dask sets `MALLOC_TRIM_THRESHOLD_`
    so that its workers return freed memory to the system, which doubled the processor time of the analysis there.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return (
        mallopt is not None
        and bool(mallopt(MMAP_THRESHOLD, KEPT))
        and bool(mallopt(TRIM_THRESHOLD, 2 * KEPT))
    )
