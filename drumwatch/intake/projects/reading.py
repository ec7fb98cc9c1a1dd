"""Bounded reading of other people's documents: never more than a limit in memory, whatever the file claims to hold."""

from __future__ import annotations

import os
import stat
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path
    from zipfile import ZipFile

LIMIT = 32 << 20  # bytes of one document, unpacked
HEAD = 4096
_CHUNK = 1 << 16
_DIRECTORY_LIMIT = 4 << 20  # bytes of a zip's list of contents: some 40,000 names
_END_OF_ZIP = 22
_LONGEST_ZIP_COMMENT = 65_535


class Unreadable(Exception):  # noqa: N818  nothing is wrong with the program
    """The document cannot be read, or not to its end; `so_far` is what could be read."""

    def __init__(self, so_far: bytes = b"") -> None:
        super().__init__("cannot be read to its end")
        self.so_far = so_far


def head_of(path: Path, size: int = HEAD) -> bytes:
    """The first bytes of a regular file; empty where it cannot be read."""
    try:
        with _open(path) as file:
            return file.read(size)
    except OSError:
        return b""


def whole(path: Path) -> bytes:
    """The content of a file; `Unreadable` with its beginning where it is larger than the limit."""
    try:
        with _open(path) as file:
            content = file.read(LIMIT + 1)
    except OSError:
        raise Unreadable from None
    if len(content) > LIMIT:
        raise Unreadable(content[:LIMIT])
    return content


def inflated(packed: bytes, *, is_gzip: bool) -> bytes:
    """What is in a gzip or zlib stream; `Unreadable` with its beginning where it is cut, damaged or too large."""
    stream = zlib.decompressobj(31 if is_gzip else 15)
    parts: list[bytes] = []
    size = 0
    for start in range(0, len(packed), _CHUNK):
        try:
            part = stream.decompress(packed[start : start + _CHUNK], LIMIT - size + 1)
        except zlib.error:
            raise Unreadable(b"".join(parts)) from None
        parts.append(part)
        size += len(part)
        if size > LIMIT:
            raise Unreadable(b"".join(parts)[:LIMIT])
        if stream.eof:
            return b"".join(parts)
    raise Unreadable(b"".join(parts))


def zip_members(path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """The members of these names that a zip holds, each within the limit; `Unreadable` where it is no sound zip."""
    try:
        with _open(path) as file:
            return _members(file, wanted)
    except Exception:  # noqa: BLE001  a hostile zip may make zipfile fail in any way
        raise Unreadable from None


def text_of(content: bytes) -> str:
    """The text in a document of unknown encoding: UTF-16 by its mark, UTF-8, else that of western Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _open(path: Path) -> BufferedReader:
    """A regular file, open for reading; a pipe or device is never waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a regular file")
    return os.fdopen(handle, "rb")


def _members(file: BufferedReader, wanted: tuple[str, ...]) -> dict[str, bytes]:
    import zipfile  # noqa: PLC0415  the daemon seldom meets one

    if not _has_small_directory(file):
        raise Unreadable
    with zipfile.ZipFile(file) as archive:
        return {name: _member(archive, name) for name in wanted if name in archive.NameToInfo}


def _member(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise Unreadable
    return content


def _has_small_directory(file: BufferedReader) -> bool:
    """The list of contents is short: `zipfile` reads all of it into memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_OF_ZIP - _LONGEST_ZIP_COMMENT))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    is_large = b"PK\x06\x07" in tail  # the marker of a zip of more than 65,535 members
    file.seek(0)
    return at >= 0 and not is_large and int.from_bytes(tail[at + 12 : at + 16], "little") <= _DIRECTORY_LIMIT
