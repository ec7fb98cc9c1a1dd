from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from action_scenarios import VARIANTS, Scenario, new_scenarios, unknown_call
from faulty_disk import FaultyDisk
from folder_trees import ActionRunner

from drumwatch.filing import disk, tags

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def runner(tmp_path: Path) -> ActionRunner:
    (tmp_path / "Library").mkdir()
    return ActionRunner(tmp_path / "Library", tmp_path / "backups")


def _mounted(folder: Path, *how: str) -> Iterator[Path]:
    folder.mkdir()
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root on Linux can mount")
    if subprocess.run(["mount", *how, folder], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and os.stat(memory).st_dev != os.stat(tmp_path).st_dev:
        with tempfile.TemporaryDirectory(prefix="drumwatch-test-", dir=memory) as folder:
            yield Path(folder)
        return
    yield from _mounted(tmp_path / "other disk", "-t", "tmpfs", "-o", "size=16m", "tmpfs")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    yield from _mounted(tmp_path / "small disk", "-t", "tmpfs", "-o", "size=64k", "tmpfs")


@pytest.fixture
def second_mount(tmp_path: Path) -> Iterator[Path]:
    """A folder of the same file system under another mount: the same device number, and yet no rename reaches it."""
    (tmp_path / "bound").mkdir()
    yield from _mounted(tmp_path / "second mount", "--bind", str(tmp_path / "bound"))


@pytest.fixture
def exfat_disk(tmp_path: Path) -> Iterator[Path]:
    """An exFAT file system, where this machine can make one."""
    tools = [shutil.which(name) for name in ("mkfs.exfat", "mount.exfat-fuse", "losetup")]
    if os.geteuid() != 0 or not all(tools):
        pytest.skip("needs root, exfatprogs and exfat-fuse")
    image, folder = tmp_path / "stick.img", tmp_path / "stick"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    folder.mkdir()
    subprocess.run(["mkfs.exfat", image], check=True, capture_output=True)
    found = subprocess.run(["losetup", "-f", "--show", image], check=False, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("no loop device is free")
    device = found.stdout.strip()
    try:
        if subprocess.run(["mount.exfat-fuse", device, folder], check=False, capture_output=True).returncode:
            pytest.skip("mounting is not allowed here")
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)
    finally:
        subprocess.run(["losetup", "-d", device], check=True)


@pytest.fixture
def faulty_disk(monkeypatch: pytest.MonkeyPatch, runner: ActionRunner) -> FaultyDisk:
    faulty_disk = FaultyDisk(monkeypatch)

    def planned() -> None:
        faulty_disk.calls += 1
        faulty_disk.step()

    runner.on_planned = planned
    return faulty_disk


@pytest.fixture(params=VARIANTS, ids=str)
def scenarios(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    other_disk: Path,
    runner: ActionRunner,
) -> Iterator[Scenario]:
    """Each kind of action on each kind of disk, as often as wanted."""
    for call in request.param.without:
        monkeypatch.setattr(disk, call, unknown_call)
    if request.param.large_patch:
        monkeypatch.setattr(tags, "MAX_PATCH_IN_JOURNAL", 0)
    return new_scenarios(tmp_path, other_disk, runner, request.param)
