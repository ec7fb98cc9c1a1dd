"""Formats made of chunks: WAV, RIFX, RF64, BW64, AIFF, W64 and CAF, which differ only in the layout of a chunk's header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from drumwatch.containers.source import look_into

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.containers.source import Source

MAX_CHUNKS = 4096  # a hostile file may consist of empty chunks; ordinary files have a dozen
FEW = 64  # bytes of sound that some writers promise too many; nobody misses them
SLACK = 8  # bytes; some writers count the RIFF header too, or a last pad byte that they do not write
SOX_STREAMED = 0x7FFFF000  # the data size that sox writes when it cannot seek back to correct it

W64_GUID_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
W64_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
W64_WAVE = b"wave" + W64_GUID_TAIL


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its id, the offset of its content, and the size in bytes that its header declares."""

    id: bytes
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The offset behind the content."""
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class Grammar:
    """The layout of a format's chunk headers, and the two chunks that a sound needs."""

    first: int  # offset of the first chunk's header
    id_bytes: int
    size_bytes: int
    order: Literal["little", "big"]
    align: int
    sound: bytes
    description: bytes
    preamble: int = 0  # bytes at the beginning of the sound chunk that are no samples
    counts_header: bool = False  # sizes include the chunk's own header

    @property
    def header(self) -> int:
        """The size of a chunk's header in bytes."""
        return self.id_bytes + self.size_bytes


RIFF = Grammar(12, 4, 4, "little", 2, b"data", b"fmt ")
RIFX = Grammar(12, 4, 4, "big", 2, b"data", b"fmt ")  # a WAV whose numbers and samples are big-endian
FORM = Grammar(12, 4, 4, "big", 2, b"SSND", b"COMM", preamble=8)
W64 = Grammar(40, 16, 8, "little", 8, b"data" + W64_GUID_TAIL, b"fmt " + W64_GUID_TAIL, counts_header=True)
CAF = Grammar(8, 4, 8, "big", 1, b"data", b"desc", preamble=4)

GRAMMARS = {
    "wav": RIFF,
    "rifx": RIFX,
    "rf64": RIFF,
    "bw64": RIFF,
    "aiff": FORM,
    "aifc": FORM,
    "w64": W64,
    "caf": CAF,
}


def chunks(file: BinaryIO) -> tuple[Chunk, ...]:
    """Return the chunks of a WAV or AIFF that follows every rule of its format, so that it can be rewritten safely.

    Raises NotWhole, which names the broken rule.
    """
    return strict_chunks(look_into(file))


def strict_chunks(source: Source) -> tuple[Chunk, ...]:
    """Return the chunks as `chunks` does."""
    grammar = FORM if source.read(0, 4) == b"FORM" else RIFF
    if source.read(0, 4) not in (b"RIFF", b"FORM"):
        raise source.not_whole("is neither a plain WAV nor an AIFF")
    declared = int.from_bytes(source.read(4, 4), grammar.order) + 8
    if declared != source.size:
        raise source.not_whole(f"says that it has {declared:,} bytes, but has {source.size:,}")
    found = tuple(_walk(source, grammar))
    end = _padded(found[-1].end, grammar) if found else grammar.first
    if end != source.size:
        raise source.not_whole("has a chunk that does not end where the file does")
    return found


def check(source: Source, form: str) -> str:
    """Raise NotWhole if the sound that the header declares is not in the file.

    Returns a remark if a few bytes of it, or bytes behind it, are missing; else "".
    """
    found = {chunk.id: chunk for chunk in reversed(tuple(_walk(source, GRAMMARS[form])))}
    sound = _sound(source, form)
    if sound is None or GRAMMARS[form].description not in found:
        raise source.not_whole("holds no complete sound: it is cut short or damaged")
    if not sound.size:
        raise source.not_whole("holds no sound yet: it is empty, or its writer has not finished the header")
    if sound.end > source.size:
        present = max(0, source.size - sound.offset)
        promise = f"promises {sound.size:,} bytes of sound and holds {present:,}"
        if sound.end > source.size + FEW or present <= GRAMMARS[form].preamble:
            raise source.not_whole(f"is cut short: it {promise}")
        return promise
    declared = _declared(source, form)
    return f"promises {declared:,} bytes and holds {source.size:,}" if declared > source.size + SLACK else ""


def span(source: Source, form: str) -> tuple[int, int] | None:
    """Return offset and size in bytes of the samples, cut at the end of the file; None if there is no sound chunk."""
    sound = _sound(source, form)
    if sound is None:
        return None
    begin = sound.offset + GRAMMARS[form].preamble
    return begin, max(0, min(sound.end, source.size) - begin)


def _walk(source: Source, grammar: Grammar) -> Iterator[Chunk]:
    """Yield the chunks as their headers declare them, up to the last complete header."""
    at = grammar.first
    for _ in range(MAX_CHUNKS):
        head = source.read(at, grammar.header)
        size = int.from_bytes(head[grammar.id_bytes :], grammar.order)
        size -= grammar.header if grammar.counts_header else 0
        if len(head) < grammar.header or size < 0:
            return
        chunk = Chunk(head[: grammar.id_bytes], at + grammar.header, size)
        yield chunk
        at = _padded(chunk.end, grammar)


def _padded(end: int, grammar: Grammar) -> int:
    return end + -end % grammar.align


def _sound(source: Source, form: str) -> Chunk | None:
    """Return the sound chunk with its true size: RF64 keeps it in another chunk, and a streamed file extends to its end."""
    grammar = GRAMMARS[form]
    chunk = next((chunk for chunk in _walk(source, grammar) if chunk.id == grammar.sound), None)
    if chunk is None:
        return None
    if form == "rf64" or (form == "bw64" and _has_ds64(source)):
        return Chunk(chunk.id, chunk.offset, int.from_bytes(source.read(28, 8), "little"))
    if chunk.size == 2 ** (8 * grammar.size_bytes) - 1 or (form == "wav" and chunk.size == SOX_STREAMED):
        return Chunk(chunk.id, chunk.offset, source.size - chunk.offset)
    return chunk


def _has_ds64(source: Source) -> bool:
    """Return whether a BW64 has the chunk with 64-bit sizes, which it needs from 4 GB on."""
    return source.read(12, 4) == b"ds64"


def older_id(source: Source) -> bytes:
    """Return the first four bytes of a BW64 by the name of the older format with the same structure, which decoders know."""
    return b"RF64" if _has_ds64(source) else b"RIFF"


def _declared(source: Source, form: str) -> int:
    """Return the file size in bytes that the header declares, or 0 if it declares none."""
    if form == "caf":
        return 0
    if form == "w64":
        return int.from_bytes(source.read(16, 8), "little")
    if form == "rf64" or (form == "bw64" and _has_ds64(source)):  # the ds64 chunk comes first by definition
        return int.from_bytes(source.read(20, 8), "little") + 8
    size = int.from_bytes(source.read(4, 4), GRAMMARS[form].order)
    streamed = size == 0xFFFFFFFF or (form == "wav" and size >= SOX_STREAMED)  # noqa: PLR2004
    return 0 if streamed else size + 8
