from __future__ import annotations

from pathlib import Path

import pytest

from drumwatch.intake.mounts import Mount, is_remote, mount_of, parse_mount_command, parse_proc_mounts

PROC_MOUNTS = r"""/dev/sda2 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
nas:/music /mnt/nas nfs4 rw,vers=4.2 0 0
//nas/drums /mnt/My\040Drums cifs rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
me@studio: /home/me/stud\303\274dio fuse.sshfs rw 0 0
broken line
"""

MACOS_MOUNT = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//me@nas._smb._tcp.local/share on /Volumes/My share (smbfs, nodev, nosuid, mounted by me)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/me/Downloads", "ext4"),
        ("/mnt/nas/loops", "nfs4"),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nas2", "ext4"),
        ("/mnt/nas/local/x", "ext4"),
        ("/mnt/My Drums/kicks", "cifs"),
        ("/home/me/studüdio", "fuse.sshfs"),
    ],
)
def test_a_folder_lies_on_the_nearest_mount_above_it(folder: str, kind: str) -> None:
    mount = mount_of(Path(folder), parse_proc_mounts(PROC_MOUNTS))

    assert mount is not None
    assert mount.kind == kind


def test_of_two_mounts_on_one_point_the_later_one_is_seen() -> None:
    mounts = [Mount(Path("/"), "rootfs"), Mount(Path("/"), "ext4")]

    assert mount_of(Path("/home"), mounts) == Mount(Path("/"), "ext4")


def test_macos_prints_its_mounts_for_people() -> None:
    assert parse_mount_command(MACOS_MOUNT)[:3] == [
        Mount(Path("/"), "apfs"),
        Mount(Path("/System/Volumes/Data"), "apfs"),
        Mount(Path("/Volumes/My share"), "smbfs"),
    ]


def test_without_a_list_of_mounts_nothing_is_known() -> None:
    assert mount_of(Path("/home"), []) is None


@pytest.mark.parametrize(
    "kind",
    [
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "vboxsf", "drvfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.a-new-cloud"),
    ],
)
def test_what_other_machines_write_to_is_remote(kind: str) -> None:
    assert is_remote(kind)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "btrfs", "xfs", "zfs", "tmpfs", "vfat", "exfat", "fuseblk", "apfs", "overlay", "fuse.gocryptfs"],
)
def test_a_disk_of_this_machine_is_not_remote(kind: str) -> None:
    assert not is_remote(kind)
