"""Unpack an archive into a folder, or refuse it and leave nothing; the content is counted while it is copied."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from drumwatch.core.os_reasons import reason
from drumwatch.intake import extra_formats
from drumwatch.intake.archives import names
from drumwatch.intake.archives.limits import Budget, Limits, NoRoom, Refused, TooMuch
from drumwatch.intake.archives.members import UNREADABLE, Contents, Member, opened, zip_members
from drumwatch.intake.archives.new_files import NewFiles, free
from drumwatch.intake.archives.reasons import TOO_LONG, CannotRead, why_unreadable
from drumwatch.intake.ignore import is_audio_name, is_ignored_folder, is_ignored_name, is_package, needs_extra
from drumwatch.intake.projects import is_marker_name
from drumwatch.system.disk_space import free_bytes
from drumwatch.system.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST_MARKER = 1 << 16  # bytes; a file of git, or an empty one made by the user


@dataclass(slots=True)
class Unpacked:
    """The result: counts, and the members that were left out, by name with the reason."""

    files: int = 0
    sounds: int = 0
    size: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    in_packages: dict[str, int] = field(
        default_factory=dict
    )  # sounds by the `Song.logicx` that they stay packed in
    # The name of a file in the archive, by its path in the folder, where these differ; bytes that are no UTF-8 are surrogates
    names_in_archive: dict[str, str] = field(default_factory=dict)
    unheard: dict[str, list[str]] = field(
        default_factory=dict
    )  # names of sounds that need an extra, by format


def unpack(archive: Path, folder: Path, limits: Limits, *, only_portable: bool = False) -> Unpacked:
    """Unpack everything but system files into a new folder; raises Refused, and then removes the folder.

    With `only_portable`, all names are made portable, else only those that the disk refuses.
    """
    try:
        packed = os.path.getsize(archive)
    except OSError as exc:
        raise Refused(f"it cannot be opened, because {reason(exc)}") from exc
    try:
        os.makedirs(folder)
        found = Unpacked()
        files = NewFiles(folder, only_portable, found.names_in_archive)
        budget = Budget(limits, packed)
        with opened(archive) as contents:
            _Unpacker(folder, files, budget, found, RateLimit(limits.rate)).take_all(contents, nested=True)
    except OSError as exc:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoRoom(f"it could not be unpacked to {folder.parent}, because {reason(exc)}") from exc
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    found.size = budget.size
    for form, inside in found.unheard.items():  # one sentence for all of a format
        found.refused.append((inside[0], extra_formats.advice({form: len(inside)})))
    return found


@dataclass(frozen=True, slots=True)
class _Unpacker:
    """One archive that is unpacked into one folder; of an archive in it, `inside` are its folder and its name there."""

    folder: Path
    files: NewFiles
    budget: Budget
    found: Unpacked
    rate_limit: RateLimit
    inside: tuple[tuple[str, ...], str] = ((), "")

    def take_all(self, contents: Contents, *, nested: bool) -> None:
        """Unpack all members; raises Refused before the first byte is written if there are too many, or no space."""
        self.budget.check(files=contents.files, size=contents.size)
        free = free_bytes(self.folder) - self.budget.limits.min_free
        if contents.size > free:
            raise NoRoom(
                f"what is in it takes {contents.size / 1e6:.0f} MB, and {max(0, free) / 1e6:.0f} MB may be used"
                f" on the disk of {self.folder.parent}: free some space there"
            )
        for member in contents.members:
            self._take(member, nested=nested)

    def _take(self, member: Member, *, nested: bool) -> None:
        try:
            steps = names.parts(member.name)
        except names.BadName as exc:
            self._leave_out(member, str(exc))
            return
        if names.is_junk(steps):
            self._count_in_package(steps)
            self._keep_marker(member, steps)
            return
        if member.why_not_plain:
            self._leave_out(member, member.why_not_plain)
            return
        self.budget.one_more_file()
        if path := self._copied(member, steps):
            self.found.files += 1
            self.found.sounds += is_audio_name(path.name)
            if needs_extra(path.name):
                self.found.unheard.setdefault(extra_formats.format_name(path.name), []).append(member.name)
            if path.suffix.lower() == ".zip" and nested:
                self._open_inner(member, path)

    def _count_in_package(self, steps: tuple[str, ...]) -> None:
        depth = next((n for n, step in enumerate(steps[:-1]) if is_ignored_folder(step)), None)
        if depth is None or not is_package(steps[depth]):
            return
        is_hidden = any(is_ignored_folder(step) and not is_package(step) for step in steps[:-1])
        if is_audio_name(steps[-1]) and not is_ignored_name(steps[-1]) and not is_hidden:
            package = os.fspath(self.files.place_of([*self.inside[0], *steps[: depth + 1]]))
            self.found.in_packages[package] = self.found.in_packages.get(package, 0) + 1

    def _keep_marker(self, member: Member, steps: tuple[str, ...]) -> None:
        """Keep what marks a project for the survey: a hidden folder or bundle as an empty folder, a small file as it is."""
        depth = next((n for n, step in enumerate(steps) if is_marker_name(step)), None)
        if depth is None or member.why_not_plain:
            return
        if depth < len(steps) - 1:
            with contextlib.suppress(names.BadName):
                self.files.make_folder([*self.inside[0], *steps[: depth + 1]])
        elif member.size <= LARGEST_MARKER and not os.path.lexists(self.folder.joinpath(*steps)):
            self.budget.one_more_file()
            self._copied(member, steps)

    def _leave_out(self, member: Member, why: str) -> None:
        self.found.refused.append((member.name, why))

    def _copied(self, member: Member, steps: tuple[str, ...]) -> Path | None:
        """Return the member's file; if it cannot be read, note that and return None."""
        folder, archive = self.inside
        try:
            path, descriptor = self.files.create(
                [*folder, *steps], archive + (member.raw_name or member.name)
            )
        except names.BadName as exc:
            self._leave_out(member, str(exc))
            return None
        except OSError as exc:
            raise self._no_room(exc) from exc
        try:
            with open(descriptor, "wb") as file:
                for chunk in _no_more_than(member.chunks(), member.size):
                    self.budget.more_bytes(len(chunk))
                    file.write(chunk)
                    self._limit_rate(len(chunk))
                _set_time(file, member.mtime)
        except UNREADABLE as exc:
            self.files.remove(path)
            if isinstance(exc, OSError) and exc.errno is not None:
                raise self._no_room(exc) from exc
            self._leave_out(member, why_unreadable(exc))
            return None
        return path

    def _no_room(self, exc: OSError) -> NoRoom:
        return NoRoom(f"it could not be unpacked to {self.files.folder.parent}, because {reason(exc)}")

    def _limit_rate(self, size: int) -> None:
        now = time.monotonic()
        self.rate_limit.spend(size, now)
        time.sleep(self.rate_limit.wait(now))

    def _open_inner(self, member: Member, path: Path) -> None:
        """Unpack a zip inside the zip into a folder of its name; a zip inside that one stays as it is."""
        aside = free(path.with_name(f"{path.name}.packed"))
        try:
            os.rename(path, aside)
        except OSError as exc:  # its path may be as long as the system allows
            self.files.remove(path)
            self.found.files -= 1
            self._leave_out(member, f"it cannot be opened in its folder, because {reason(exc)}")
            return
        inside = (
            path.relative_to(self.files.folder).parts,
            f"{self.inside[1]}{member.raw_name or member.name}/",
        )
        inner = _Unpacker(path, self.files, self.budget, self.found, self.rate_limit, inside)
        try:
            os.makedirs(path)
            with zip_members(aside) as contents:
                inner.take_all(contents, nested=False)
        except (NoRoom, TooMuch):
            raise
        except Refused as exc:
            shutil.rmtree(path, ignore_errors=True)
            self._leave_out(member, str(exc))
        finally:
            os.unlink(aside)


def _set_time(file: BinaryIO, mtime: float | None) -> None:
    """Give an open file its time: the sandbox allows that for no path."""
    if mtime is not None:
        file.flush()
        with contextlib.suppress(OSError, OverflowError, ValueError):
            os.utime(file.fileno(), (mtime, mtime))


def _no_more_than(chunks: Iterable[bytes], announced: int) -> Iterable[bytes]:
    """Yield the chunks; raises CannotRead if they exceed the declared size."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if announced and count > announced:
            raise CannotRead(TOO_LONG)
        yield chunk
