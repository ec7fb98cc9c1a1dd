"""Tell volumes apart for longer than one start of the system.

A device number (`st_dev`) may be another one after a restart, or when a disk is connected again, and may be another disk's
then. A volume is known by its UUID; one that has none, such as a network share, by its mount point.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.system import macos_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BY_UUID = Path("/dev/disk/by-uuid")
MOUNTS = Path("/proc/self/mountinfo")
REMEMBERED = 5.0  # seconds: thousands of files of one disk are noted in a row, and disks change rarely
_UUID, _MOUNTED_AT = "uuid:", "at:"


class Mount(NamedTuple):
    """A line of /proc/self/mountinfo."""

    device: int
    point: Path
    source: str


class Volumes:
    """Looks volumes up, and remembers each for some seconds."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, str]] = {}

    def volume_of(self, path: Path, device: int) -> str:
        """Return a name of the volume on which the file at this path is, which lasts; "" if it cannot be determined.

        `device` is the file's present device number.
        """
        now = time.monotonic()
        until, volume = self._known.get(device, (0.0, ""))
        if now >= until:
            volume = look_up(path, device)
            self._known[device] = now + REMEMBERED, volume
        return volume


def is_same(volume: str, device: int, other_volume: str, other_device: int) -> bool:
    """Return whether both are one volume; where one of the names is not known, whether the device numbers are the same."""
    if volume and other_volume and _kind(volume) == _kind(other_volume):
        return volume == other_volume
    return device == other_device


def _kind(volume: str) -> str:
    return volume.partition(":")[0]


def look_up(path: Path, device: int) -> str:
    """Return what `Volumes.volume_of` returns, without remembering it."""
    system: str = sys.platform
    try:
        if system == "linux":
            mounts = parse_mountinfo(os.fsdecode(MOUNTS.read_bytes()))
            return name_on_linux(os.path.realpath(path), device, mounts, _uuids())
        if system == "darwin" and (found := macos_calls.file_system(path)):
            volume = macos_calls.volume_uuid(found.mount_point)
            return f"{_UUID}{volume}" if volume else f"{_MOUNTED_AT}{found.mount_point}"
    except (OSError, ValueError):
        return ""
    return ""


def parse_mountinfo(text: str) -> list[Mount]:
    """Return the mounts in /proc/self/mountinfo (proc_pid_mountinfo(5)), which writes special characters as octal escapes."""
    mounts = []
    for line in text.splitlines():
        first, _, last = line.partition(" - ")
        head, tail = first.split(" "), last.split(" ")
        if len(head) > 4 and len(tail) > 1:  # noqa: PLR2004  up to the mount point; kind and source
            major, _, minor = head[2].partition(":")
            device = os.makedev(int(major), int(minor))
            mounts.append(Mount(device, Path(_unescape(head[4])), _unescape(tail[1])))
    return mounts


def name_on_linux(real_path: str, device: int, mounts: Iterable[Mount], uuids: Mapping[int, str]) -> str:
    """Return the name of the volume with this device number, or else of that on which the path is.

    Btrfs gives its files other device numbers than /proc/self/mountinfo has.
    """
    mounts = list(mounts)
    mount = next((one for one in mounts if one.device == device), None) or _around(real_path, mounts)
    if mount is None:
        return ""
    volume = uuids.get(device) or uuids.get(_device_behind(mount.source))
    return f"{_UUID}{volume}" if volume else f"{_MOUNTED_AT}{mount.point}"


def _around(path: str, mounts: list[Mount]) -> Mount | None:
    above = [mount for mount in mounts if Path(path).is_relative_to(mount.point)]
    return max(reversed(above), key=lambda mount: len(mount.point.parts), default=None)


def _device_behind(source: str) -> int:
    """Return the device number of a disk such as /dev/mapper/home; 0 if it is none."""
    try:
        return os.stat(source).st_rdev if source.startswith("/dev/") else 0
    except OSError:
        return 0


def _uuids() -> dict[int, str]:
    """Return the UUIDs of the disks by their device numbers; empty where the system has no list of them."""
    found: dict[int, str] = {}
    try:
        links = sorted(BY_UUID.iterdir())
    except OSError:
        return found
    for link in links:
        if number := _device_behind(os.fspath(link)):
            found[number] = link.name
    return found


def _unescape(field: str) -> str:
    raw = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), os.fsencode(field))
    return os.fsdecode(raw)
