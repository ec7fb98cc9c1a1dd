"""A zip's directory in which one entry is wrong: `zipfile` would refuse the whole archive for it.

The bytes are mended while they are read, and only in memory: a name that is marked as UTF-8 and is none loses the mark, an extra field
that claims more bytes than there are gets the length that it has, and a broken Unicode path field does not count.
"""

from __future__ import annotations

import bisect
import io
import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

UTF8_FLAG = 0x800
UNICODE_PATH = 0x7075
LARGEST = 1 << 26  # bytes of a directory that is mended
_END = struct.Struct("<4s4H2IH")
_RECORD = struct.Struct(
    "<4s4xH18xHHH8xI"
)  # flags, lengths of name, extra fields and comment, offset of the entry
_RECORD_FLAGS, _LOCAL_FLAGS = 8, 6
_NO_FIELD = b"\xff\xff"  # a kind that nobody uses
_LONGEST_COMMENT = 1 << 16


class MendedZip(io.RawIOBase):
    """A zip as it would be without the mistakes of single entries; `file` stays the caller's."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._patches = sorted(_patches(file))
        self._starts = [at for at, _ in self._patches]
        file.seek(0)

    def seekable(self) -> bool:
        """Return True, which `zipfile` wants to know."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place, as in any file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place, as in any file."""
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        """Return bytes from here, mended where they are wrong."""
        start = self._file.tell()
        content = bytearray(self._file.read(size))
        first = max(0, bisect.bisect_right(self._starts, start) - 1)
        for at, patch in self._patches[first : bisect.bisect_left(self._starts, start + len(content))]:
            begin, end = max(at, start), min(at + len(patch), start + len(content))
            if begin < end:
                content[begin - start : end - start] = patch[begin - at : end - at]
        return bytes(content)


def _patches(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the mended directory and the mended heads of entries, each with its place; nothing where there is no plain directory."""
    file.seek(0, io.SEEK_END)
    tail_at = max(0, file.tell() - _LONGEST_COMMENT - _END.size)
    file.seek(tail_at)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + _END.size:
        return
    size, offset = _END.unpack_from(tail, end)[5:7]
    start = tail_at + end - size
    if size > LARGEST or start < 0:  # also what a zip64 says here
        return
    file.seek(start)
    directory = bytearray(file.read(size))
    for head_at in _mend(directory):
        file.seek(head_at + start - offset + _LOCAL_FLAGS)
        (flags,) = struct.unpack("<H", file.read(2).ljust(2, b"\0"))
        yield head_at + start - offset + _LOCAL_FLAGS, struct.pack("<H", flags & ~UTF8_FLAG)
    yield start, bytes(directory)


def _mend(directory: bytearray) -> Iterator[int]:
    """Mend a directory in place, and yield the offsets of the entries whose marks of UTF-8 are wrong."""
    at = 0
    while at + _RECORD.size <= len(directory) and directory[at : at + 4] == b"PK\1\2":
        _, flags, name_size, extra_size, comment_size, offset = _RECORD.unpack_from(directory, at)
        extra_at = at + _RECORD.size + name_size
        if flags & UTF8_FLAG and not _is_utf8(directory[at + _RECORD.size : extra_at]):
            struct.pack_into("<H", directory, at + _RECORD_FLAGS, flags & ~UTF8_FLAG)
            yield offset
        _mend_extra(directory, extra_at, min(extra_at + extra_size, len(directory)))
        at = extra_at + extra_size + comment_size


def _mend_extra(directory: bytearray, at: int, end: int) -> None:
    while at + 4 <= end:
        kind, size = struct.unpack_from("<HH", directory, at)
        if at + 4 + size > end:
            size = end - at - 4
            struct.pack_into("<H", directory, at + 2, size)
            directory[at : at + 2] = _NO_FIELD
        if kind == UNICODE_PATH and not (size > 5 and _is_utf8(directory[at + 9 : at + 4 + size])):  # noqa: PLR2004
            directory[at : at + 2] = _NO_FIELD
        at += 4 + size


def _is_utf8(raw: bytes | bytearray) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
