"""Restore the exact original bytes of a tagged file: usually a few bytes before and after the samples are stored."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_KEPT = 64 << 20  # bytes; a patch is held in memory
LARGEST_FILE = 1 << 62

Span = tuple[int, int]  # offset and size


@dataclass(frozen=True, slots=True)
class Patch:
    """The original is `head`, then `size` bytes of the tagged file from offset `at`, then `tail`."""

    head: bytes
    tail: bytes
    at: int = 0
    size: int = 0


def between(original: int, tagged: int, span: Span | None, tagged_span: Span | None) -> Patch | None:
    """Return the patch from the tagged to the original file, both open, or None if it would exceed MAX_KEPT bytes.

    If the samples are not in one piece, the patch holds the whole original.
    """
    end = disk.file_status(original).st_size
    at, size, tagged_at = 0, 0, 0
    if span and tagged_span and _same_sound(original, tagged, span, tagged_span):
        (at, size), tagged_at = span, tagged_span[0]
    if end - size > MAX_KEPT:
        return None
    tail = disk.read(original, at + size, end - at - size)
    return Patch(disk.read(original, 0, at), tail, tagged_at, size)


def pieces(patch: Patch, tagged: int) -> Iterator[bytes]:
    """Yield the original's bytes in pieces of at most CHUNK bytes from the tagged file."""
    yield patch.head
    yield from _chunks(tagged, patch.at, patch.size)
    yield patch.tail


def original_hash(patch: Patch, tagged: int) -> str:
    """Return the hash of the bytes that the patch restores."""
    digest = disk.new_digest()
    for piece in pieces(patch, tagged):
        digest.update(piece)
    return digest.hexdigest()


def to_text(patch: Patch) -> str:
    """Return the patch as JSON with compressed bytes."""
    packed = {"head": _packed(patch.head), "tail": _packed(patch.tail), "at": patch.at, "size": patch.size}
    return json.dumps(packed)


def from_text(text: str) -> Patch:
    """Return the patch from its JSON; raises ValueError if the text is no patch."""
    try:
        packed = json.loads(text)
        at, size = int(packed["at"]), int(packed["size"])
        if not 0 <= at <= at + size <= LARGEST_FILE:
            raise ValueError(f"not a patch: {size} bytes from {at}")
        return Patch(_unpacked(packed["head"]), _unpacked(packed["tail"]), at, size)
    except (KeyError, TypeError, OverflowError, zlib.error) as exc:
        raise ValueError("not a patch") from exc


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def _same_sound(original: int, tagged: int, span: Span, tagged_span: Span) -> bool:
    if span[1] != tagged_span[1]:
        return False
    both = zip(_chunks(original, *span), _chunks(tagged, *tagged_span), strict=True)
    return all(one == other for one, other in both)


def _chunks(fd: int, at: int, size: int) -> Iterator[bytes]:
    """Yield the bytes of a range; ends with the file, because a damaged journal may name an enormous range."""
    end = min(at + size, disk.file_status(fd).st_size)
    for offset in range(at, end, disk.CHUNK):
        yield disk.read(fd, offset, min(disk.CHUNK, end - offset))
