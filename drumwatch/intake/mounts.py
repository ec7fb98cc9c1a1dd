"""Find the file system of a folder, and whether it reports changes made by other machines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# Changes made elsewhere (on a server, a host machine, in a cloud) raise no events here.
REMOTE_KINDS = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "webdav", "davfs", "coda"),
        *("ceph", "glusterfs", "lustre", "beegfs", "orangefs", "pvfs2", "macfuse", "osxfuse"),
        *("9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs"),
    }
)
# Most FUSE file systems are clouds and servers; these are local disks, which report every change.
LOCAL_FUSE = frozenset(
    {"fuse.bindfs", "fuse.encfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.mergerfs", "fuse.ntfs-3g"}
)

# Windows reads disks of these kinds, and so names that Windows refuses are not put there; `fuseblk` is ntfs-3g or exfat-fuse.
PORTABLE_KINDS = frozenset(
    {
        *(
            "vfat",
            "msdos",
            "fat",
            "exfat",
            "texfat",
            "sdfat",
            "ntfs",
            "ntfs3",
            "ufsd",
            "tuxera_ntfs",
            "ufsd_ntfs",
            "fuseblk",
        ),
        *("fuse.exfat", "fuse.exfat-fuse", "fuse.ntfs", "fuse.ntfs-3g", "fusefs_txantfs", "ufsd_exfat"),
    }
)


class Mount(NamedTuple):
    """The mount point of a file system, and its kind."""

    point: Path
    kind: str


def is_remote(kind: str) -> bool:
    """Return whether this kind of file system must be polled, because its events are incomplete."""
    return kind in REMOTE_KINDS or (kind.startswith("fuse.") and kind not in LOCAL_FUSE)


def is_portable(kind: str) -> bool:
    """Return whether disks of this kind are made to be read on Windows too, and take only portable names."""
    return kind.lower() in PORTABLE_KINDS


def parse_proc_mounts(text: str) -> list[Mount]:
    """Return the mounts in /proc/mounts, which writes special characters as octal escapes."""
    rows = (line.split(" ") for line in text.splitlines())
    return [Mount(Path(_unescape(row[1])), row[2]) for row in rows if len(row) > 2]  # noqa: PLR2004


def parse_mount_command(text: str) -> list[Mount]:
    """Return the mounts that `mount` prints on macOS: //me@nas/share on /Volumes/share (smbfs, nodev, nosuid)."""
    found = re.finditer(r"^.* on (/.*) \(([^,)]+)[^)]*\)$", text, re.MULTILINE)
    return [Mount(Path(match[1]), match[2]) for match in found]


def mount_of(path: Path, mounts: list[Mount]) -> Mount | None:
    """Return the mount of an absolute path: the longest mount point above it, and of several on one point the last."""
    around = [mount for mount in mounts if path.is_relative_to(mount.point)]
    return max(reversed(around), key=lambda mount: len(mount.point.parts), default=None)


def current_mounts() -> list[Mount]:
    """Return the current mounts, or an empty list if they cannot be determined."""
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
    """Decode octal escapes, which stand for bytes; several bytes may form one character."""
    raw = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), os.fsencode(field))
    return os.fsdecode(raw)
