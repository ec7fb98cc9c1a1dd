"""Formats made of frames or pages: FLAC, Ogg and MP3 are complete if their end fits their beginning."""

from __future__ import annotations

import functools
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.containers.source import Source

ID3_HEADER = 10
ID3V1_BYTES = 128
APE_FOOTER = 32
ZEROS_AT_ONCE = 1 << 16
MAX_TAGS = 8  # ID3 tags in a row; no ordinary file has more
MAX_BLOCKS = 1024  # FLAC metadata blocks
MAX_TAIL = 1 << 19  # bytes at the end of a FLAC that are searched for its last frame
MAX_CANDIDATES = 1024  # positions in the tail that begin like a FLAC frame header
MAX_HEADERS = 8  # frame headers with a valid CRC; each costs a CRC over the rest of the tail
OGG_HEADER = 27
OGG_FULL_SEGMENT = 255  # bytes of a segment that another one of the same packet follows
OGG_MAX_PAGE = 27 + 255 + 255 * 255
MP3_SEARCH = 1 << 16  # bytes before the first frame that players skip


def after_id3(source: Source) -> int:
    """Return the offset behind any ID3v2 tags, whatever size they declare."""
    at = 0
    for _ in range(MAX_TAGS):
        size = _id3_bytes(source, at)
        if not size:
            break
        at += size
    return at


def after_first_id3(source: Source) -> int:
    """Return the offset behind the ID3v2 tag at the beginning, or 0 if there is no complete one."""
    size = _id3_bytes(source, 0)
    return size if size <= source.size else 0


def _id3_bytes(source: Source, at: int) -> int:
    """Return the size in bytes of the ID3v2 tag at this offset, or 0 if there is none."""
    head = source.read(at, ID3_HEADER)
    if len(head) < ID3_HEADER or not head.startswith(b"ID3"):
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    footer = ID3_HEADER if head[5] & 0x10 else 0
    return ID3_HEADER + size + footer


# FLAC -------------------------------------------------------------------------------------------------------------


# Block size by its code in a frame header
_BLOCK_SAMPLES = (0, 192, 576, 1152, 2304, 4608, 0, 0, *(256 << n for n in range(8)))


class StreamInfo(NamedTuple):
    """The part of FLAC's STREAMINFO block that concerns the frames."""

    block_size: int
    max_frame_bytes: int  # 0: unknown
    total_samples: int  # 0: unknown
    frames_at: int


def check_flac(source: Source, start: int) -> str:
    """Raise NotWhole unless the last frame is complete and ends at the sample that the header promises.

    `start` is the offset of "fLaC". Tags and zeros may follow the last frame. Returns "".
    """
    info = _stream_info(source, start)
    if info is None or not _starts_frame(source.read(info.frames_at, 2)):
        raise source.not_whole("is cut short or damaged: a FLAC without a first frame")
    if info.max_frame_bytes <= MAX_TAIL and _last_sample(source, info) is None:
        raise source.not_whole("is cut short: its last FLAC frame is missing or incomplete")
    return ""  # frames may be larger than the tail: then only decoding can tell


def flac_length(source: Source, start: int) -> tuple[int, bytes] | None:
    """Return offset and content of the header's field with the length, if it is missing there and can be found."""
    info = _stream_info(source, start)
    if info is None or info.total_samples:
        return None
    total = _last_sample(source, info)
    if total is None or total >= 1 << 36:
        return None
    field = int.from_bytes(source.read(start + 21, 5)) | total
    return start + 21, field.to_bytes(5)


def _last_sample(source: Source, info: StreamInfo) -> int | None:
    """Return the number of samples up to the end of the last frame, or None if that is not where the file ends."""
    end = _before_tags(source, info.frames_at)
    tail_at = max(info.frames_at, end - (info.max_frame_bytes or MAX_TAIL))
    if reached := _ends_with_frame(source.read(tail_at, end - tail_at), info):
        return reached
    filled = _before_zeros(source, info.frames_at, end)
    if filled == end or not info.total_samples:  # room that was made for a download ends with zeros, too
        return None
    end = min(end, _before_tags(source.upto(filled), info.frames_at) + 2)  # a frame's CRC may end with zeros
    tail_at = max(info.frames_at, end - 2 - (info.max_frame_bytes or MAX_TAIL))
    return _ends_with_frame(source.read(tail_at, end - tail_at), info)


def _before_tags(source: Source, begin: int) -> int:
    """Return the offset behind the sound: where an ID3v1 or an APEv2 tag at the end of the file begins."""
    end = source.size
    for _ in range(MAX_TAGS):
        if source.read(max(begin, end - ID3V1_BYTES), 3) == b"TAG":
            end -= ID3V1_BYTES
            continue
        footer = source.read(max(begin, end - APE_FOOTER), APE_FOOTER)
        if not footer.startswith(b"APETAGEX"):
            break
        has_header = footer[23] & 0x80
        end -= int.from_bytes(footer[12:16], "little") + (APE_FOOTER if has_header else 0)
    return max(begin, end)


def _before_zeros(source: Source, begin: int, end: int) -> int:
    """Return the offset behind the last byte before `end` that is not zero."""
    while end > begin:
        at = max(begin, end - ZEROS_AT_ONCE)
        if filled := source.read(at, end - at).rstrip(b"\0"):
            return at + len(filled)
        end = at
    return begin


def flac_span(source: Source, start: int) -> tuple[int, int] | None:
    """Return offset and size in bytes of the frames, or None if there are none."""
    info = _stream_info(source, start)
    if info is None or info.frames_at >= source.size:
        return None
    return info.frames_at, source.size - info.frames_at


def _stream_info(source: Source, start: int) -> StreamInfo | None:
    block = source.read(start + 4, 38)
    if len(block) < 38 or block[0] & 0x7F or int.from_bytes(block[1:4]) != 34:  # noqa: PLR2004  FLAC format
        return None
    total = int.from_bytes(block[17:22]) & 0xF_FFFF_FFFF
    frames_at = _after_blocks(source, start + 4)
    return StreamInfo(int.from_bytes(block[6:8]), int.from_bytes(block[11:14]), total, frames_at)


class Block(NamedTuple):
    """A metadata block of FLAC: its type, and the offset and size in bytes of its content."""

    type: int
    offset: int
    size: int


def flac_blocks(source: Source, at: int) -> Iterator[Block]:
    """Yield the metadata blocks from this offset on; the frames follow the last one."""
    for _ in range(MAX_BLOCKS):
        head = source.read(at, 4)
        block = Block(head[0] & 0x7F if head else 0, at + 4, int.from_bytes(head[1:4]))
        yield block
        at = block.offset + block.size
        if not head or head[0] & 0x80:
            break


def _after_blocks(source: Source, at: int) -> int:
    for block in flac_blocks(source, at):
        at = block.offset + block.size
    return at


def _starts_frame(head: bytes) -> bool:
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xFE == 0xF8  # noqa: PLR2004  FLAC sync code


def _ends_with_frame(tail: bytes, info: StreamInfo) -> int | None:
    """Return the sample behind the complete frame, by its CRC, with which the tail ends; None if it is not the promised one."""
    places = [found.start() for found in re.finditer(rb"\xff[\xf8\xf9]", tail)][-MAX_CANDIDATES:]
    headers = [(at, last) for at in places if (last := _frame_reaches(tail[at : at + 16], info.block_size))]
    for at, last_sample in reversed(headers[-MAX_HEADERS:]):
        if _crc_16(tail[at:]) == 0:
            return last_sample if info.total_samples in (0, last_sample) else None
    return None


def _frame_reaches(head: bytes, block_size: int) -> int | None:
    """Return the number of the sample after the frame with this header, or None if it is no frame header."""
    if not _starts_frame(head) or len(head) < 6 or head[3] & 1:  # noqa: PLR2004
        return None
    number_bytes = max(1, 8 - (head[4] ^ 0xFF).bit_length())  # the frame number has the encoding of UTF-8
    number = _coded_number(head[4 : 4 + number_bytes])
    code, at = head[2] >> 4, 4 + number_bytes
    size_bytes = {6: 1, 7: 2}.get(code, 0)
    samples = int.from_bytes(head[at : at + size_bytes]) + 1 if size_bytes else _BLOCK_SAMPLES[code]
    at += size_bytes + {12: 1, 13: 2, 14: 2}.get(head[2] & 0x0F, 0)
    if samples == 0 or at >= len(head) or _crc(head[: at + 1], _CRC8, 8) != 0:
        return None
    by_sample = head[1] & 1
    return number + samples if by_sample else number * block_size + samples


def _coded_number(code: bytes) -> int:
    number = code[0] if len(code) == 1 else code[0] & (0xFF >> (len(code) + 1))
    for byte in code[1:]:
        number = number << 6 | byte & 0x3F
    return number


def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (bits - 1) & 1 else 0)
        table.append(value & (1 << bits) - 1)
    return tuple(table)


_CRC8 = _crc_table(0x07, 8)
_CRC16 = _crc_table(0x8005, 16)
_CRC32 = _crc_table(0x04C11DB7, 32)
_CRC16_POLYNOMIAL = 0x1_8005


def _crc(content: bytes, table: tuple[int, ...], bits: int) -> int:
    """Return the CRC of the content; it is 0 over a frame that includes its own CRC."""
    value, shift, mask = 0, bits - 8, (1 << bits) - 1
    for byte in content:
        value = (value << 8 & mask) ^ table[(value >> shift) ^ byte]
    return value


def _crc_16(content: bytes) -> int:
    """Return the same as `_crc` with the table of 16 bits, in a fraction of its time for a frame of some kilobytes.

    A CRC is linear, so the first part of the content is moved onto the last 2**k bytes, which become shorter and shorter.
    """
    for k in range((len(content) - 1).bit_length() - 1, 2, -1):
        kept = 1 << k
        head, tail = content[:-kept], content[-kept:]
        high, low = _moved_by(k)
        folded = int.from_bytes(head.translate(high)) << 8 ^ int.from_bytes(head.translate(low))
        content = (folded ^ int.from_bytes(tail)).to_bytes(max(kept, len(head) + 1))
    return _crc(content, _CRC16, 16)


@functools.cache
def _moved_by(k: int) -> tuple[bytes, bytes]:
    """Return, for each byte, the high and the low byte of what it contributes to a CRC-16 when 2**k bytes follow it."""
    factor = 1 << 8  # x**8 modulo the polynomial; each squaring doubles the number of bytes
    for _ in range(k):
        factor = _times(factor, factor)
    moved = [_times(byte, factor) for byte in range(256)]
    return bytes(value >> 8 for value in moved), bytes(value & 0xFF for value in moved)


def _times(a: int, b: int) -> int:
    """Return the product of two polynomials over GF(2), modulo that of the CRC-16."""
    product = 0
    while a:
        product ^= b if a & 1 else 0
        a, b = a >> 1, b << 1
        b ^= _CRC16_POLYNOMIAL if b >> 16 else 0
    return product


# Ogg --------------------------------------------------------------------------------------------------------------


def check_ogg(source: Source, start: int) -> str:
    """Raise NotWhole unless the last page is complete; zeros may follow the page that is marked as the last one.

    Returns a remark if no page is marked so: some writers forget it. Else returns "".
    """
    filled = _before_zeros(source, start, source.size)
    tail_at = max(start, filled - OGG_MAX_PAGE)
    tail = source.read(tail_at, filled - tail_at + OGG_MAX_PAGE)
    page_at = max(0, tail.rfind(b"OggS"))
    page = tail[page_at:]
    is_page = page.startswith(b"OggS") and len(page) >= OGG_HEADER
    size = OGG_HEADER + page[26] + sum(page[27 : 27 + page[26]]) if is_page else 0
    is_last = is_page and page[5] & 0x04
    zeros_follow = tail_at + page_at + size < source.size  # as in room that was made for a download
    if not is_page or len(page) < size or (zeros_follow and not (is_last and _is_sound_page(page[:size]))):
        raise source.not_whole("is cut short: its last Ogg page is missing or incomplete")
    return "" if is_last else "has no page that is marked as the last one"


class OggPage(NamedTuple):
    """A complete page: where it is, and what its header says."""

    offset: int
    size: int
    granule: int
    serial: int
    number: int
    lacing: bytes  # the size of each segment


def ogg_pages(source: Source, most: int) -> Iterator[OggPage]:
    """Yield the complete pages from the beginning on, at most so many; what follows the last one is no complete page."""
    at = 0
    for _ in range(most):
        head = source.read(at, OGG_HEADER)
        if len(head) < OGG_HEADER or not head.startswith(b"OggS"):
            return
        lacing = source.read(at + OGG_HEADER, head[26])
        size = OGG_HEADER + head[26] + sum(lacing)
        if len(lacing) < head[26] or at + size > source.size:
            return
        granule, serial, number = struct.unpack("<QII", head[6:22])
        yield OggPage(at, size, granule, serial, number, lacing)
        at += size


def _is_sound_page(page: bytes) -> bool:
    """Return whether the page's content fits its CRC."""
    return int.from_bytes(page[22:26], "little") == _crc(page[:22] + bytes(4) + page[26:], _CRC32, 32)


# MP3 --------------------------------------------------------------------------------------------------------------

_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES = (44100, 48000, 32000, 0)


def check_mp3(source: Source, start: int) -> str:
    """Raise NotWhole unless there is one complete frame; an MP3 does not declare how many frames it has. Returns ""."""
    if first_frame(source, start) is None:
        raise source.not_whole("is cut short or damaged: no complete MP3 frame in it")
    return ""


def has_mp3_frames(source: Source) -> bool:
    """Return whether three frames in a row begin within the bytes that players skip; rubbish does not look like that."""
    at = -1
    region = source.read(0, MP3_SEARCH)
    while (at := region.find(b"\xff", at + 1)) >= 0:
        first = mp3_frame_bytes(region[at : at + 4])
        second = mp3_frame_bytes(source.read(at + first, 4)) if first else 0
        if second and mp3_frame_bytes(source.read(at + first + second, 4)):
            return True
    return False


def mp3_span(source: Source, start: int) -> tuple[int, int] | None:
    """Return offset and size in bytes from `start` to the end without an ID3v1 tag, or None if that is empty."""
    end = source.size - (ID3V1_BYTES if _has_id3v1(source) else 0)
    return (start, end - start) if end > start else None


def mp3_frame_bytes(head: bytes) -> int:
    """Return the length in bytes of the layer III frame with this header, or 0 if it is none.

    Layer I is excluded because a UTF-16 byte order mark looks like it.
    """
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:  # noqa: PLR2004
        return 0
    version_1 = head[1] & 0x18 == 0x18  # noqa: PLR2004
    bitrate = (_BITRATES_1 if version_1 else _BITRATES_2)[head[2] >> 4]
    rate = _RATES[head[2] >> 2 & 3] >> (0 if version_1 else 1 if head[1] & 0x10 else 2)
    if not bitrate or not rate:
        return 0
    return (144 if version_1 else 72) * bitrate * 1000 // rate + (head[2] >> 1 & 1)


def first_frame(source: Source, start: int) -> int | None:
    """Return the offset of the first frame that is followed by another one or by the end of the file."""
    region = source.read(start, MP3_SEARCH)
    at = -1
    while (at := region.find(b"\xff", at + 1)) >= 0:
        length = mp3_frame_bytes(region[at : at + 4])
        if not length or start + at + length > source.size:
            continue
        after = source.read(start + at + length, 4)
        if mp3_frame_bytes(after) or len(after) < 4 or after[:3] == b"TAG":  # noqa: PLR2004
            return start + at
    return None


def _has_id3v1(source: Source) -> bool:
    return source.size > ID3V1_BYTES and source.read(source.size - ID3V1_BYTES, 3) == b"TAG"
