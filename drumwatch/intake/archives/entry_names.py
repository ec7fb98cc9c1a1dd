"""The name of an archive's entry as its maker wrote it, from what the formats record of it."""

from __future__ import annotations

import copy
import itertools
import stat
import struct
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from drumwatch.intake.archives import names

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Container, Iterable, Iterator

UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075
_LOCAL_HEADER = struct.Struct("<4s2xH18xHH")
_DOS_FOLDER = 0x10
# In which programs write a name into one of a zip's two lists and not into the other
_CODE_PAGES = (
    *("utf-8", "cp437", "cp850", "cp1252", "cp866", "cp1251", "cp852", "cp1250"),
    *("cp932", "gb18030", "cp949", "big5"),
)


class EntryName(NamedTuple):
    """A name for people, and the bytes in the archive, of which those that are no UTF-8 are surrogates."""

    text: str
    raw: str


def of_zip(info: zipfile.ZipInfo) -> EntryName:
    """Return the name by UTF-8 flag or Unicode path field; only if there is neither, its code page is guessed."""
    raw = _raw_name(info)
    text = info.orig_filename if info.flag_bits & UTF8_FLAG else _unicode_path(info.extra, raw)
    return EntryName(text or names.decoded(raw), raw.decode("utf-8", "surrogateescape"))


def of_other(entry: Any) -> EntryName:  # noqa: ANN401  the binding of libarchive has no types
    """Return the name of an entry that libarchive reads, which gives bytes where it knows no code page."""
    found = entry.pathname or ""
    if isinstance(found, bytes):
        return EntryName(names.decoded(found), found.decode("utf-8", "surrogateescape"))
    return EntryName(str(found), str(found))


def files_in_zip(infos: Iterable[zipfile.ZipInfo]) -> list[tuple[zipfile.ZipInfo, EntryName]]:
    """Return the entries that are no folders, with their names.

    A folder has no content, and ends in a slash or backslash, or has an attribute that says so or other entries in it.
    """
    named = [(info, of_zip(info)) for info in infos]
    empty = {_with_slashes(name.text) for info, name in named if not info.file_size}
    around = {folder for _, name in named for folder in _folders_around(name.text) if folder in empty}
    return [(info, name) for info, name in named if not _is_folder(info, name.text, around)]


def _is_folder(info: zipfile.ZipInfo, name: str, around: Container[str]) -> bool:
    if info.file_size:  # content is never passed over in silence
        return False
    has_attribute = info.external_attr & _DOS_FOLDER or stat.S_ISDIR(info.external_attr >> 16)
    return name.endswith(("/", "\\")) or bool(has_attribute) or _with_slashes(name) in around


def _folders_around(name: str) -> Iterator[str]:
    steps = _with_slashes(name).split("/", names.DEEPEST)  # a deeper name is no name
    return itertools.accumulate(steps[:-1], "{}/{}".format)


def _with_slashes(name: str) -> str:
    return name.replace("\\", "/")


def readable(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Return the entry as `zipfile` opens it if its second name differs only in slashes or code page.

    `zipfile` compares the name in the directory with that in front of the content, and opens no entry for which they differ.
    Raises BadName if these are two names.
    """
    second = _second_name(zipped, info)
    if second is None or second.decoded == info.orig_filename:
        return info
    if not _is_one_name(_raw_name(info), second.raw):
        raise names.BadName(
            f"the archive also calls it {names.shown(second.decoded)}: one of the two names is wrong"
        )
    opened = copy.copy(info)
    opened.orig_filename = second.decoded
    return opened


class _SecondName(NamedTuple):
    raw: bytes
    decoded: str  # as `zipfile` does it


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of the name; zipfile decodes names without the UTF-8 flag as cp437, which is lossless."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_FLAG else "cp437")


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in Info-ZIP's Unicode path field; empty without one, or if it belongs to a name before a renaming."""
    for kind, field in _fields(extra):
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:  # noqa: PLR2004  version and CRC
            (crc,) = struct.unpack_from("<I", field, 1)
            try:
                return field[5:].decode() if crc == zlib.crc32(raw) else ""
            except UnicodeDecodeError:
                return ""
    return ""


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _second_name(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> _SecondName | None:
    file = zipped.fp
    if file is None:
        return None
    file.seek(info.header_offset)
    head = file.read(_LOCAL_HEADER.size)
    if len(head) < _LOCAL_HEADER.size:
        return None
    signature, flags, length, _ = _LOCAL_HEADER.unpack(head)
    raw = file.read(length)
    if signature != b"PK\3\4" or len(raw) != length:
        return None
    try:
        return _SecondName(raw, raw.decode("utf-8" if flags & UTF8_FLAG else "cp437"))
    except UnicodeDecodeError:
        return None


def _is_one_name(one: bytes, other: bytes) -> bool:
    readings = (set(map(_plain, _readings(raw))) for raw in (one, other))
    return bool(set.intersection(*readings))


def _readings(raw: bytes) -> Iterator[str]:
    for page in _CODE_PAGES:
        try:
            yield raw.decode(page)
        except UnicodeDecodeError:
            continue


def _plain(name: str) -> str:
    steps = itertools.filterfalse(lambda step: step in ("", "."), _with_slashes(name).split("/"))
    return unicodedata.normalize("NFC", "/".join(steps))
