"""On which kind of file system a folder lies, and whether that kind tells us of changes made by other machines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# Changes made on the other side (a server, a host machine, a cloud) raise no events here.
REMOTE_KINDS = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "webdav", "davfs", "coda"),
        *("ceph", "glusterfs", "lustre", "beegfs", "orangefs", "pvfs2", "macfuse", "osxfuse"),
        *("9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs"),
    }
)
# FUSE is mostly clouds and servers; these are local disks behind it, and see every change themselves.
LOCAL_FUSE = frozenset(
    {"fuse.bindfs", "fuse.encfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.mergerfs", "fuse.ntfs-3g"}
)


class Mount(NamedTuple):
    """Where a file system is mounted, and its kind."""

    point: Path
    kind: str


def is_remote(kind: str) -> bool:
    """Polling is needed: events from this kind of file system tell only half of the story."""
    return kind in REMOTE_KINDS or (kind.startswith("fuse.") and kind not in LOCAL_FUSE)


def parse_proc_mounts(text: str) -> list[Mount]:
    """The lines of /proc/mounts, in which odd characters are written as octal escapes."""
    rows = (line.split(" ") for line in text.splitlines())
    return [Mount(Path(_unescape(row[1])), row[2]) for row in rows if len(row) > 2]  # noqa: PLR2004


def parse_mount_command(text: str) -> list[Mount]:
    """What `mount` prints on macOS: //me@nas/share on /Volumes/share (smbfs, nodev, nosuid)."""
    found = re.finditer(r"^.* on (/.*) \(([^,)]+)[^)]*\)$", text, re.MULTILINE)
    return [Mount(Path(match[1]), match[2]) for match in found]


def mount_of(path: Path, mounts: list[Mount]) -> Mount | None:
    """The mount that an absolute path lies on: the longest above it, of several on one point the last."""
    around = [mount for mount in mounts if path.is_relative_to(mount.point)]
    return max(reversed(around), key=lambda mount: len(mount.point.parts), default=None)


def current_mounts() -> list[Mount]:
    """What is mounted now; empty where we cannot tell."""
    system: str = sys.platform
    try:
        if system == "linux":
            return parse_proc_mounts(os.fsdecode(Path("/proc/self/mounts").read_bytes()))
        if system == "darwin":
            printed = subprocess.run(["/sbin/mount"], capture_output=True, timeout=10, check=True).stdout
            return parse_mount_command(os.fsdecode(printed))
    except (OSError, subprocess.SubprocessError):
        return []
    return []


def _unescape(field: str) -> str:
    """Octal escapes stand for bytes, and several bytes may make one character."""
    raw = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), os.fsencode(field))
    return os.fsdecode(raw)
