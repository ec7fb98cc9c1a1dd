from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

COUNTED = """
import resource
import numpy as np
from drumwatch.analysis.malloc_settings import keep_freed_memory

def fetched():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        np.ones(1 << 17)  # a megabyte, freed at once
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = fetched()
keep_freed_memory()
fetched()
print(before, fetched())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such a call")
def test_what_is_freed_is_not_fetched_from_the_system_again():
    dask_says = {**os.environ, "MALLOC_TRIM_THRESHOLD_": "65536"}

    reported = subprocess.run(
        [sys.executable, "-c", COUNTED], env=dask_says, capture_output=True, text=True, check=True
    )

    before, after = map(int, reported.stdout.split())
    assert before > 50 * 200  # pages
    assert after < 200
