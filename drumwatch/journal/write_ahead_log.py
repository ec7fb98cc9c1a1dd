"""Reads the pages that are committed in a write-ahead log of SQLite, also where parts of the log are damaged.

The format is described at https://sqlite.org/walformat.html. SQLite itself stops at the first frame that is damaged.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER, FRAME_HEADER = 32, 24  # bytes
LITTLE_ENDIAN, BIG_ENDIAN = 0x377F0682, 0x377F0683  # the byte order of the checksums, not of the header
PAGE_SIZES = frozenset(2**power for power in range(9, 17))

Checksum = tuple[int, int]


class LogContent(NamedTuple):
    """The committed pages of a log by their number, and whether SQLite does not see all of them."""

    pages: dict[int, bytes]
    page_size: int = 0  # 0 if the log does not say it
    damaged: bool = False


class _Frame(NamedTuple):
    page: int
    commits: bool
    salt: bytes
    stored: Checksum
    checked: bytes  # what the checksum is of
    content: bytes


class _Header(NamedTuple):
    page_size: int
    order: str
    salt: bytes
    checksum: Checksum


NOTHING = LogContent({})


def read_log(data: bytes, page_size: int) -> LogContent:
    """Return what is committed in the bytes of a log; `page_size` is that of the database, for a log that has lost its header."""
    if not data:
        return NOTHING
    header = _header(data)
    size, order = (header.page_size, header.order) if header else (page_size, "<")
    frames = _frames(data, size)
    # Frames with another salt are of an earlier log, and older than the database. Without the header, the first frame tells.
    salt = header.salt if header else b"".join(frame.salt for frame in frames[:1])
    before = header.checksum if header else None
    pages: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    gap, damaged = header is None, header is None
    for frame in frames:
        good = (
            before is not None
            and frame.salt == salt
            and _checksum(frame.checked, order, before) == frame.stored
        )
        before = frame.stored  # a frame after a damaged one is checked from that one's own sum
        if not good:
            gap = True
            continue
        pending[frame.page] = frame.content
        if frame.commits:  # frames without one are of a transaction that was rolled back
            damaged |= gap
            pages |= pending
            pending.clear()
    return LogContent(pages, header.page_size if header else 0, damaged)


def _header(data: bytes) -> _Header | None:
    """The header, if it is whole."""
    if len(data) < HEADER:
        return None
    magic, _, page_size, _ = struct.unpack(">4I", data[:16])
    stored: Checksum = struct.unpack(">2I", data[24:HEADER])
    if magic not in (LITTLE_ENDIAN, BIG_ENDIAN) or page_size not in PAGE_SIZES:
        return None
    order = "<" if magic == LITTLE_ENDIAN else ">"
    if _checksum(data[:24], order, (0, 0)) != stored:
        return None
    return _Header(page_size, order, data[16:24], stored)


def _frames(data: bytes, page_size: int) -> list[_Frame]:
    step = FRAME_HEADER + page_size
    return [_frame(data[start : start + step]) for start in range(HEADER, len(data) - step + 1, step)]


def _frame(frame: bytes) -> _Frame:
    page, committed_pages = struct.unpack(">2I", frame[:8])
    stored: Checksum = struct.unpack(">2I", frame[16:FRAME_HEADER])
    content = frame[FRAME_HEADER:]
    return _Frame(page, committed_pages != 0, frame[8:16], stored, frame[:8] + content, content)


def _checksum(data: bytes, order: str, start: Checksum) -> Checksum:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
