"""Tell by its content what a file that is called an archive really is, and whether it is one part of several."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from drumwatch.intake.archives import reasons
from drumwatch.intake.archives.limits import NotWhole, Refused

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 512
_PAGE_BEGINS = 32
ZIP = "a zip"
_MAGIC = {
    b"PK\3\4": ZIP,
    b"PK\5\6": ZIP,
    b"PK\7\x08": ZIP,
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x1f\x8b": "a tar.gz archive",
    b"\xfd7zXZ\0": "a tar.xz archive",
    b"BZh": "a tar.bz2 archive",
    b"\x28\xb5\x2f\xfd": "a tar.zst archive",
}
_TAR_AT, _TAR = 257, b"ustar"
_RAR4, _RAR5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_SPLIT = re.compile(r"(?P<whole>.+\.(?P<kind>zip|7z|rar))\.\d{3}$", re.IGNORECASE)
_LOCKED_LIST = f"its list of contents is locked with a password: {reasons.YOURSELF}"


def kind_of(archive: Path) -> str:
    """Return what the content shows a file to be, as in "a 7z archive"; empty if that cannot be told.

    Raises Refused for a part of an archive, for one with a locked list of contents, and for what is no archive at all.
    """
    with archive.open("rb") as file:
        head = file.read(HEAD)
    if split := _SPLIT.fullmatch(archive.name):
        raise Refused(_one_part(f"`cat {_quoted(split['whole'])}.* > {_quoted(split['whole'])}` joins them"))
    kind = next((called for magic, called in _MAGIC.items() if head.startswith(magic)), "")
    if not kind and head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "a tar archive"
    if kind == "a rar archive":
        _check_rar(head)
    if not kind and (instead := _no_archive(head)):
        raise Refused(f"it is {instead}, not {_wanted(archive)}: delete it and download the pack again")
    if head and not head.strip(b"\0"):
        raise NotWhole("nothing is in it yet but zeros: it is still being downloaded, or damaged")
    return kind


def one_part_of_a_zip(archive: str) -> Refused:
    """Return the refusal of a zip that was split into parts (`.z01`, `.z02`, …, `.zip`)."""
    name = _quoted(archive)
    return Refused(
        _one_part(f"`zip -s 0 {name} --out whole.zip` joins them" if name else "join them with 7-Zip")
    )


def _one_part(how: str) -> str:
    return f"it is one part of several: {how}, and what is in it will be sorted"


def _quoted(name: str) -> str:
    return f"'{name}'" if re.search(r"[^\w.-]", name) else name


def _wanted(archive: Path) -> str:
    return f"a {archive.suffix.lower().lstrip('.') or 'zip'}"


def _no_archive(head: bytes) -> str:
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:_PAGE_BEGINS].lower().startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    return "a text" if head[:1] in (b"<", b"{") and b"\0" not in head else ""


# The first block behind the marker of a rar says whether it is one volume of several, and whether the names are encrypted. It is
# believed if its check sum is right.


def _check_rar(head: bytes) -> None:
    locked, volume = _rar5_flags(head) if head.startswith(_RAR5) else _rar4_flags(head)
    if locked:
        raise Refused(_LOCKED_LIST)
    if volume:
        raise Refused(
            "it is one part of several: with all of them in one folder, `unrar x` or 7-Zip takes them out of the first;"
            f" {reasons.YOURSELF}"
        )


def _rar4_flags(head: bytes) -> tuple[bool, bool]:
    block = head[len(_RAR4) :]
    check_sum, size = int.from_bytes(block[:2], "little"), int.from_bytes(block[5:7], "little")
    flags, main = int.from_bytes(block[3:5], "little"), 0x73
    if block[2:3] != bytes([main]) or zlib.crc32(block[2:size]) & 0xFFFF != check_sum:
        return False, False
    return bool(flags & 0x80), bool(flags & 0x1)


def _rar5_flags(head: bytes) -> tuple[bool, bool]:
    block = head[len(_RAR5) :]
    size, at = _number(block, 4)
    if zlib.crc32(block[4 : at + size]) != int.from_bytes(block[:4], "little"):
        return False, False
    main, encryption = 1, 4
    kind, at = _number(block, at)
    flags, at = _number(block, at)
    if flags & 0x1:  # the length of an extra area
        _, at = _number(block, at)
    of_archive, _ = _number(block, at)
    return kind == encryption, kind == main and bool(of_archive & 0x1)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = shift = 0
    for byte in data[at : at + 10]:
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            break
    return value, at
