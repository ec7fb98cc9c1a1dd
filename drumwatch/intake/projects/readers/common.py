"""What all readers share. A reader yields names as they are written.

It raises `Unreadable` where it cannot read on, `NotThisFormat` where the file only has the ending of the format, and
`SelfContained` where the document needs no other file.
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


class NotThisFormat(Exception):  # noqa: N818  nothing is wrong with the program
    """The file only has the ending of the format."""


class SelfContained(Exception):  # noqa: N818
    """The document holds its sounds itself, and needs no other file."""


def text_in(path: Path) -> Iterator[str]:
    """The text of the file, in one piece; after it `Unreadable`, where that was not all."""
    try:
        content = whole(path)
    except Unreadable as exc:
        if exc.so_far:
            yield text_of(exc.so_far)
        raise
    yield text_of(content)


def must(holds: object) -> None:
    if not holds:
        raise NotThisFormat


def must_begin(path: Path, *beginnings: bytes, at: int = 0) -> None:
    must(head_of(path, at + 64)[at:].startswith(beginnings))


def opaque(*beginnings: bytes, at: int = 0) -> Reader:
    """A reader for documents that cannot be read."""

    def read(path: Path) -> Iterator[str]:
        if beginnings and head_of(path):
            must_begin(path, *beginnings, at=at)
        raise Unreadable

    return read


def self_contained(*beginnings: bytes, at: int = 0) -> Reader:
    """A reader for documents that hold their sounds themselves."""

    def read(path: Path) -> Iterator[str]:
        if beginnings:
            must_begin(path, *beginnings, at=at)
        raise SelfContained

    return read


def scanned(*beginnings: bytes, at: int = 0, holds: bytes = b"", opaque_if_empty: bool = False) -> Reader:
    """A reader that looks for strings that end like a sound."""

    def read(path: Path) -> Iterator[str]:
        head = head_of(path)
        if head:
            must(not beginnings or head[at:].startswith(beginnings))
            must(holds in head)
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
    """What a gzip file holds, and whether something of it is missing."""
    try:
        packed, is_cut = whole(path), False
    except Unreadable as exc:
        if not exc.so_far:
            raise
        packed, is_cut = exc.so_far, True
    must(packed.startswith(GZIP))
    try:
        return inflated(packed, is_gzip=True), is_cut
    except Unreadable as exc:
        return exc.so_far, True
