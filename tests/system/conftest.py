from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from daemon_harness import DaemonHarness

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALLEST_DISK = 300 << 20  # bytes, of XFS; the file is sparse


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[DaemonHarness]:
    """Folders, a configuration and the real daemon; fails where a process is left behind."""
    harness = DaemonHarness(tmp_path)
    try:
        yield harness
    finally:
        harness.close()


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder on another file system than everything else."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("this system has no /dev/shm")
    with tempfile.TemporaryDirectory(prefix="drumwatch-test-", dir="/dev/shm") as folder:
        yield Path(folder)


def _mounted(kind: str, folder: Path) -> Iterator[Path]:
    """A disk of its own with this file system, in a file: only root may mount it, and not everywhere."""
    image, place = folder / f"{kind}.img", folder / f"{kind} disk"
    make = shutil.which(f"mkfs.{kind}") or shutil.which(f"mkfs.{kind}", path="/sbin:/usr/sbin")
    if make is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip(f"needs root, and mkfs.{kind} to make a disk of its own")
    with image.open("wb") as file:
        file.truncate(SMALLEST_DISK)
    place.mkdir()
    subprocess.run([make, "-q", str(image)], check=True, capture_output=True)
    if subprocess.run(["mount", "-o", "loop", image, place], check=False, capture_output=True).returncode:
        pytest.skip(f"{kind} cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.fixture(params=["btrfs", "xfs"])
def sharing_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk on which copies can share their blocks."""
    yield from _mounted(request.param, tmp_path)
