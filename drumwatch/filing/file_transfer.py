"""Move or copy sounds: a copy is verified before it gets its name, and a complete copy exists at every moment."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import stat
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, SoundGone
from drumwatch.core.os_reasons import reason
from drumwatch.core.records import SOUND_SUFFIXES
from drumwatch.filing import disk
from drumwatch.filing.held_file import HeldFile, find
from drumwatch.filing.rename import Renames
from drumwatch.filing.set_aside import AsideSteps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.filing.disk import Folder

log = logging.getLogger(__name__)

TEMP_ENDING = ".tmp"


def temp_name(entry_id: int, name: str = "") -> str:
    """Return a hidden, unused name that contains the entry's number, so that recovery finds the file after a crash.

    The ending is that of the sound's `name`, if one is given: decoders recognize some formats by it only.
    """
    ending = os.path.splitext(name)[1]
    if ending.lower() not in SOUND_SUFFIXES:
        ending = TEMP_ENDING
    return f".drumwatch-{entry_id}-{os.urandom(4).hex()}{ending}"


def is_temp_name(name: str, entry_id: int) -> bool:
    """Return whether this is a name that `temp_name` gives to a file of this entry, as earlier versions did too."""
    stem, ending = os.path.splitext(name)
    is_ours = re.fullmatch(rf"\.drumwatch-{entry_id}-[0-9a-f]{{8}}", stem) is not None
    return is_ours and ending.lower() in {TEMP_ENDING, *SOUND_SUFFIXES}


def remove_temps(folder: Folder, entry_id: int) -> None:
    """Remove the unfinished temporary files of this entry in the folder; they are never the only copy of a sound."""
    for name in disk.names(folder):
        if is_temp_name(name, entry_id):
            disk.unlink(folder, name)


def fill(sound: HeldFile, folder: Folder, temp: str, *, finish: bool = True) -> None:
    """Write a verified copy of the sound to `temp`; if `finish`, also times, attributes and a sync to the disk.

    Raises ActionFailed if the copy differs from the sound.
    """
    with (
        disk.opened_file(sound.folder, sound.name) as source,
        disk.created_copy(source, folder, temp) as target,
    ):
        if disk.hash_of(target) != sound.content_hash:
            raise ActionFailed(
                f"{sound.path} changed while it was being copied, or the disk of {folder.path} does not store what is written to it:"
                " it was left alone."
            )
        if finish:
            disk.copy_attributes(source, target)
            disk.sync_file(target)


def hash_of(content: bytes) -> str:
    """Return the hash that a file with these bytes has."""
    digest = disk.new_digest()
    digest.update(content)
    return digest.hexdigest()


def remove_leftover(path: Path) -> bool:
    """Return whether a leftover temporary file is gone now; False while its disk is absent or read-only."""
    try:
        with disk.opened(path.parent) as folder:
            if disk.status(folder, path.name):
                disk.unlink(folder, path.name)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def taken_back_on_failure(sound: HeldFile, folder: Folder, name: str, steps: AsideSteps) -> Iterator[None]:
    """Remove the new copy if the block fails and the original is still there."""
    left = len(steps.left)
    try:
        yield
    except (OSError, ActionFailed):
        with contextlib.suppress(OSError, ActionFailed):
            copy = find(folder, name)
            is_back = disk.status(sound.folder, sound.name) is not None and len(steps.left) == left
            if is_back and copy and copy.content_hash == sound.content_hash:
                steps.remove(copy)
        raise


def sync_if_possible(*folders: Folder) -> None:
    """Sync the folders and ignore errors: without a sync, a power cut may restore the old name, but loses no sound."""
    for folder in folders:
        with contextlib.suppress(OSError):
            disk.sync_folder(folder, order_only=True)


class Transfer:
    """Moves and copies sounds, and keeps what the actions of one group have in common.

    `leftovers` are the temporary files that could not be removed, for the journal to remember. `renames` remembers the methods of
    renaming that worked; it may be shared by several groups.
    """

    def __init__(self, renames: Renames | None = None) -> None:
        self.leftovers: list[Path] = []
        self._renames = renames or Renames()
        self._unsynced: set[Path] | None = None  # None: each folder is synced at once

    def move(self, sound: HeldFile, folder: Folder, name: str, entry_id: int) -> None:
        """Move the sound to a new name; raises FileExistsError if that is taken.

        Raises ActionFailed if the sound changed, and OSError if the disk refuses.
        """
        sound.check()
        if disk.device(folder) != disk.device(sound.folder):
            self._move_across(sound, folder, name, entry_id)
            return
        try:
            self._renames.rename(sound.folder, sound.name, folder, name, entry_id)
        except FileNotFoundError:
            sound.check()  # raises SoundGone if it is the sound that is missing
            raise
        except OSError as exc:
            if exc.errno != errno.EXDEV:  # for example two mounts of one file system
                raise
            self._move_across(sound, folder, name, entry_id)
            return
        with self._put_back_on_failure(sound, folder, name, entry_id):
            if not sound.is_at(folder, name):  # another file was put in its place after the check
                raise ActionFailed(f"{sound.path} changed while it was being moved: it was left alone.")
        self.sync(folder, sound.folder)

    def copy(self, sound: HeldFile, folder: Folder, name: str, entry_id: int) -> None:
        """Copy the sound to a new name; raises FileExistsError if that is taken.

        A power cut may lose the copy's name, but not the original.
        """
        self._publish(sound, folder, name, entry_id)
        self.sync(folder)

    def create(self, content: bytes, folder: Folder, name: str, entry_id: int) -> None:
        """Write a new file; raises FileExistsError if the name is taken, and ActionFailed if the disk does not store it.

        A power cut may lose it; it can be made again.
        """
        temp = temp_name(entry_id)
        with self.removed_on_failure(folder, temp):
            with disk.created(folder, temp) as target:
                disk.write(target, content)
                if disk.hash_of(target) != hash_of(content):
                    raise ActionFailed(
                        f"The disk of {folder.path} does not store what is written to it: {name} was not made."
                    )
                disk.set_mode(target, stat.S_IMODE(disk.folder_status(folder).st_mode) & 0o666)
                disk.sync_file(target)
            self._renames.rename(folder, temp, folder, name)
        self.sync(folder)

    def steps(self, entry_id: int) -> AsideSteps:
        """Return the steps that remove and replace files for this entry."""
        return AsideSteps(entry_id, self.leftovers)

    @contextlib.contextmanager
    def removed_on_failure(self, folder: Folder, temp: str) -> Iterator[None]:
        """Remove a temporary file if the block fails."""
        try:
            yield
        except Exception:
            self._remove_or_remember(folder, temp)
            raise

    @contextlib.contextmanager
    def synced_together(self) -> Iterator[None]:
        """Sync each folder once at the end of the block, however many sounds were moved: a sync costs more than a move."""
        paths: set[Path] = set()
        self._unsynced = paths
        try:
            yield
        finally:
            self._unsynced = None
            for path in paths:
                with contextlib.suppress(OSError), disk.opened(path) as folder:
                    disk.sync_folder(folder, order_only=True)

    def sync(self, *folders: Folder) -> None:
        """Sync the folders as `sync_if_possible` does; within `synced_together`, at the end of its block."""
        if self._unsynced is None:
            sync_if_possible(*folders)
        else:
            self._unsynced.update(folder.path for folder in folders)

    def _publish(self, sound: HeldFile, folder: Folder, name: str, entry_id: int) -> None:
        temp = temp_name(entry_id)
        with self.removed_on_failure(folder, temp):
            fill(sound, folder, temp)
            self._renames.rename(folder, temp, folder, name)

    def _remove_or_remember(self, folder: Folder, temp: str) -> None:
        """Remove our file; if the disk has become read-only, note it for removal at the next start."""
        try:
            disk.unlink(folder, temp)
        except FileNotFoundError:
            return
        except OSError as exc:
            log.warning(
                "%s is left over, and will be removed at the next start: %s", folder / temp, reason(exc)
            )
            self.leftovers.append(folder / temp)

    @contextlib.contextmanager
    def _put_back_on_failure(
        self, sound: HeldFile, folder: Folder, name: str, entry_id: int
    ) -> Iterator[None]:
        try:
            yield
        except (OSError, ActionFailed):
            with contextlib.suppress(OSError):
                self._renames.to_free_name(folder, name, sound.folder, sound.name, entry_id)
            raise

    def _move_across(self, sound: HeldFile, folder: Folder, name: str, entry_id: int) -> None:
        """Move between file systems: copy, verify, give the name, and only then remove the original."""
        self._publish(sound, folder, name, entry_id)
        steps = self.steps(entry_id)
        with taken_back_on_failure(sound, folder, name, steps):
            disk.sync_folder(folder)
        with taken_back_on_failure(sound, folder, name, steps), contextlib.suppress(SoundGone):
            steps.remove(sound)  # if another program was faster, our copy is the sound now
        self.sync(sound.folder)
