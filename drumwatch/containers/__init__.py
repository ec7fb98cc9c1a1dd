"""What a file's header claims, and whether the file is all there. Reads heads and tails only, and trusts no size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.containers import chunked, streams
from drumwatch.containers.chunked import Chunk, chunks
from drumwatch.containers.source import NotWhole, Source, opened

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HEAD_BYTES", "Chunk", "NotWhole", "check_whole", "chunks", "payload_span", "sniff"]

HEAD_BYTES = 40  # enough of a file's beginning for `sniff`


def sniff(head: bytes) -> str | None:
    """The format that a file's first bytes announce, or None: text, AppleDouble shadows, and what we do not hear."""
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


def check_whole(path: Path) -> None:
    """Return if the file is all there, as far as its own header tells; else NotWhole says what is missing."""
    with opened(path) as source:
        form, start = _identify(source)
        if form is None:
            raise source.not_whole(
                "is not an audio file that drumwatch hears (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)"
            )
        if form in chunked.GRAMMARS:
            chunked.check(source, form)
        else:
            _STREAM_CHECKS[form](source, start)


def payload_span(path: Path) -> tuple[int, int] | None:
    """Offset and size of the bytes that are the sound; None where they do not lie in one piece, or nowhere."""
    with opened(path) as source:
        form, start = _identify(source)
        if form in chunked.GRAMMARS:
            return chunked.span(source, form)
        if form == "flac":
            return streams.flac_span(source, start)
        return streams.mp3_span(source, start) if form == "mp3" else None


_STREAM_CHECKS = {"flac": streams.check_flac, "ogg": streams.check_ogg, "mp3": streams.check_mp3}


def _identify(source: Source) -> tuple[str | None, int]:
    """Format and where it begins; an ID3 tag in front hides a FLAC as often as an MP3."""
    form = sniff(source.read(0, HEAD_BYTES))
    if form != "mp3":
        return form, 0
    start = streams.after_id3(source)
    return ("flac" if source.read(start, 4) == b"fLaC" else "mp3"), start
