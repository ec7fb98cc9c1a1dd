"""The INFO list of a WAV: genre read and written, every other chunk left as it is. No library writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from drumwatch.containers import Chunk, chunks
from drumwatch.errors import ActionFailed

if TYPE_CHECKING:
    from pathlib import Path

GENRE = b"IGNR"
HEADER = 8


def read_genre(path: Path) -> str:
    """The genre in the INFO list; empty where there is none."""
    with path.open("rb") as file:
        found = info_list(file)
        items = info_items(content(file, found)) if found else []
    return next((text.rstrip(b"\0").decode("utf-8", "replace") for name, text in items if name == GENRE), "")


def write_genre(path: Path, genre: str) -> None:
    """Writes the genre in place; an empty one takes the field away. What follows the list moves, unchanged."""
    with path.open("r+b") as file:
        found = info_list(file)
        items = info_items(content(file, found)) if found else []
        start = found.offset - HEADER if found else file.seek(0, 2)
        file.seek(padded(found.offset + found.size) if found else start)
        rest = file.read()  # the chunks behind the list: a one-shot's sound at most
        file.seek(start)
        file.write(info_chunk(with_genre(items, genre)) + rest)
        size = file.tell() - HEADER
        file.truncate()
        file.seek(4)
        file.write(size.to_bytes(4, "little"))


def info_list(file: BinaryIO) -> Chunk | None:
    """The first LIST chunk of form INFO, in a file that keeps every rule of RIFF."""
    for chunk in chunks(file):
        if chunk.id == b"LIST" and content(file, chunk)[:4] == b"INFO":
            return chunk
    return None


def content(file: BinaryIO, chunk: Chunk) -> bytes:
    file.seek(chunk.offset)
    return file.read(chunk.size)


def info_items(listed: bytes) -> list[tuple[bytes, bytes]]:
    """Name and text of each field, in order."""
    items, at = [], 4
    while at < len(listed):
        name, size = listed[at : at + 4], int.from_bytes(listed[at + 4 : at + HEADER], "little")
        if at + HEADER + size > len(listed):
            raise ActionFailed(
                "its INFO list is damaged, so it cannot be tagged safely; it was left as it is"
            )
        items.append((name, listed[at + HEADER : at + HEADER + size]))
        at = padded(at + HEADER + size)
    return items


def with_genre(items: list[tuple[bytes, bytes]], genre: str) -> list[tuple[bytes, bytes]]:
    """The same fields in the same order, the genre changed, added at the end, or gone."""
    entry = [(GENRE, genre.encode() + b"\0")] if genre else []
    at = next((place for place, (name, _) in enumerate(items) if name == GENRE), len(items))
    others = [item for item in items if item[0] != GENRE]
    return [*others[:at], *entry, *others[at:]]


def info_chunk(items: list[tuple[bytes, bytes]]) -> bytes:
    """The whole chunk; nothing at all where no field is left."""
    body = b"INFO" + b"".join(
        name + len(text).to_bytes(4, "little") + text + b"\0" * (len(text) % 2) for name, text in items
    )
    return b"LIST" + len(body).to_bytes(4, "little") + body if items else b""


def padded(end: int) -> int:
    return end + end % 2
