from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from studio import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Folders, a configuration and the real daemon; fails where a process is left behind."""
    studio = Studio(tmp_path)
    try:
        yield studio
    finally:
        studio.close()


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder on another file system than everything else."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("this system has no /dev/shm")
    with tempfile.TemporaryDirectory(prefix="drumwatch-test-", dir="/dev/shm") as folder:
        yield Path(folder)
