"""Check whether an audio file is complete, from its header and its end only; no size in the file is believed unchecked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from drumwatch.containers import chunked, foreign, mpeg, outside_tags, streams
from drumwatch.containers.chunked import Chunk, chunks
from drumwatch.containers.source import NotWhole, Source, look_into, opened

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FOREIGN",
    "HEAD_BYTES",
    "Chunk",
    "Form",
    "NotWhole",
    "check_whole",
    "chunks",
    "difference_outside_tags",
    "form_of",
    "id3_bytes",
    "inspect",
    "payload_span",
    "sniff",
]

FOREIGN = foreign.NAMES  # formats that libsndfile does not decode, with the names by which people know them

HEAD_BYTES = 40  # bytes at the beginning of a file that `sniff` needs


def sniff(head: bytes) -> str | None:
    """Return the format that a file's first bytes announce, or None for any other, as text or an AppleDouble file."""
    if head[8:12] == b"WAVE" and head[:4] in _WAVE_IDS:
        return _WAVE_IDS[head[:4]]
    if head.startswith(b"FORM"):
        return {b"AIFF": "aiff", b"AIFC": "aifc"}.get(head[8:12])
    if head.startswith(chunked.W64_RIFF) and head[24:40] == chunked.W64_WAVE:
        return "w64"
    if head.startswith(b"ID3") or streams.mp3_frame_bytes(head[:4]):
        return "mp3"
    return {b"fLaC": "flac", b"OggS": "ogg", b"caff": "caf"}.get(head[:4]) or foreign.sniff(head)


def form_of(path: Path) -> str | None:
    """Return the format of a file, also behind an ID3 tag and behind what stands before the first frame of an MP3."""
    with opened(path) as source:
        return _identify(source)[0]


def id3_bytes(file: BinaryIO) -> int:
    """Return the size in bytes of the ID3v2 tag with which an open file begins, or 0 if there is none."""
    return streams.after_first_id3(look_into(file))


class Form(NamedTuple):
    """What a whole audio file is, and how a decoder has to read it."""

    name: str  # as `sniff` returns it
    start: int  # offset in bytes of the format's own header
    oddity: str  # what decoders forgive, but a file which is still being written has too; else ""
    overlay: tuple[int, bytes] | None = None  # a place in the header, and the bytes that have to stand there
    beginning: tuple[int, bytes] | None = None  # an offset, and the bytes instead of all that precedes it
    seconds: float | None = None  # the length, of a format whose decoder does not know it


def inspect(path: Path, *, for_decoder: bool = False) -> Form:
    """Return what the file is; raises NotWhole with the reason if sound is missing, as far as the file's own structure tells.

    With `for_decoder`, the last three fields are set where a decoder needs them, for which more of the file may be read.
    """
    with opened(path) as source:
        form, start = _identify(source)
        if form is None:
            raise source.not_whole(
                "is not an audio file that drumwatch reads (WAV, AIFF, FLAC, Ogg, MP3, CAF, W64)"
            )
        inner = source.after(start)
        if form in chunked.GRAMMARS:
            oddity = chunked.check(inner, form)
        else:
            oddity = foreign.check(inner, form) if form in FOREIGN else _STREAM_CHECKS[form](source, start)
        found = Form(form, start, oddity)
        return _for_decoder(source, found) if for_decoder else found


def _for_decoder(source: Source, form: Form) -> Form:
    match form.name:
        case "flac":
            return form._replace(overlay=streams.flac_length(source, form.start))
        case "mp3":
            return form._replace(beginning=mpeg.beginning(source, form.start))
        case "bw64":
            return form._replace(overlay=(form.start, chunked.older_id(source.after(form.start))))
        case "aac":
            return form._replace(seconds=foreign.adts_seconds(source.after(form.start)))
    return form


def check_whole(path: Path) -> str:
    """Raise NotWhole with the reason if sound is missing, as far as the file's own structure tells.

    Returns a remark about an oddity that decoders forgive, but that a file which is still being written has too; else "".
    """
    return inspect(path).oddity


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


def difference_outside_tags(original: BinaryIO, tagged: BinaryIO, name: str) -> str:
    """Return what differs between a file and its tagged copy outside the tags, as words for a message; "" if nothing does.

    `name` is the file's name for the message of NotWhole, which is raised if one of the two breaks a rule of its format.
    """
    one, other = (replace(look_into(file), name=name) for file in (original, tagged))
    form = _identify(one)[0]
    return outside_tags.difference(one, other, form) if _identify(other)[0] == form else "its format"


_WAVE_IDS = {b"RIFF": "wav", b"RIFX": "rifx", b"RF64": "rf64", b"BW64": "bw64"}
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
    is_other = inner in chunked.GRAMMARS or inner in FOREIGN or inner == "flac"
    return (inner, start) if is_other else ("mp3", start)
