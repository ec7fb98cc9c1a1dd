"""Sounds on their way: moved, or copied, verified and only then shown under their name. At every moment one whole copy exists."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from typing import TYPE_CHECKING

from drumwatch.errors import ActionFailed
from drumwatch.filing import disk
from drumwatch.filing.renames import Renames
from drumwatch.filing.sounds import Sound, same_content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.filing.disk import Folder

log = logging.getLogger(__name__)


def temp_name(entry_id: int) -> str:
    """A hidden name that tells whose leftover it is, should the power go."""
    return f".drumwatch-{entry_id}-{os.urandom(4).hex()}.tmp"


def remove_temps(folder: Folder, entry_id: int) -> None:
    """Whatever the action of this entry left unfinished here; never the only copy of anything."""
    for name in disk.names(folder):
        if name.startswith(f".drumwatch-{entry_id}-") and name.endswith(".tmp"):
            disk.unlink(folder, name)


def fill(sound: Sound, folder: Folder, temp: str, *, finish: bool = True) -> None:
    """Make `temp` a verified copy of the sound; finished, it has its times and attributes and is safe from a power cut."""
    with disk.opened_file(sound.folder, sound.name) as source, disk.created(folder, temp) as target:
        disk.copy_bytes(source, target)
        if disk.hash_of(target) != sound.content_hash:
            raise ActionFailed(
                f"{sound.path} changed while it was being copied, or the disk of {folder.path} does not keep what it is given:"
                " it was left where it is."
            )
        if finish:
            disk.copy_marks(source, target)
            disk.sync_file(target)


def remove_leftover(path: Path) -> bool:
    """Whether a temporary file that stayed is gone now; false while its disk is away or does not allow it."""
    try:
        with disk.opened(path.parent) as folder:
            if disk.status(folder, path.name):
                disk.unlink(folder, path.name)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def taken_back_on_failure(sound: Sound, folder: Folder, name: str) -> Iterator[None]:
    """A copy that has its name already is taken back while the original is there."""
    try:
        yield
    except (OSError, ActionFailed):
        with contextlib.suppress(OSError):
            if disk.status(sound.folder, sound.name) and same_content(folder, name, sound):
                disk.unlink(folder, name)
        raise


def sync_if_possible(*folders: Folder) -> None:
    """Without it a power cut may bring back the old name, but costs no sound: no reason to fail."""
    for folder in folders:
        with contextlib.suppress(OSError):
            disk.sync_folder(folder)


class Transfer:
    """Moves and copies sounds, and keeps what the actions of one group have in common.

    `leftovers` are the temporary files that could not be removed, for the journal to remember. `renames` knows the ways of
    renaming that worked; it may be shared by several groups.
    """

    def __init__(self, renames: Renames | None = None) -> None:
        self.leftovers: list[Path] = []
        self._renames = renames or Renames()
        self._unsynced: set[Path] | None = None  # None: each folder is synced at once

    def move(self, sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
        """The sound bears the new name and no other; FileExistsError where that is taken."""
        sound.check()
        if disk.device(folder) != disk.device(sound.folder):
            self._move_across(sound, folder, name, entry_id)
            return
        try:
            self._renames.rename(sound.folder, sound.name, folder, name)
        except FileNotFoundError:
            sound.check()  # says so in words if it is the sound that has gone
            raise
        except OSError as exc:
            if exc.errno != errno.EXDEV:  # two mounts of one file system, say
                raise
            self._move_across(sound, folder, name, entry_id)
            return
        with self._put_back_on_failure(sound, folder, name):
            if not sound.is_at(folder, name):  # another file took its place within the last microseconds
                raise ActionFailed(f"{sound.path} changed while it was being moved: it stays there.")
        self.sync(folder, sound.folder)

    def copy(self, sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
        """A whole copy bears the name; FileExistsError where that is taken. A power cut may take the name back, the original is there."""
        self._publish(sound, folder, name, entry_id)
        self.sync(folder)

    @contextlib.contextmanager
    def removed_on_failure(self, folder: Folder, temp: str) -> Iterator[None]:
        """A file of our own does not outlive the failure of what it was made for."""
        try:
            yield
        except Exception:
            self._remove_or_remember(folder, temp)
            raise

    @contextlib.contextmanager
    def synced_together(self) -> Iterator[None]:
        """Within this block a folder is synced once, at the end, however many sounds came and went: a sync costs more than a move."""
        paths: set[Path] = set()
        self._unsynced = paths
        try:
            yield
        finally:
            self._unsynced = None
            for path in paths:
                with contextlib.suppress(OSError), disk.opened(path) as folder:
                    disk.sync_folder(folder)

    def sync(self, *folders: Folder) -> None:
        """As `sync_if_possible`, at the end of the block where they are synced together."""
        if self._unsynced is None:
            sync_if_possible(*folders)
        else:
            self._unsynced.update(folder.path for folder in folders)

    def _publish(self, sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
        temp = temp_name(entry_id)
        with self.removed_on_failure(folder, temp):
            fill(sound, folder, temp)
            self._renames.rename(folder, temp, folder, name)

    def _remove_or_remember(self, folder: Folder, temp: str) -> None:
        """A disk that can only be read from now on keeps our file: it is removed when the disk allows it again."""
        try:
            disk.unlink(folder, temp)
        except FileNotFoundError:
            return
        except OSError as exc:
            log.warning(
                "%s is left over, and will be removed at the next start: %s", folder / temp, exc.strerror
            )
            self.leftovers.append(folder / temp)

    @contextlib.contextmanager
    def _put_back_on_failure(self, sound: Sound, folder: Folder, name: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ActionFailed):
            with contextlib.suppress(OSError):
                self._renames.rename(folder, name, sound.folder, sound.name)
            raise

    def _move_across(self, sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
        """Between file systems: copy, verify, publish, and only then let the original go."""
        self._publish(sound, folder, name, entry_id)
        with taken_back_on_failure(sound, folder, name):
            disk.sync_folder(folder)
        if disk.status(sound.folder, sound.name) is None:
            return  # somebody took the original away meanwhile: ours is the sound now
        with taken_back_on_failure(sound, folder, name):
            sound.check()
            disk.unlink(sound.folder, sound.name)
        self.sync(sound.folder)
