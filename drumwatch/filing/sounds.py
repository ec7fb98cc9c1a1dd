"""A sound held by its folder and name, and the proof that it is still the one that was heard."""

from __future__ import annotations

import contextlib
import stat
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.errors import ActionFailed, SoundGone
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.filing.disk import Folder
    from drumwatch.records import Fingerprint


@dataclass(frozen=True, slots=True)
class Sound:
    """A file in an open folder, as it was when it was heard."""

    folder: Folder
    name: str
    fingerprint: Fingerprint
    content_hash: str

    @property
    def path(self) -> Path:
        return self.folder / self.name

    def check(self) -> None:
        """The last look before acting: ActionFailed if it is gone, changed, or not a plain file any more."""
        now = disk.status(self.folder, self.name)
        if now is None:
            raise SoundGone(_gone(self.path))
        if not stat.S_ISREG(now.st_mode):
            raise ActionFailed(
                f"{self.path} is not a plain file (a link, a pipe, a folder): it was left alone."
            )
        if disk.mark(now) != self.fingerprint:
            raise ActionFailed(
                f"{self.path} has changed since it was heard: it was left alone and will be heard again."
            )

    def is_at(self, folder: Folder, name: str) -> bool:
        """Whether this very sound now bears that name. Inodes may change on FAT, then its bytes decide."""
        now = disk.status(folder, name)
        if now is None or not stat.S_ISREG(now.st_mode):
            return False
        return disk.mark(now) == self.fingerprint or same_content(folder, name, self)


def same_content(folder: Folder, name: str, sound: Sound) -> bool:
    """Whether a plain file with the same bytes is at that name."""
    now = disk.status(folder, name)
    if now is None or not stat.S_ISREG(now.st_mode) or now.st_size != sound.fingerprint.size_bytes:
        return False
    return disk.content_hash(folder, name) == sound.content_hash


def one_file(one: Sound, other: Sound) -> bool:
    """Whether both are names of one file."""
    return (one.fingerprint.device, one.fingerprint.inode) == (
        other.fingerprint.device,
        other.fingerprint.inode,
    )


def same_entry(folder: Folder, name: str, other: Folder, other_name: str) -> bool:
    """Whether two names are one, by whatever path and in whatever letters: then to remove one is to remove both."""
    return _folded(name) == _folded(other_name) and disk.same_folder(folder, other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def content_hash(path: Path) -> str:
    """blake2b-256 of a plain file's bytes, in hex: what the journal knows a sound by."""
    with disk.opened(path.parent) as folder:
        return disk.content_hash(folder, path.name)


@contextlib.contextmanager
def held(path: Path, fingerprint: Fingerprint, content_hash: str) -> Iterator[Sound]:
    """The sound at this path, checked; its folder stays open."""
    with disk.opened_if_there(path.parent) as folder:
        if folder is None:
            raise SoundGone(_gone(path))
        sound = Sound(folder, path.name, fingerprint, content_hash)
        sound.check()
        yield sound


def _gone(path: Path) -> str:
    return f"{path.name} is not in {path.parent} any more, so nothing was done with it."


@contextlib.contextmanager
def found(path: Path) -> Iterator[Sound | None]:
    """Whatever plain file is at this path, with its hash read now; None where there is none."""
    with disk.opened_if_there(path.parent) as folder:
        yield find(folder, path.name) if folder else None


def find(folder: Folder, name: str) -> Sound | None:
    """The plain file at this name, with its hash read now."""
    now = disk.status(folder, name)
    if now is None or not stat.S_ISREG(now.st_mode):
        return None
    return Sound(folder, name, disk.mark(now), disk.content_hash(folder, name))


def mark_at(folder: Folder, name: str) -> Fingerprint | None:
    """What is at that name now; None where it cannot be told, which undoes nothing."""
    with contextlib.suppress(OSError):
        if now := disk.status(folder, name):
            return disk.mark(now)
    return None
