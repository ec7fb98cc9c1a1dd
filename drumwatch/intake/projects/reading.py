"""Read untrusted documents with a limit on memory, whatever size the file declares."""

from __future__ import annotations

import os
import stat
import zlib
from typing import TYPE_CHECKING

from drumwatch.system import cloud_files

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


class Unreadable(Exception):  # noqa: N818  an expected result, no fault of the program
    """The document cannot be read completely; `so_far` holds the part that was read."""

    def __init__(self, so_far: bytes = b"") -> None:
        super().__init__("cannot be read to its end")
        self.so_far = so_far


def head_of(path: Path, size: int = HEAD) -> bytes:
    """Return the first bytes of a regular file; empty if it cannot be read."""
    try:
        with _open(path) as file:
            return file.read(size)
    except OSError:
        return b""


def whole(path: Path) -> bytes:
    """Return the content of a file; raises Unreadable, with the beginning, if it is larger than LIMIT."""
    try:
        with _open(path) as file:
            content = file.read(LIMIT + 1)
    except OSError:
        raise Unreadable from None
    if len(content) > LIMIT:
        raise Unreadable(content[:LIMIT])
    return content


def inflated(packed: bytes, *, is_gzip: bool) -> bytes:
    """Decompress a gzip or zlib stream; raises Unreadable, with the beginning, if it is truncated, damaged or larger than LIMIT."""
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
    """Return the members of a zip that have these names; raises Unreadable if the zip is damaged or a member is larger than LIMIT."""
    try:
        with _open(path) as file:
            return _members(file, wanted)
    except Exception:  # noqa: BLE001  a hostile zip may make zipfile fail in any way
        raise Unreadable from None


def text_of(content: bytes) -> str:
    """Decode a document of unknown encoding: UTF-16 with a byte order mark, UTF-8, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _open(path: Path) -> BufferedReader:
    """Open a regular file for reading, without blocking on a pipe or device."""
    cloud_files.require_here(path)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not a regular file")
    return os.fdopen(handle, "rb")


def _members(file: BufferedReader, wanted: tuple[str, ...]) -> dict[str, bytes]:
    import zipfile  # noqa: PLC0415  rarely needed in the daemon

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
    """Return whether the zip's directory is small: `zipfile` reads all of it into memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_OF_ZIP - _LONGEST_ZIP_COMMENT))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    is_large = b"PK\x06\x07" in tail  # the signature of a ZIP64, with more than 65,535 members
    file.seek(0)
    return at >= 0 and not is_large and int.from_bytes(tail[at + 12 : at + 16], "little") <= _DIRECTORY_LIMIT
