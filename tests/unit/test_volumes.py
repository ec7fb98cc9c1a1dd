"""What tells a disk for longer than its device number."""

import os
from pathlib import Path

import pytest

from drumwatch.system import macos_calls, volumes
from drumwatch.system.volumes import Volumes, is_same, name_on_linux, parse_mountinfo

MOUNTINFO = """\
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
30 22 8:17 / /media/my\\040disk rw,nosuid shared:2 - vfat /dev/sdb1 rw
31 22 0:52 / /mnt/nas rw - nfs4 nas:/music rw,vers=4.2
32 22 0:61 /@home /home rw - btrfs /dev/sdc1 rw,subvolid=256,subvol=/@home
"""
MOUNTS = parse_mountinfo(MOUNTINFO)


def number(major: int, minor: int) -> int:
    return os.makedev(major, minor)


def test_a_disk_is_known_by_its_uuid_whatever_its_number_is():
    before = name_on_linux("/media/my disk/a.wav", number(8, 17), MOUNTS, {number(8, 17): "1234-ABCD"})
    renumbered = parse_mountinfo(MOUNTINFO.replace("8:17", "8:33"))
    after = name_on_linux("/media/my disk/a.wav", number(8, 33), renumbered, {number(8, 33): "1234-ABCD"})

    assert before == after == "uuid:1234-ABCD"


def test_a_share_without_a_uuid_is_known_by_its_mount_point():
    assert name_on_linux("/mnt/nas/a.wav", number(0, 52), MOUNTS, {}) == "at:/mnt/nas"


def test_a_file_whose_number_no_mount_has_is_on_the_mount_around_it():
    assert name_on_linux("/home/me/a.wav", number(0, 99), MOUNTS, {}) == "at:/home"


def test_the_empty_mount_point_of_a_disk_that_is_away_is_on_another_disk():
    uuids = {number(8, 2): "root", number(8, 17): "stick"}
    there = name_on_linux("/media/my disk", number(8, 17), MOUNTS, uuids)
    away = name_on_linux("/media/my disk", number(8, 2), MOUNTS[:1], uuids)

    assert (there, away) == ("uuid:stick", "uuid:root")
    assert not is_same(there, number(8, 17), away, number(8, 2))


@pytest.mark.parametrize(
    ("volume", "device", "same"),
    [("uuid:a", 2, True), ("uuid:b", 1, False), ("", 1, True), ("", 2, False), ("at:/mnt", 1, True)],
)
def test_numbers_count_only_where_a_name_is_missing(volume, device, same):
    assert is_same("uuid:a", 1, volume, device) is same


def test_a_volume_is_looked_up_once_for_many_files(monkeypatch, tmp_path):
    looked_up = []
    monkeypatch.setattr(volumes, "look_up", lambda path, _: looked_up.append(path) or "uuid:a")
    known = Volumes()

    assert {known.volume_of(tmp_path / name, 1) for name in "abc"} == {"uuid:a"}
    assert looked_up == [tmp_path / "a"]


def test_a_mac_names_a_volume_by_its_uuid_and_a_share_by_its_mount_point(monkeypatch):
    monkeypatch.setattr(volumes.sys, "platform", "darwin")
    monkeypatch.setattr(
        macos_calls, "file_system", lambda path: macos_calls.FileSystem(str(path.parent), 4096, 1)
    )
    monkeypatch.setattr(macos_calls, "volume_uuid", lambda point: "ab12" if "SSD" in point else "")

    assert volumes.look_up(Path("/Volumes/SSD/a.wav"), 1) == "uuid:ab12"
    assert volumes.look_up(Path("/Volumes/share/a.wav"), 1) == "at:/Volumes/share"


def test_the_calls_of_a_mac_answer_nothing_elsewhere():
    assert macos_calls.file_system("/") is None or os.uname().sysname == "Darwin"
    assert macos_calls.volume_uuid("/nowhere") == ""
