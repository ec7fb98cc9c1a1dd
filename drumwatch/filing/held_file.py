"""A sound identified by its open folder and name, with checks that it is still the analyzed file."""

from __future__ import annotations

import contextlib
import stat
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, SoundGone
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.records import FileStamp
    from drumwatch.filing.disk import Folder


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file in an open folder, as it was when it was analyzed."""

    folder: Folder
    name: str
    stamp: FileStamp
    content_hash: str

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self.folder / self.name

    def check(self) -> None:
        """Raise ActionFailed if the file is gone, has changed or is no plain file; the last check before an action."""
        now = disk.status(self.folder, self.name)
        if now is None:
            raise SoundGone(_gone(self.path))
        if not stat.S_ISREG(now.st_mode):
            raise ActionFailed(
                f"{self.path} is not a plain file (a link, a pipe, a folder): it was left alone."
            )
        if disk.stamp(now) != self.stamp:
            raise ActionFailed(
                f"{self.path} has changed since it was analyzed: it was left alone and will be analyzed again."
            )

    def is_at(self, folder: Folder, name: str) -> bool:
        """Return whether this sound now has that name; where FAT changes the inode, the bytes are compared."""
        now = disk.status(folder, name)
        if now is None or not stat.S_ISREG(now.st_mode):
            return False
        return disk.stamp(now) == self.stamp or same_content(folder, name, self)


def same_content(folder: Folder, name: str, sound: HeldFile) -> bool:
    """Return whether a plain file with the same bytes has that name."""
    now = disk.status(folder, name)
    if now is None or not stat.S_ISREG(now.st_mode) or now.st_size != sound.stamp.size_bytes:
        return False
    return disk.content_hash(folder, name) == sound.content_hash


def one_file(one: HeldFile, other: HeldFile) -> bool:
    """Return whether both are names of one file."""
    return (one.stamp.device, one.stamp.inode) == (
        other.stamp.device,
        other.stamp.inode,
    )


def same_entry(folder: Folder, name: str, other: Folder, other_name: str) -> bool:
    """Return whether two names denote one directory entry, in whatever case or path; removing one would remove both."""
    return _folded(name) == _folded(other_name) and disk.same_folder(folder, other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def content_hash(path: Path) -> str:
    """Return the blake2b-256 hash of a file's bytes in hex, by which the journal identifies a sound."""
    with disk.opened(path.parent) as folder:
        return disk.content_hash(folder, path.name)


@contextlib.contextmanager
def hold(path: Path, stamp: FileStamp, content_hash: str) -> Iterator[HeldFile]:
    """Open and check the sound at this path; its folder stays open in the block.

    Raises SoundGone or ActionFailed if it is not the expected file.
    """
    with disk.opened_if_there(path.parent) as folder:
        if folder is None:
            raise SoundGone(_gone(path))
        sound = HeldFile(folder, path.name, stamp, content_hash)
        sound.check()
        yield sound


def _gone(path: Path) -> str:
    return f"{path.name} is not in {path.parent} any more, so nothing was done with it."


@contextlib.contextmanager
def found(path: Path) -> Iterator[HeldFile | None]:
    """Yield the plain file at this path with its present hash, or None if there is none."""
    with disk.opened_if_there(path.parent) as folder:
        yield find(folder, path.name) if folder else None


def find(folder: Folder, name: str) -> HeldFile | None:
    """Return the plain file with this name and its present hash, or None if there is none."""
    now = disk.status(folder, name)
    if now is None or not stat.S_ISREG(now.st_mode):
        return None
    return HeldFile(folder, name, disk.stamp(now), disk.content_hash(folder, name))


def stamp_at(folder: Folder, name: str) -> FileStamp | None:
    """Return the stamp of that name, or None if it cannot be read."""
    with contextlib.suppress(OSError):
        if now := disk.status(folder, name):
            return disk.stamp(now)
    return None
