"""Check whether an audio file is complete, from its header and its end only; no size in the file is believed unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.containers import chunked, streams
from drumwatch.containers.chunked import Chunk, chunks
from drumwatch.containers.source import NotWhole, Source, opened

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HEAD_BYTES", "Chunk", "NotWhole", "check_whole", "chunks", "payload_span", "sniff"]

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


def check_whole(path: Path) -> None:
    """Raise NotWhole with the reason if the file is incomplete, as far as its own structure tells; else return."""
    with opened(path) as source:
        form, start = _identify(source)
        if form is None:
            raise source.not_whole(
                "is not an audio file that drumwatch reads (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)"
            )
        if form in chunked.GRAMMARS:
            chunked.check(source, form)
        else:
            _STREAM_CHECKS[form](source, start)


def payload_span(path: Path) -> tuple[int, int] | None:
    """Return offset and size in bytes of the encoded sound, or None if it is not in one piece or missing."""
    with opened(path) as source:
        form, start = _identify(source)
        if form in chunked.GRAMMARS:
            return chunked.span(source, form)
        if form == "flac":
            return streams.flac_span(source, start)
        return streams.mp3_span(source, start) if form == "mp3" else None


_STREAM_CHECKS = {"flac": streams.check_flac, "ogg": streams.check_ogg, "mp3": streams.check_mp3}


def _identify(source: Source) -> tuple[str | None, int]:
    """Return the format and the offset at which it begins; an ID3 tag may precede a FLAC as well as an MP3."""
    form = sniff(source.read(0, HEAD_BYTES))
    if form != "mp3":
        return form, 0
    start = streams.after_id3(source)
    return ("flac" if source.read(start, 4) == b"fLaC" else "mp3"), start
