"""Move or copy sounds: a copy is verified before it gets its name, and a complete copy exists at every moment."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from contextvars import ContextVar
from typing import TYPE_CHECKING

from drumwatch.errors import ActionFailed
from drumwatch.filing import disk, renames
from drumwatch.filing.sounds import Sound, same_content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.filing.disk import Folder

log = logging.getLogger(__name__)


def temp_name(entry_id: int) -> str:
    """Return a hidden, unused name that contains the entry's number, so that recovery finds the file after a crash."""
    return f".drumwatch-{entry_id}-{os.urandom(4).hex()}.tmp"


def remove_temps(folder: Folder, entry_id: int) -> None:
    """Remove the unfinished temporary files of this entry in the folder; they are never the only copy of a sound."""
    for name in disk.names(folder):
        if name.startswith(f".drumwatch-{entry_id}-") and name.endswith(".tmp"):
            disk.unlink(folder, name)


def move(sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
    """Move the sound to a new name; raises FileExistsError if that is taken.

    Raises ActionFailed if the sound changed, and OSError if the disk refuses.
    """
    sound.check()
    if disk.device(folder) != disk.device(sound.folder):
        _move_across(sound, folder, name, entry_id)
        return
    try:
        renames.rename(sound.folder, sound.name, folder, name)
    except FileNotFoundError:
        sound.check()  # raises SoundGone if it is the sound that is missing
        raise
    except OSError as exc:
        if exc.errno != errno.EXDEV:  # for example two mounts of one file system
            raise
        _move_across(sound, folder, name, entry_id)
        return
    with _put_back_on_failure(sound, folder, name):
        if not sound.is_at(folder, name):  # another file was put in its place after the check
            raise ActionFailed(f"{sound.path} changed while it was being moved: it stays there.")
    sync_if_possible(folder, sound.folder)


def copy(sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
    """Copy the sound to a new name; raises FileExistsError if that is taken.

    A power cut may lose the copy's name, but not the original.
    """
    _publish(sound, folder, name, entry_id)
    sync_if_possible(folder)


def _publish(sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
    temp = temp_name(entry_id)
    with removed_on_failure(folder, temp):
        fill(sound, folder, temp)
        renames.rename(folder, temp, folder, name)


def fill(sound: Sound, folder: Folder, temp: str, *, finish: bool = True) -> None:
    """Write a verified copy of the sound to `temp`; if `finish`, also times, attributes and a sync to the disk.

    Raises ActionFailed if the copy differs from the sound.
    """
    with disk.opened_file(sound.folder, sound.name) as source, disk.created(folder, temp) as target:
        disk.copy_bytes(source, target)
        if disk.hash_of(target) != sound.content_hash:
            raise ActionFailed(
                f"{sound.path} changed while it was being copied, or the disk of {folder.path} does not keep what it is given:"
                " it was left where it is."
            )
        if finish:
            disk.copy_marks(source, target, folder / temp)
            disk.sync_file(target)


@contextlib.contextmanager
def removed_on_failure(folder: Folder, temp: str) -> Iterator[None]:
    """Remove a temporary file if the block fails."""
    try:
        yield
    except Exception:
        _remove_or_remember(folder, temp)
        raise


def _remove_or_remember(folder: Folder, temp: str) -> None:
    """Remove our file; if the disk has become read-only, note it for removal at the next start."""
    try:
        disk.unlink(folder, temp)
    except FileNotFoundError:
        return
    except OSError as exc:
        log.warning("%s is left over, and will be removed at the next start: %s", folder / temp, exc.strerror)
        if (leftovers := _leftovers.get()) is not None:
            leftovers.append(folder / temp)


_leftovers: ContextVar[list[Path] | None] = ContextVar("temporary files that stayed", default=None)


@contextlib.contextmanager
def left_behind() -> Iterator[list[Path]]:
    """Yield a list that collects the temporary files that could not be removed in the block, for the journal."""
    leftovers: list[Path] = []
    token = _leftovers.set(leftovers)
    try:
        yield leftovers
    finally:
        _leftovers.reset(token)


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
def taken_back_on_failure(sound: Sound, folder: Folder, name: str) -> Iterator[None]:
    """Remove the new copy if the block fails and the original is still there."""
    try:
        yield
    except (OSError, ActionFailed):
        with contextlib.suppress(OSError):
            if disk.status(sound.folder, sound.name) and same_content(folder, name, sound):
                disk.unlink(folder, name)
        raise


@contextlib.contextmanager
def _put_back_on_failure(sound: Sound, folder: Folder, name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ActionFailed):
        with contextlib.suppress(OSError):
            renames.rename(folder, name, sound.folder, sound.name)
        raise


def _move_across(sound: Sound, folder: Folder, name: str, entry_id: int) -> None:
    """Move between file systems: copy, verify, give the name, and only then remove the original."""
    _publish(sound, folder, name, entry_id)
    with taken_back_on_failure(sound, folder, name):
        disk.sync_folder(folder)
    if disk.status(sound.folder, sound.name) is None:
        return  # the original was removed by another program: our copy is the sound now
    with taken_back_on_failure(sound, folder, name):
        sound.check()
        disk.unlink(sound.folder, sound.name)
    sync_if_possible(sound.folder)


_later: ContextVar[set[Path] | None] = ContextVar("folders to be synced together", default=None)


@contextlib.contextmanager
def synced_together() -> Iterator[None]:
    """Sync each folder once at the end of the block, however many sounds were moved: a sync costs more than a move."""
    paths: set[Path] = set()
    token = _later.set(paths)
    try:
        yield
    finally:
        _later.reset(token)
        for path in paths:
            with contextlib.suppress(OSError), disk.opened(path) as folder:
                disk.sync_folder(folder)


def sync_if_possible(*folders: Folder) -> None:
    """Sync the folders and ignore errors: without a sync, a power cut may restore the old name, but loses no sound."""
    later = _later.get()
    for folder in folders:
        if later is not None:
            later.add(folder.path)
            continue
        with contextlib.suppress(OSError):
            disk.sync_folder(folder)
