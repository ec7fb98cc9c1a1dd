"""The content of an archive in any format, as a sequence of `Member`s that are not yet unpacked."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from drumwatch.core.os_reasons import reason
from drumwatch.intake import archive_readers
from drumwatch.intake.archives import entry_names, kinds, names, reasons, zip_methods
from drumwatch.intake.archives.limits import NotWhole, Refused
from drumwatch.intake.archives.zip_directory import MendedZip
from drumwatch.intake.ignore import is_archive_name, is_audio_name, needs_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from drumwatch.intake.archives.entry_names import EntryName

CHUNK = 1 << 18
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_FATAL = -30  # of libarchive: nothing behind it can be read
_MALFORMED = (NotImplementedError, ValueError, OverflowError, LookupError, struct.error)


@dataclass(frozen=True, slots=True)
class Member:
    """One entry as its header describes it; `chunks` yields its content."""

    name: str
    size: int  # as declared, bytes
    mtime: float | None
    why_not_plain: str  # why it is no plain file, or cannot be read; empty for one that can be unpacked
    chunks: Callable[[], Iterable[bytes]]
    raw_name: str = ""  # the bytes of the name in the archive; those that are no UTF-8 are surrogates


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive declares as a whole before anything is unpacked, and its members."""

    files: int
    size: int
    members: Iterable[Member]


def opened(archive: Path) -> AbstractContextManager[Contents]:
    """Open an archive as what its content shows it to be: a zip, or, if the extra `archives` is installed, what libarchive reads.

    Raises Refused.
    """
    try:
        kind = kinds.kind_of(archive)
    except OSError as exc:
        raise Refused(f"it cannot be opened, because {reason(exc)}") from exc
    is_named_zip = archive.suffix.lower() == ".zip"
    if kind == kinds.ZIP or (is_named_zip and not kind):
        return zip_members(archive)
    return other_members(archive, kind if is_named_zip else "")


@contextlib.contextmanager
def zip_members(archive: Path | BinaryIO) -> Iterator[Contents]:
    """Open a zip by its central directory, so that all members are known before any is read; raises Refused."""
    with _opened_zip(archive) as zipped:
        found = entry_names.files_in_zip(zipped.infolist())
        if not any(_may_hold_sounds(name.text) for _, name in found):
            found = []  # no sounds, so a password does not matter
        obstacles = [zip_methods.obstacle(info) for info, name in found if _may_hold_sounds(name.text)]
        if obstacles and all(obstacles):
            raise Refused(max(set(obstacles), key=obstacles.count))
        if any(info.volume for info, _ in found):
            raise kinds.one_part_of_a_zip(_name_of(archive))
        chunks = _readers(zipped, archive)
        members = [_zip_member(info, name, chunks(info)) for info, name in found]
        yield Contents(len(members), sum(member.size for member in members), members)


def _readers(
    zipped: zipfile.ZipFile, archive: Path | BinaryIO
) -> Callable[[zipfile.ZipInfo], Callable[[], Iterable[bytes]]]:
    """Return what gives for each member the function that reads it: by zipfile, or by libarchive if only that knows the method."""
    others = (
        zip_methods.LibarchiveZip(archive, zipped.infolist()) if isinstance(archive, os.PathLike) else None
    )

    def reader_of(info: zipfile.ZipInfo) -> Callable[[], Iterable[bytes]]:
        if others and not zip_methods.is_read(info):
            return others.reader_of(info)
        return lambda: _zip_chunks(zipped, info)

    return reader_of


@contextlib.contextmanager
def _opened_zip(archive: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    with contextlib.ExitStack() as stack:
        try:
            zipped = stack.enter_context(zipfile.ZipFile(archive))
        except (zipfile.BadZipFile, UnicodeDecodeError):  # perhaps for one bad name
            file = stack.enter_context(open(archive, "rb")) if isinstance(archive, os.PathLike) else archive
            zipped = stack.enter_context(_mended_zip(file, archive))
        except _MALFORMED as exc:  # zipfile does not check the directory before it uses it
            raise Refused(reasons.NO_LIST) from exc
        yield zipped


def _mended_zip(file: BinaryIO, archive: Path | BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(cast("BinaryIO", MendedZip(file)))
    except zipfile.BadZipFile as exc:
        raise _broken(exc, archive) from exc
    except _MALFORMED as exc:
        raise Refused(reasons.NO_LIST) from exc


def _may_hold_sounds(name: str) -> bool:
    name = name.rstrip("/\\")
    return is_audio_name(name) or is_archive_name(name) or needs_extra(name)


def _broken(exc: zipfile.BadZipFile, archive: Path | BinaryIO) -> Refused:
    message = str(exc)
    if "not a zip file" in message:
        return NotWhole(reasons.CUT)
    if "multiple disks" in message or "span" in message:
        return kinds.one_part_of_a_zip(_name_of(archive))
    return Refused(reasons.NO_LIST)


def _name_of(archive: Path | BinaryIO) -> str:
    return archive.name if isinstance(archive, os.PathLike) else ""


def _zip_member(info: zipfile.ZipInfo, name: EntryName, chunks: Callable[[], Iterable[bytes]]) -> Member:
    return Member(
        name.text,
        info.file_size,
        _zip_time(info),
        _kind(info.external_attr >> 16) or zip_methods.obstacle(info),
        chunks,
        name.raw,
    )


def _zip_time(info: zipfile.ZipInfo) -> float | None:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return dt.datetime(*info.date_time).timestamp()  # noqa: DTZ001  zips keep local time
    return None


def _zip_chunks(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with zipped.open(entry_names.readable(zipped, info)) as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except names.BadName:
        raise
    except Exception as exc:  # each decompressor has its own
        raise reasons.CannotRead(reasons.why_unreadable(exc)) from exc


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
    it_is = f"it is {called}, whatever its name says, and" if called else ""
    if (missing := archive_readers.readers()) != "there":
        how = archive_readers.how_to_get(missing)
        raise Refused(f"{it_is} {how}" if called else how)
    import libarchive  # noqa: PLC0415  an extra, and only for those who need it

    try:
        with libarchive.file_reader(str(archive)) as entries:
            sizes = [int(entry.size or 0) for entry in entries if not entry.isdir]
        with libarchive.file_reader(str(archive)) as entries:
            members = (_other_member(entry) for entry in entries if not entry.isdir)
            yield Contents(len(sizes), sum(sizes), members)
    except libarchive.ArchiveError as exc:
        raise _why_not_read(exc, it_is) from exc


def _why_not_read(exc: Any, it_is: str) -> Refused:  # noqa: ANN401  the binding has no types
    """Return the refusal that an error of libarchive means: its texts are told apart, and not shown."""
    message = str(exc.msg)
    if _tells_of_a_password(message):
        return Refused(reasons.LOCKED)
    if "multivolume" in message or "multi-volume" in message:
        return Refused(
            f"it is one part of several: join them with the program that split them; {reasons.YOURSELF}"
        )
    if it_is:
        return Refused(f"{it_is} {reasons.DAMAGED}")
    return NotWhole(reasons.ENDS_EARLY)


def _tells_of_a_password(message: str) -> bool:
    return "assphrase" in message or "ncrypt" in message


def _other_member(entry: Any) -> Member:  # noqa: ANN401  the binding has no types
    why_not_plain = "" if entry.isfile else "it is no plain file"
    if entry.issym or entry.linkpath:
        why_not_plain = "it is a link"
    name = entry_names.of_other(entry)
    return Member(
        name.text,
        int(entry.size or 0),
        entry.mtime,
        why_not_plain,
        lambda: _other_chunks(entry),
        name.raw,
    )


def _other_chunks(entry: Any) -> Iterator[bytes]:  # noqa: ANN401
    """Yield the content of an entry; one that is locked, or damaged by itself, costs no other one."""
    import libarchive  # noqa: PLC0415

    try:
        yield from zip_methods.blocks_of(entry)
    except libarchive.ArchiveError as exc:
        if _tells_of_a_password(str(exc.msg)):
            raise reasons.CannotRead(reasons.LOCKED) from exc
        if exc.retcode == _FATAL:
            raise
        raise reasons.CannotRead(reasons.CONTENT) from exc
