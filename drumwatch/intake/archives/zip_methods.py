"""The methods by which the members of a zip are packed: which of them are read, and by what."""

from __future__ import annotations

import ctypes
import zipfile
from typing import TYPE_CHECKING, Any

from drumwatch.intake import archive_readers
from drumwatch.intake.archives import reasons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

CHUNK = 1 << 18
ENCRYPTED = 0x1
_AES = 99
_ZSTANDARD = 93
_READ = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
if hasattr(zipfile, "ZIP_ZSTANDARD"):  # since Python 3.14
    _READ.add(_ZSTANDARD)
_READ_BY_LIBARCHIVE = {95, 98}
_NAMES = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    10: "DCL Implode",
    _ZSTANDARD: "Zstandard",
    94: "MP3",
    95: "XZ",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
}


def is_read(info: zipfile.ZipInfo) -> bool:
    """Return whether Python's zipfile unpacks this method."""
    return info.compress_type in _READ


def obstacle(info: zipfile.ZipInfo) -> str:
    """Return why this member cannot be read: it is locked, or its method is unknown; empty if it can."""
    if info.flag_bits & ENCRYPTED or info.compress_type == _AES:
        return reasons.LOCKED
    if is_read(info):
        return ""
    called = f"it is packed by {_NAMES.get(info.compress_type, f'method {info.compress_type}')}"
    if info.compress_type not in _READ_BY_LIBARCHIVE:
        return f"{called}, which drumwatch does not read: {reasons.YOURSELF} (7-Zip reads it)"
    missing = archive_readers.readers()
    return "" if missing == "there" else f"{called}, and {archive_readers.how_to_get(missing)}"


def blocks_of(entry: Any) -> Iterator[bytes]:  # noqa: ANN401  the binding has no types
    """Yield the content of an entry of libarchive; raises CannotRead where it ends with a warning, as about its check sum.

    The binding's own method takes a warning for a number of bytes.
    """
    from libarchive import ffi  # noqa: PLC0415

    buffer = ctypes.create_string_buffer(CHUNK)
    while (count := ffi.read_data(entry._archive_p, buffer, CHUNK)) > 0:  # noqa: SLF001
        yield buffer.raw[:count]
    if count < 0:
        raise reasons.CannotRead(reasons.CHECK_SUM)


class LibarchiveZip:
    """Reads the members of a zip through libarchive, which gives them in the order in which they are stored."""

    def __init__(self, archive: Path, infos: Iterable[zipfile.ZipInfo]) -> None:
        self._archive = archive
        ordered = sorted(infos, key=lambda info: info.header_offset)
        self._positions = {info.header_offset: at for at, info in enumerate(ordered)}

    def reader_of(self, info: zipfile.ZipInfo) -> Callable[[], Iterable[bytes]]:
        """Return what gives the content of this member, and raises CannotRead."""
        return lambda: self._chunks(self._positions[info.header_offset])

    def _chunks(self, position: int) -> Iterator[bytes]:
        import libarchive  # noqa: PLC0415  an extra, and only for those who need it

        try:
            with libarchive.file_reader(str(self._archive), "zip_seekable") as entries:
                for at, entry in enumerate(entries):
                    if at == position:
                        yield from blocks_of(entry)
                        return
        except libarchive.ArchiveError as exc:
            raise reasons.CannotRead(reasons.CONTENT) from exc
        raise reasons.CannotRead(reasons.CONTENT)
