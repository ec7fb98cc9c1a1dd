"""Check whether an audio file is complete, from its header and its end only; no size in the file is believed unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.containers import chunked, streams
from drumwatch.containers.chunked import Chunk, chunks
from drumwatch.containers.source import NotWhole, Source, opened

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "HEAD_BYTES",
    "Chunk",
    "NotWhole",
    "check_whole",
    "chunks",
    "flac_length",
    "form_of",
    "payload_span",
    "sniff",
]

HEAD_BYTES = 40  # bytes at the beginning of a file that `sniff` needs


def sniff(head: bytes) -> str | None:
    """Return the format that a file's first bytes announce, or None for any other, as text or an AppleDouble file."""
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"RF64") and head[8:12] == b"WAVE":
        return "rf64"
    if head.startswith(b"FORM"):
        return {b"AIFF": "aiff", b"AIFC": "aifc"}.get(head[8:12])
    if head.startswith(chunked.W64_RIFF) and head[24:40] == chunked.W64_WAVE:
        return "w64"
    if head.startswith(b"ID3") or streams.mp3_frame_bytes(head[:4]):
        return "mp3"
    return {b"fLaC": "flac", b"OggS": "ogg", b"caff": "caf"}.get(head[:4])


def form_of(path: Path) -> str | None:
    """Return the format of a file, also behind an ID3 tag and behind what stands before the first frame of an MP3."""
    with opened(path) as source:
        return _identify(source)[0]


def check_whole(path: Path) -> str:
    """Raise NotWhole with the reason if sound is missing, as far as the file's own structure tells.

    Returns a remark about an oddity that decoders forgive, but that a file which is still being written has too; else "".
    """
    with opened(path) as source:
        form, start = _identify(source)
        if form is None:
            raise source.not_whole(
                "is not an audio file that drumwatch reads (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)"
            )
        if form in chunked.GRAMMARS:
            return chunked.check(source.after(start), form)
        return _STREAM_CHECKS[form](source, start)


def payload_span(path: Path) -> tuple[int, int] | None:
    """Return offset and size in bytes of the encoded sound, or None if it is not in one piece or missing."""
    with opened(path) as source:
        form, start = _identify(source)
        if form in chunked.GRAMMARS:
            span = chunked.span(source.after(start), form)
            return span and (start + span[0], span[1])
        if form == "flac":
            return streams.flac_span(source, start)
        return streams.mp3_span(source, start) if form == "mp3" else None


def flac_length(path: Path) -> tuple[int, bytes] | None:
    """Return the header's field of a FLAC that does not say its length, as offset and as content with the length.

    Returns None if the file says its length, or is no whole FLAC.
    """
    with opened(path) as source:
        form, start = _identify(source)
        return streams.flac_length(source, start) if form == "flac" else None


_STREAM_CHECKS = {"flac": streams.check_flac, "ogg": streams.check_ogg, "mp3": streams.check_mp3}


def _identify(source: Source) -> tuple[str | None, int]:
    """Return the format and the offset at which it begins; an ID3 tag may precede any format."""
    form = sniff(source.read(0, HEAD_BYTES))
    if form is None:
        return ("mp3" if streams.has_mp3_frames(source) else None), 0
    if form != "mp3":
        return form, 0
    start = streams.after_id3(source)
    inner = sniff(source.read(start, HEAD_BYTES))
    return (inner, start) if inner in chunked.GRAMMARS or inner == "flac" else ("mp3", start)
