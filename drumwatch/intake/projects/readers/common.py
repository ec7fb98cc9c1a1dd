"""The parts that all readers share. A reader yields names as they are written in the document.

It raises `Unreadable` if it cannot continue, `NotThisFormat` if the file only has the ending of the format, and `SelfContained` if the
document needs no other file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.intake.projects.reading import Unreadable, head_of, inflated, text_of, whole
from drumwatch.intake.projects.scanning import names_in_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Reader = Callable[[Path], Iterable[str]]

GZIP = b"\x1f\x8b"


class NotThisFormat(Exception):  # noqa: N818  an expected result, no fault of the program
    """The file only has the ending of the format."""


class SelfContained(Exception):  # noqa: N818
    """The document contains its sounds and needs no other file."""


def text_in(path: Path) -> Iterator[str]:
    """Yield the text of the file in one piece; then raises Unreadable if the file has more."""
    try:
        content = whole(path)
    except Unreadable as exc:
        if exc.so_far:
            yield text_of(exc.so_far)
        raise
    yield text_of(content)


def require(holds: object) -> None:
    """Raise NotThisFormat unless `holds` is true."""
    if not holds:
        raise NotThisFormat


def require_prefix(path: Path, *beginnings: bytes, at: int = 0) -> None:
    """Raise NotThisFormat unless the file has one of these byte strings at offset `at`."""
    require(head_of(path, at + 64)[at:].startswith(beginnings))


def opaque(*beginnings: bytes, at: int = 0) -> Reader:
    """Return a reader for documents that cannot be read: it raises Unreadable."""

    def read(path: Path) -> Iterator[str]:
        if beginnings and head_of(path):
            require_prefix(path, *beginnings, at=at)
        raise Unreadable

    return read


def self_contained(*beginnings: bytes, at: int = 0) -> Reader:
    """Return a reader for documents that contain their sounds: it raises SelfContained."""

    def read(path: Path) -> Iterator[str]:
        if beginnings:
            require_prefix(path, *beginnings, at=at)
        raise SelfContained

    return read


def scanned(*beginnings: bytes, at: int = 0, holds: bytes = b"", opaque_if_empty: bool = False) -> Reader:
    """Return a reader that searches the bytes for strings that end like the name of a sound."""

    def read(path: Path) -> Iterator[str]:
        head = head_of(path)
        if head:
            require(not beginnings or head[at:].startswith(beginnings))
            require(holds in head)
        found = False
        try:
            content = whole(path)
        except Unreadable as exc:
            yield from names_in_binary(exc.so_far)
            raise
        for name in names_in_binary(content):
            found = True
            yield name
        if opaque_if_empty and not found:
            raise Unreadable

    return read


def unpacked(path: Path) -> tuple[bytes, bool]:
    """Return the decompressed content of a gzip file, and whether it is incomplete."""
    try:
        packed, is_cut = whole(path), False
    except Unreadable as exc:
        if not exc.so_far:
            raise
        packed, is_cut = exc.so_far, True
    require(packed.startswith(GZIP))
    try:
        return inflated(packed, is_gzip=True), is_cut
    except Unreadable as exc:
        return exc.so_far, True
