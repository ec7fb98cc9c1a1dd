"""Formats that libsndfile does not read: MP4, ADTS, WavPack, ASF, Monkey's Audio and AMR; whether each is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.containers.source import Source

# The names by which people know these formats.
NAMES = {"m4a": "M4A", "aac": "AAC", "wv": "WavPack", "wma": "WMA", "ape": "Monkey's Audio", "amr": "AMR"}
MAX_BOXES = 1 << 16  # of an MP4 at its top level: a fragmented one has some for each second
MAX_BLOCKS = 1 << 16  # of a WavPack: nine hours
MAX_FRAMES = 1 << 21  # of an ADTS stream: twelve hours
UNKNOWN_SAMPLES = 0xFFFFFFFF
ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
ADTS_HEADER = 7
ADTS_SAMPLES = 1024  # of a channel in one raw block
ADTS_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
APE_WITH_DESCRIPTOR = 3980  # versions from this one on say how many bytes each part has
APE_DESCRIPTOR = 52
AMR_FRAMES = (
    12,
    13,
    15,
    17,
    19,
    20,
    26,
    31,
    5,
    6,
    5,
    5,
    0,
    0,
    0,
    0,
)  # bytes by frame type, without the header
AMR_WB_FRAMES = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, 5, 0, 0, 0, 0, 0)
AMR, AMR_WB = b"#!AMR\n", b"#!AMR-WB\n"


def sniff(head: bytes) -> str | None:
    """Return the format that a file's first bytes announce, or None if it is none of these."""
    if head[4:8] == b"ftyp":
        return "m4a"
    if head.startswith(ASF_HEADER):
        return "wma"
    if head.startswith((AMR, AMR_WB)):
        return "amr"
    if _adts_frame_bytes(head[:ADTS_HEADER]):
        return "aac"
    return {b"wvpk": "wv", b"MAC ": "ape", b"ADIF": "aac"}.get(head[:4])


def check(source: Source, form: str) -> str:
    """Raise NotWhole if sound that the header declares is not in the file. Returns ""."""
    return _CHECKS[form](source)


# MP4 --------------------------------------------------------------------------------------------------------------


class _Box(NamedTuple):
    name: bytes
    end: int


def _boxes(source: Source) -> Iterator[_Box]:
    """Yield the boxes at the top level as their headers declare them, up to the last complete header."""
    at = 0
    for _ in range(MAX_BOXES):
        head = source.read(at, 16)
        size = int.from_bytes(head[:4])
        if size == 1:
            size = int.from_bytes(head[8:16])
        elif size == 0:  # to the end of the file
            size = source.size - at
        if len(head) < 8 or size < 8:  # noqa: PLR2004  the header of a box
            return
        at += size
        yield _Box(head[4:8], at)


def _check_mp4(source: Source) -> str:
    seen = set()
    for box in _boxes(source):
        seen.add(box.name)
        if box.end > source.size and box.name in {b"moov", b"mdat", b"moof"}:
            raise source.not_whole("is cut short: its header promises more bytes than it holds")
    if not {b"moov", b"mdat"} <= seen:
        raise source.not_whole("is cut short or damaged: an M4A without an index of its sound")
    return ""


# ADTS -------------------------------------------------------------------------------------------------------------


def _adts_frame_bytes(head: bytes) -> int:
    """Return the length in bytes of the ADTS frame with this header, or 0 if it is none."""
    if len(head) < ADTS_HEADER or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:  # noqa: PLR2004
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > ADTS_HEADER and head[2] >> 2 & 15 < len(ADTS_RATES) else 0


def _check_aac(source: Source) -> str:
    first = _adts_frame_bytes(source.read(0, ADTS_HEADER))
    if first > source.size or source.size < ADTS_HEADER:
        raise source.not_whole("is cut short or damaged: no complete AAC frame in it")
    return ""


def adts_seconds(source: Source) -> float | None:
    """Return the length of an ADTS stream by its frame headers, or None if it has none."""
    at, seconds = 0, 0.0
    for _ in range(MAX_FRAMES):
        head = source.read(at, ADTS_HEADER)
        length = _adts_frame_bytes(head)
        if not length or at + length > source.size:
            break
        seconds += ADTS_SAMPLES * ((head[6] & 3) + 1) / ADTS_RATES[head[2] >> 2 & 15]
        at += length
    return seconds or None


# WavPack, ASF, Monkey's Audio, AMR --------------------------------------------------------------------------------


def _check_wavpack(source: Source) -> str:
    """Raise NotWhole unless the blocks reach the sample that the first one promises."""
    at, promised, reached = 0, UNKNOWN_SAMPLES, 0
    for _ in range(MAX_BLOCKS):
        head = source.read(at, 32)
        if len(head) < 32 or not head.startswith(b"wvpk"):  # noqa: PLR2004  the header of a block
            break
        size = int.from_bytes(head[4:8], "little") + 8
        if at + size > source.size:
            break
        if at == 0:
            promised = int.from_bytes(head[12:16], "little")
        reached = int.from_bytes(head[16:20], "little") + int.from_bytes(head[20:24], "little")
        at += size
    else:
        return ""
    if not reached or (promised != UNKNOWN_SAMPLES and reached < promised):
        raise source.not_whole("is cut short: its last WavPack block is missing or incomplete")
    return ""


def _check_asf(source: Source) -> str:
    header = int.from_bytes(source.read(16, 8), "little")
    data = source.read(header, 24)
    if not data.startswith(ASF_DATA):
        raise source.not_whole("is cut short or damaged: a WMA without sound")
    size = int.from_bytes(data[16:24], "little")
    if size and header + size > source.size:
        raise source.not_whole("is cut short: its header promises more bytes than it holds")
    return ""


def _check_ape(source: Source) -> str:
    head = source.read(0, APE_DESCRIPTOR)
    if len(head) < APE_DESCRIPTOR:
        raise source.not_whole("is cut short: a Monkey's Audio file without a header")
    if int.from_bytes(head[4:6], "little") < APE_WITH_DESCRIPTOR:
        return ""
    sizes = [int.from_bytes(head[at : at + 4], "little") for at in range(8, 36, 4)]
    sizes[4] += sizes.pop(5) << 32
    if sum(sizes) > source.size:
        raise source.not_whole("is cut short: its header promises more bytes than it holds")
    return ""


def _check_amr(source: Source) -> str:
    is_wide = source.read(0, len(AMR_WB)) == AMR_WB
    at = len(AMR_WB if is_wide else AMR)
    kind = source.read(at, 1)
    if not kind or at + 1 + (AMR_WB_FRAMES if is_wide else AMR_FRAMES)[kind[0] >> 3 & 15] > source.size:
        raise source.not_whole("is cut short or damaged: no complete AMR frame in it")
    return ""


_CHECKS: dict[str, Callable[[Source], str]] = {
    "m4a": _check_mp4,
    "aac": _check_aac,
    "wv": _check_wavpack,
    "wma": _check_asf,
    "ape": _check_ape,
    "amr": _check_amr,
}
