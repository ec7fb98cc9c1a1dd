"""Find and remove folders that our own moves emptied, and make them again with an undo."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import FolderRecord
from drumwatch.filing import disk, file_transfer, system_files
from drumwatch.system import volumes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from drumwatch.filing.disk import Folder

USUAL_MODE = 0o777  # before the umask


def find_empty(candidates: Iterable[Path]) -> list[FolderRecord]:
    """Return the candidates that are empty or contain only other empty candidates, outermost first.

    What macOS leaves in every folder does not count, and is recorded. Links, mount points and the working directory of this
    process are left out.
    """
    found: dict[Path, FolderRecord] = {}
    for path in sorted(set(candidates), key=_depth, reverse=True):
        with contextlib.suppress(OSError):
            if record := _empty(path, found):
                found[path] = record
    return sorted(found.values(), key=lambda record: _depth(record.path))


def _depth(path: Path) -> tuple[int, Path]:
    return len(path.parts), path


def _empty(path: Path, inside: Collection[Path]) -> FolderRecord | None:
    with disk.opened(path.parent) as parent, disk.opened_below(parent, path.name) as folder:
        now, around = disk.folder_status(folder), disk.folder_status(parent)
        if now.st_dev != around.st_dev or disk.is_working_directory(now):
            return None
        inner = {one.name for one in inside if one.parent == path}
        files = system_files.only_these(folder, inner)
        if files is None:
            return None
        mode = stat.S_IMODE(now.st_mode)
        return FolderRecord(
            *(path, mode, now.st_uid, now.st_gid, now.st_mtime_ns, now.st_dev, now.st_ino, around.st_ino),
            volume=volumes.look_up(path, now.st_dev),
            files=files,
        )


def remove(records: Sequence[FolderRecord]) -> list[FolderRecord]:
    """Remove these folders, innermost first, unless something is in them now; return those that are gone."""
    for record in reversed(records):
        with contextlib.suppress(OSError), disk.opened(record.path.parent) as parent:
            if _is_still(record, parent):
                system_files.remove_folder(parent, record.path.name, record.files)
    return [record for record in records if not is_there(record.path)]


def _is_still(record: FolderRecord, parent: Folder) -> bool:
    now = disk.status(parent, record.path.name)
    return now is not None and (now.st_dev, now.st_ino) == (record.device, record.inode)


def is_there(path: Path) -> bool:
    """Return whether anything is at this path; True if that cannot be determined."""
    try:
        with disk.opened_if_there(path.parent) as parent:
            return parent is not None and disk.status(parent, path.name) is not None
    except OSError:
        return True


def missing(folders: Iterable[Path]) -> list[Path]:
    """Return these folders and their parents as far as they do not exist, outermost first."""
    gone: set[Path] = set()
    for folder in folders:
        for path in (folder, *folder.parents):
            if path in gone or path.is_dir():
                break
            gone.add(path)
    return sorted(gone, key=_depth)


def make_again(paths: Sequence[Path], records: Mapping[Path, FolderRecord]) -> None:
    """Make these folders, given outermost first, with the recorded mode, owner and time as far as the disk allows.

    An existing folder is not changed.
    """
    made = [path for path in paths if _make(path, records.get(path))]
    for path in reversed(made):  # a folder's time changes with its content, so inner folders come first
        if record := records.get(path):
            with contextlib.suppress(OSError), disk.opened(path) as folder:
                disk.set_folder_attributes(
                    folder, mode=record.mode, owner=record.owner, group=record.group, mtime_ns=record.mtime_ns
                )


def _make(path: Path, record: FolderRecord | None) -> bool:
    with disk.opened(path.parent) as parent:
        try:
            disk.make_folder(parent, path.name, record.mode if record else USUAL_MODE)
        except FileExistsError:
            return False
        if record and record.files:
            with disk.opened_below(parent, path.name) as folder:
                system_files.restore(folder, record.files)
        file_transfer.sync_if_possible(parent)
        return True


def is_its_disk(
    folder: Path, device: int | None, records: Mapping[Path, FolderRecord], *, volume: str = ""
) -> bool:
    """Return whether the nearest existing parent of a missing folder is on the disk that the folder was on.

    `device` and `volume` are those of the folder, or of a file in it, when it was there.
    """
    nearest = next(path for path in folder.parents if path.is_dir())
    with disk.opened(nearest) as around:
        here = disk.folder_status(around).st_dev
    volume_here = volumes.look_up(nearest, here)
    if device is not None and volumes.is_same(volume, device, volume_here, here):
        return True
    for path in (folder, *folder.parents):
        record = records.get(path)
        if record and record.volume:
            if volumes.is_same(record.volume, record.device, volume_here, here):
                return True
        elif record and path.parent.is_dir():
            with disk.opened(path.parent) as parent:
                now = disk.folder_status(parent)
            if now.st_dev == here and record.parent_inode == now.st_ino:
                return True
    return False
