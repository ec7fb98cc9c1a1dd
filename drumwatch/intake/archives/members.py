"""The content of an archive in any format, as a sequence of `Member`s that are not yet unpacked."""

from __future__ import annotations

import contextlib
import datetime as dt
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from drumwatch.intake.archives import names
from drumwatch.intake.archives.limits import NotWhole, Refused
from drumwatch.intake.ignore import is_archive_name, is_audio_name, needs_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

CHUNK = 1 << 18
_ENCRYPTED = 0x1
_UTF8 = 0x800
_LOCKED = "it is locked with a password: unpack it yourself, and what comes out will be sorted"
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_HEAD = 512
_PAGE_BEGINS = 32
_FOR_LIBARCHIVE = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x1f\x8b": "a tar.gz archive",
    b"\xfd7zXZ\0": "a tar.xz archive",
}
_MALFORMED = (NotImplementedError, ValueError, OverflowError, LookupError, struct.error)


@dataclass(frozen=True, slots=True)
class Member:
    """One entry as its header describes it; `chunks` yields its content."""

    name: str
    size: int  # as declared, bytes
    mtime: float | None
    why_not_plain: str  # why it is no plain file; empty for one that is
    chunks: Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive declares as a whole before anything is unpacked, and its members."""

    files: int
    size: int
    members: Iterable[Member]


def opened(archive: Path) -> AbstractContextManager[Contents]:
    """Open a zip, or an archive that libarchive reads if the extra `archives` is installed; raises Refused."""
    if archive.suffix.lower() != ".zip":
        return other_members(archive)
    called = _what_it_is_instead(archive)
    if not called:
        return zip_members(archive)
    if called in _FOR_LIBARCHIVE.values():
        return other_members(archive, called)
    raise Refused(f"it is {called}, not a zip: delete it and download the pack again")


def _what_it_is_instead(archive: Path) -> str:
    """Return what the content of a file called .zip shows it to be; empty for a zip, or if that cannot be told."""
    with archive.open("rb") as file:
        head = file.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, called in _FOR_LIBARCHIVE.items():
        if head.startswith(magic):
            return called
    if head[:_PAGE_BEGINS].lower().startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    return "a text" if head[:1] in (b"<", b"{") and b"\0" not in head else ""


@contextlib.contextmanager
def zip_members(archive: Path | BinaryIO) -> Iterator[Contents]:
    """Open a zip by its central directory, so that all members are known before any is read; raises Refused."""
    with _opened_zip(archive) as zipped:
        infos = [info for info in zipped.infolist() if not info.filename.endswith("/")]
        if not any(_may_hold_sounds(_zip_name(info)) for info in infos):
            infos = []  # no sounds, so a password does not matter
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise Refused(_LOCKED)
        members = [_zip_member(zipped, info) for info in infos]
        yield Contents(len(members), sum(member.size for member in members), members)


def _opened_zip(archive: Path | BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except zipfile.BadZipFile as exc:
        raise _broken(exc) from exc
    except _MALFORMED as exc:  # zipfile does not check the directory before it uses it
        raise Refused(f"it is damaged ({exc}): download it again") from exc


def _may_hold_sounds(name: str) -> bool:
    return is_audio_name(name) or is_archive_name(name) or needs_extra(name)


def _broken(exc: zipfile.BadZipFile) -> Refused:
    message = str(exc)
    if "not a zip file" in message:
        return NotWhole("its end is missing: it is cut short, or still being downloaded")
    if "multiple disks" in message or "span" in message:
        return Refused("it is one part of several: join them with the program that split them")
    return Refused(f"it is damaged ({message}): download it again")


def _zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.volume:
        raise Refused("it is one part of several: join them with the program that split them")
    return Member(
        _zip_name(info),
        info.file_size,
        _zip_time(info),
        _kind(info.external_attr >> 16),
        lambda: _zip_chunks(zipped, info),
    )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name as it was written; zipfile decodes names without the UTF-8 flag as cp437, which is lossless."""
    name = info.orig_filename
    return name if info.flag_bits & _UTF8 else names.decoded(name.encode("cp437"))


def _zip_time(info: zipfile.ZipInfo) -> float | None:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return dt.datetime(*info.date_time).timestamp()  # noqa: DTZ001  zips keep local time
    return None


def _zip_chunks(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with zipped.open(info) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _kind(mode: int) -> str:
    """Return why something of this mode is no plain file; archives made on Windows have no mode."""
    if stat.S_IFMT(mode) in (0, stat.S_IFREG):
        return ""
    return "it is a link" if stat.S_ISLNK(mode) else "it is no plain file"


@contextlib.contextmanager
def other_members(archive: Path, called: str = "") -> Iterator[Contents]:
    """Open a 7z, rar or tar through libarchive; each member must be read before the next one is requested.

    The archive is read twice, because most formats have no directory. Raises Refused.
    """
    it_is = f"it is {called}, whatever its name says, and"
    try:
        import libarchive  # noqa: PLC0415  an extra, and only for those who need it
    except (ImportError, AttributeError, OSError) as exc:  # the binding or its library is missing
        raise Refused(
            f"{it_is if called else archive.suffix} needs libarchive: install drumwatch[archives] (and the system's libarchive)"
        ) from exc
    try:
        with libarchive.file_reader(str(archive)) as entries:
            sizes = [int(entry.size or 0) for entry in entries if not entry.isdir]
        with libarchive.file_reader(str(archive)) as entries:
            members = (_other_member(entry) for entry in entries if not entry.isdir)
            yield Contents(len(sizes), sum(sizes), members)
    except libarchive.ArchiveError as exc:
        message = str(exc)
        if "assphrase" in message or "ncrypt" in message:
            raise Refused(_LOCKED) from exc
        if called:
            raise Refused(f"{it_is} it is damaged: download it again") from exc
        raise NotWhole(
            f"it cannot be read to its end ({message}): it is damaged, or still being downloaded"
        ) from exc


def _other_member(entry: Any) -> Member:  # noqa: ANN401  the binding has no types
    why_not_plain = "" if entry.isfile else "it is no plain file"
    if entry.issym or entry.linkpath:
        why_not_plain = "it is a link"
    return Member(
        str(entry.pathname or ""), int(entry.size or 0), entry.mtime, why_not_plain, entry.get_blocks
    )
