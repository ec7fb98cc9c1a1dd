"""MP3 frames: where they begin, and a header with their number where the file has none and its bit rate varies.

Decoders estimate the length of such a file from its first frame, and read no further than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drumwatch.containers.streams import MP3_SEARCH, first_frame, mp3_frame_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.containers.source import Source

FEW_FRAMES = 500  # 13 s; a file whose first frames have one bit rate keeps it
MAX_FRAMES = 1 << 20  # seven hours
MAX_GAPS = 64  # places where a frame is damaged
HEADER = 4
COUNT_MARKS = (b"Xing", b"Info", b"VBRI")
MONO = 3
PLAIN_BIT_RATE = 9  # its code in a header; the frame is long enough for the count


class StreamStart(NamedTuple):
    """Where the frames begin, and the frame to put there instead of what precedes them."""

    offset: int
    frame: bytes


def beginning(source: Source, start: int) -> StreamStart | None:
    """Return what a decoder has to be given at the beginning; None if it finds its way through the file as it is.

    `start` is the offset behind the ID3 tags.
    """
    at = start if mp3_frame_bytes(source.read(start, HEADER)) else first_frame(source, start)
    if at is None:
        return None
    head = source.read(at, HEADER)
    if _has_count(source, at):
        count = b""
    else:
        frames = _count_if_varying(source, at)
        count = counting_frame(head, frames) if frames else b""
    misleads = b"\xff" in source.read(start, at - start)  # a decoder may take it for a frame
    return StreamStart(at, count) if count or misleads else None


def counting_frame(head: bytes, frames: int) -> bytes:
    """Return a silent frame of the same kind as the one with this header, which says how many frames follow."""
    own = bytes([head[0], head[1] | 1, PLAIN_BIT_RATE << 4 | head[2] & 0x0C, head[3]])
    body = bytes(_side_bytes(head)) + b"Xing" + (1).to_bytes(4) + frames.to_bytes(4)
    return (own + body).ljust(mp3_frame_bytes(own), b"\0")


def _side_bytes(head: bytes) -> int:
    """Return the size of the side information behind the header of a frame."""
    is_version_1, is_mono = head[1] & 0x18 == 0x18, head[3] >> 6 == MONO  # noqa: PLR2004
    if is_version_1:
        return 17 if is_mono else 32
    return 9 if is_mono else 17


def _has_count(source: Source, at: int) -> bool:
    return any(mark in source.read(at, 64) for mark in COUNT_MARKS)


def _count_if_varying(source: Source, at: int) -> int:
    """Return the number of frames if their bit rate varies, else 0."""
    rates: set[int] = set()
    count = 0
    for head in _heads(source, at):
        count += 1
        if count <= FEW_FRAMES:
            rates.add(head[2] >> 4)
        elif len(rates) == 1:
            return 0
    return count if len(rates) > 1 else 0


def _heads(source: Source, at: int) -> Iterator[bytes]:
    """Yield the headers of the frames, also behind damaged ones."""
    gaps = 0
    for _ in range(MAX_FRAMES):
        head = source.read(at, HEADER)
        if length := mp3_frame_bytes(head):
            yield head
            at += length
            continue
        gaps += 1
        following = first_frame(source, at) if gaps <= MAX_GAPS and at < source.size else None
        if following is None or following > at + MP3_SEARCH:
            return
        at = following
