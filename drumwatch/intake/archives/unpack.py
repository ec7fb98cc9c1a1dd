"""An archive becomes a folder, or is refused with nothing left behind. Whatever it claims, it is counted while it is copied."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.intake.archives import names
from drumwatch.intake.archives.limits import Budget, Limits, NoRoom, Refused, TooMuch
from drumwatch.intake.archives.members import UNREADABLE, Contents, Member, opened, zip_members
from drumwatch.intake.ignore import is_audio_name
from drumwatch.intake.projects import is_marker_name
from drumwatch.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


LARGEST_MARKER = 1 << 16  # bytes: a file of git, or an empty one that a person has made


@dataclass(slots=True)
class Unpacked:
    """What came of it: counts, and what was not let through, by name with the reason."""

    files: int = 0
    sounds: int = 0
    size: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def unpack(archive: Path, folder: Path, limits: Limits) -> Unpacked:
    """Everything that is no junk, into a new folder; Refused with the folder gone again."""
    os.makedirs(folder)
    try:
        found = Unpacked()
        budget = Budget(limits, os.path.getsize(archive))
        with opened(archive) as contents:
            _Unpacker(folder, budget, found, Pace(limits.rate)).take_all(contents, nested=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    found.size = budget.size
    return found


@dataclass(frozen=True, slots=True)
class _Unpacker:
    """One archive on its way into one folder."""

    folder: Path
    budget: Budget
    found: Unpacked
    pace: Pace

    def take_all(self, contents: Contents, *, nested: bool) -> None:
        """What is too much, or has no room, is refused before the first byte is written."""
        self.budget.check(files=contents.files, size=contents.size)
        free = shutil.disk_usage(self.folder).free - self.budget.limits.min_free
        if contents.size > free:
            raise NoRoom(
                f"what is in it takes {contents.size / 1e6:.0f} MB, and {max(0, free) / 1e6:.0f} MB may be used"
                f" on the disk of {self.folder.parent}: make room there"
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
            self._keep_marker(member, steps)
            return
        if member.oddity:
            self._leave_out(member, member.oddity)
            return
        self.budget.one_more_file()
        if path := self._copied(member, steps):
            self.found.files += 1
            self.found.sounds += is_audio_name(path.name)
            if path.suffix.lower() == ".zip" and nested:
                self._open_inner(member, path)

    def _keep_marker(self, member: Member, steps: tuple[str, ...]) -> None:
        """A hidden folder or bundle that marks a project is made empty, a small file is kept: the survey has to see it."""
        depth = next((n for n, step in enumerate(steps) if is_marker_name(step)), None)
        if depth is None or member.oddity:
            return
        if depth < len(steps) - 1:
            os.makedirs(self.folder.joinpath(*steps[: depth + 1]), exist_ok=True)
        elif member.size <= LARGEST_MARKER and not os.path.lexists(self.folder.joinpath(*steps)):
            self.budget.one_more_file()
            self._copied(member, steps)

    def _leave_out(self, member: Member, why: str) -> None:
        self.found.refused.append((member.name, why))

    def _copied(self, member: Member, steps: tuple[str, ...]) -> Path | None:
        """The member as a file; None, and a word about it, where it cannot be read."""
        path = _free(self.folder.joinpath(*steps))
        os.makedirs(path.parent, exist_ok=True)
        try:
            with open(os.open(path, _NEW, 0o644), "wb") as file:
                for chunk in _no_more_than(member.chunks(), member.size):
                    self.budget.more_bytes(len(chunk))
                    file.write(chunk)
                    self._keep_pace(len(chunk))
        except UNREADABLE as exc:
            os.unlink(path)
            if isinstance(exc, OSError) and exc.errno is not None:
                raise NoRoom(f"it could not be unpacked to {self.folder.parent}: {exc.strerror}") from exc
            self._leave_out(member, f"it is damaged: {exc}")
            return None
        if member.mtime is not None:
            with contextlib.suppress(OSError, OverflowError, ValueError):
                os.utime(path, (member.mtime, member.mtime))
        return path

    def _keep_pace(self, size: int) -> None:
        now = time.monotonic()
        self.pace.spend(size, now)
        time.sleep(self.pace.wait(now))

    def _open_inner(self, member: Member, path: Path) -> None:
        """A zip in the zip becomes a folder of its name; a zip inside that one stays as it is."""
        aside = path.with_name(f"{path.name}.packed")
        os.rename(path, aside)
        inner = _Unpacker(path, self.budget, self.found, self.pace)
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


def _no_more_than(chunks: Iterable[bytes], announced: int) -> Iterable[bytes]:
    """The chunks, as long as they keep the header's word."""
    came = 0
    for chunk in chunks:
        came += len(chunk)
        if announced and came > announced:
            raise ValueError(f"it holds more than the {announced} bytes that its header tells of")
        yield chunk


def _free(path: Path) -> Path:
    """The path, or a numbered one: two members may have one name, or names that a disk takes for one."""
    if not os.path.lexists(path):
        return path
    numbered = (path.with_name(f"{path.stem} {number}{path.suffix}") for number in itertools.count(2))
    return next(free for free in numbered if not os.path.lexists(free))
