"""Read and write genre and keywords in the INFO list of a WAV; every other chunk stays as it is. No library writes this list."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from drumwatch.containers import Chunk, chunks
from drumwatch.core.errors import ActionFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

GENRE, KEYWORDS = b"IGNR", b"IKEY"
HEADER = 8


def read_genre(path: Path) -> str:
    """Return the genre in the INFO list, or an empty string.

    Raises NotWhole if the file breaks a rule of RIFF, and ActionFailed if the list is damaged.
    """
    return text_of(read_items(path), GENRE)


def text_of(items: Iterable[tuple[bytes, bytes]], field: bytes) -> str:
    """Return the text of the first field with this name, or an empty string."""
    return next((text.rstrip(b"\0").decode("utf-8", "replace") for name, text in items if name == field), "")


def read_items(path: Path) -> list[tuple[bytes, bytes]]:
    """Return name and text of each field of the INFO list, none if there is no list; raises as `read_genre` does."""
    with path.open("rb") as file:
        found = info_list(file)
        return info_items(content(file, found)) if found else []


def write_genre(path: Path, genre: str, texts: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Write the genre as `write_fields` writes a field."""
    write_fields(path, {GENRE: genre}, texts)


def write_fields(path: Path, fields: Mapping[bytes, str], texts: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Write fields in place; an empty text removes the field. Chunks behind the list move, unchanged.

    `texts` are further fields, which stand before those of a list that is there already.

    Raises NotWhole if the file breaks a rule of RIFF, and ActionFailed if the list is damaged.
    """
    with path.open("r+b") as file:
        found = info_list(file)
        items = [*texts, *(info_items(content(file, found)) if found else [])]
        for name, text in fields.items():
            items = with_field(items, name, text)
        start = found.offset - HEADER if found else file.seek(0, 2)
        file.seek(padded(found.offset + found.size) if found else start)
        rest = file.read()  # the chunks behind the list, at most the whole sound
        file.seek(start)
        file.write(info_chunk(items) + rest)
        size = file.tell() - HEADER
        file.truncate()
        file.seek(4)
        file.write(size.to_bytes(4, "little"))


def info_list(file: BinaryIO) -> Chunk | None:
    """Return the first LIST chunk of type INFO, or None; raises NotWhole if the file breaks a rule of RIFF."""
    for chunk in chunks(file):
        if chunk.id == b"LIST" and content(file, chunk)[:4] == b"INFO":
            return chunk
    return None


def content(file: BinaryIO, chunk: Chunk) -> bytes:
    """Return the content of a chunk without its header."""
    file.seek(chunk.offset)
    return file.read(chunk.size)


def info_items(listed: bytes) -> list[tuple[bytes, bytes]]:
    """Return name and text of each field in order; raises ActionFailed if a field ends beyond the list."""
    items, offset = [], 4
    while offset < len(listed):
        name, size = (
            listed[offset : offset + 4],
            int.from_bytes(listed[offset + 4 : offset + HEADER], "little"),
        )
        if offset + HEADER + size > len(listed):
            raise ActionFailed("its INFO list is damaged, so it cannot be tagged safely; it was left alone")
        items.append((name, listed[offset + HEADER : offset + HEADER + size]))
        offset = padded(offset + HEADER + size)
    return items


def with_field(items: list[tuple[bytes, bytes]], field: bytes, text: str) -> list[tuple[bytes, bytes]]:
    """Return the fields in the same order with one of them replaced, appended or removed."""
    entry = [(field, text.encode() + b"\0")] if text else []
    position = next((place for place, (name, _) in enumerate(items) if name == field), len(items))
    others = [item for item in items if item[0] != field]
    return [*others[:position], *entry, *others[position:]]


def info_chunk(items: list[tuple[bytes, bytes]]) -> bytes:
    """Return the complete LIST chunk, or nothing if there are no fields."""
    body = b"INFO" + b"".join(
        name + len(text).to_bytes(4, "little") + text + b"\0" * (len(text) % 2) for name, text in items
    )
    return b"LIST" + len(body).to_bytes(4, "little") + body if items else b""


def padded(end: int) -> int:
    """Return the next even offset: chunks are padded to two bytes."""
    return end + end % 2
