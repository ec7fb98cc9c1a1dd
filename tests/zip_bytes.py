"""Zips by their bytes, with names that the standard library would not write."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

UTF8 = 0x800


class ZipEntry(NamedTuple):
    """One entry of a zip by its bytes: `name` in the directory, `second` in front of the content."""

    name: bytes
    content: bytes = b"k"
    second: bytes | None = None
    flags: int = 0
    second_flags: int | None = None
    extra: bytes = b""
    attributes: int = 0


def zip_of(*entries: ZipEntry) -> bytes:
    body, directory = b"", b""
    for one in entries:
        second = one.name if one.second is None else one.second
        second_flags = one.flags if one.second_flags is None else one.second_flags
        sizes = struct.pack("<III", zlib.crc32(one.content), len(one.content), len(one.content))
        stored = struct.pack("<HHH", 0, 0x6000, 0x5821)
        directory += b"PK\1\2" + struct.pack("<HHH", 20, 20, one.flags) + stored + sizes
        directory += struct.pack(
            "<HHHHHII", len(one.name), len(one.extra), 0, 0, 0, one.attributes, len(body)
        )
        directory += one.name + one.extra
        body += b"PK\3\4" + struct.pack("<HH", 20, second_flags) + stored + sizes
        body += struct.pack("<HH", len(second), 0) + second + one.content
    count = len(entries)
    return (
        body
        + directory
        + b"PK\5\6"
        + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    )


def unicode_path(raw: bytes, name: str) -> bytes:
    real = name.encode()
    return struct.pack("<HHBI", 0x7075, 5 + len(real), 1, zlib.crc32(raw)) + real
