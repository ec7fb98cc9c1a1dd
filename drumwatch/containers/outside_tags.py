"""Compare a tagged copy with its original byte by byte, in the terms of the container: all but the tags must be the same."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.containers import chunked, streams
from drumwatch.core.formatting import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.containers.source import Source

AT_ONCE = 1 << 20  # bytes that are compared at once
MAX_PAGES = 1 << 18  # of an Ogg file; a day of music has fewer
FLAC_PADDING, FLAC_COMMENT = 1, 4  # types of metadata blocks
COMMENT_PACKET = 1  # the second packet of Vorbis, Opus and FLAC in Ogg
NO_SOUND_YET = {0, 0xFFFF_FFFF_FFFF_FFFF}  # granule positions of pages that hold headers
SOUND_CHUNKS = {b"data", b"SSND"}
ID3_CHUNKS = {"wav": {b"id3 ", b"ID3 "}, "aiff": {b"ID3 "}, "aifc": {b"ID3 "}}


class Part(NamedTuple):
    """Bytes that a tag must not change, and what they are, as words for a message."""

    name: str
    content: bytes


def difference(original: Source, tagged: Source, form: str | None) -> str:
    """Return what differs between two files of this format outside the tags, as words for a message; "" if nothing does.

    Raises NotWhole if a WAV or AIFF breaks a rule of its format.
    """
    parts = _PARTS.get(form or "", _whole)
    for one, other in zip_longest(parts(original), parts(tagged)):
        if one != other:
            return str((one or other).name)
    return ""


def _pieces(source: Source, name: str, begin: int, end: int) -> Iterator[Part]:
    for at in range(begin, end, AT_ONCE):
        yield Part(name, source.read(at, min(AT_ONCE, end - at)))


def _whole(source: Source) -> Iterator[Part]:
    """Yield everything: nobody has a place for tags in such a file."""
    return _pieces(source, "its bytes", 0, source.size)


# WAV and AIFF -----------------------------------------------------------------------------------------------------


def _chunk_parts(form: str) -> Callable[[Source], Iterator[Part]]:
    """Return the parts of a WAV or AIFF: the header without the size, and all chunks but the two that can hold tags."""

    def parts(source: Source) -> Iterator[Part]:
        yield Part("its header", source.read(0, 4) + source.read(8, 4))
        tags_seen = set()
        found = chunked.strict_chunks(source)
        for number, chunk in enumerate(found):
            kind = _kind_of_tags(source, chunk, form)
            if kind and kind not in tags_seen:
                tags_seen.add(kind)
                continue
            end = found[number + 1].offset - 8 if number + 1 < len(found) else source.size
            yield from _pieces(source, _chunk_name(chunk.id), chunk.offset - 8, end)

    return parts


def _kind_of_tags(source: Source, chunk: chunked.Chunk, form: str) -> bytes:
    """Return the kind of tags in this chunk, or b"" if it holds none that drumwatch writes."""
    if chunk.id in ID3_CHUNKS[form]:
        return b"ID3"
    is_info = form == "wav" and chunk.id == b"LIST" and source.read(chunk.offset, 4) == b"INFO"
    return b"INFO" if is_info else b""


def _chunk_name(chunk_id: bytes) -> str:
    if chunk_id in SOUND_CHUNKS:
        return "its samples"
    return f'its chunk "{printable(chunk_id.decode("latin-1").strip())}"'


# FLAC and MP3 -----------------------------------------------------------------------------------------------------


def _flac_parts(source: Source) -> Iterator[Part]:
    """Yield what precedes the FLAC, the metadata blocks except padding and comments, and all from the first frame on."""
    start = streams.after_id3(source)
    yield from _pieces(source, "what stands before it", 0, start + 4)
    seen_comments = False
    frames_at = start + 4
    for block in streams.flac_blocks(source, start + 4):
        if block.offset + block.size > source.size:
            break
        frames_at = block.offset + block.size
        is_comment = block.type == FLAC_COMMENT and not seen_comments
        seen_comments = seen_comments or is_comment
        if not is_comment and block.type != FLAC_PADDING:
            yield Part("its metadata blocks", bytes([block.type]))
            yield from _pieces(source, "its metadata blocks", block.offset, frames_at)
    yield from _pieces(source, "its FLAC frames, or what follows them", frames_at, source.size)


def _mp3_parts(source: Source) -> Iterator[Part]:
    """Yield everything behind the first ID3v2 tag, with the ID3v1, APE or Lyrics tags at the end."""
    return _pieces(
        source, "its MP3 frames, or what follows them", streams.after_first_id3(source), source.size
    )


# Ogg --------------------------------------------------------------------------------------------------------------


def _ogg_parts(source: Source) -> Iterator[Part]:
    """Yield the header packets of the first stream except its comments, then each page without its number and checksum.

    Longer comments move the packets that follow them to other pages, and thus the numbers of all later pages.
    """
    serial = first_number = None
    packet, index, at = bytearray(), 0, 0
    for page in streams.ogg_pages(source, MAX_PAGES):
        at = page.offset + page.size
        whole = source.read(page.offset, page.size)
        serial = page.serial if serial is None else serial
        if page.serial != serial:
            yield Part("another stream in it", whole)
            continue
        if first_number is None and page.granule not in NO_SOUND_YET:
            first_number = page.number
            yield Part("its headers", b"" if index == COMMENT_PACKET else bytes(packet))
        if first_number is not None:
            number = (page.number - first_number) % (1 << 32)
            yield Part("its pages", number.to_bytes(4) + whole[:18] + whole[26:])
            continue
        body = streams.OGG_HEADER + len(page.lacing)
        for length in page.lacing:
            packet += b"" if index == COMMENT_PACKET else whole[body : body + length]
            body += length
            if length < streams.OGG_FULL_SEGMENT:
                yield Part("its headers", bytes(packet))
                packet, index = bytearray(), index + 1
    yield from _pieces(source, "what follows its last page", at, source.size)


_PARTS: dict[str, Callable[[Source], Iterator[Part]]] = {
    **{form: _chunk_parts(form) for form in ID3_CHUNKS},
    "flac": _flac_parts,
    "mp3": _mp3_parts,
    "ogg": _ogg_parts,
}
