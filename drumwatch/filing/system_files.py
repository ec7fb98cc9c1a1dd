"""The files that macOS leaves in folders: `.DS_Store` of the Finder, and `._NAME` beside NAME on disks without extended attributes.

A folder that holds nothing else is empty for its user. Their content is small, and is recorded before they are removed.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import stat
import zlib
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import SystemFile
from drumwatch.filing import disk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from drumwatch.filing.disk import Folder

DS_STORE = ".DS_Store"
APPLE_DOUBLE = "._"  # the beginning of the name
LARGEST = 64 << 10  # bytes: a larger one holds more than icons and colours, such as the sound of an old Mac
MOST = 64  # of them in one folder
_BEGINNINGS = {DS_STORE: b"\0\0\0\1Bud1", APPLE_DOUBLE: b"\0\5\x16\7"}  # how their content begins


def is_system_name(name: str) -> bool:
    """Return whether a file of this name is one of them, as far as the name tells."""
    return name == DS_STORE or name.startswith(APPLE_DOUBLE)


def only_these(folder: Folder, inside: Collection[str]) -> tuple[SystemFile, ...] | None:
    """Return the system files in a folder; None if anything else is there beside the names `inside`."""
    names = disk.names_beside(folder, inside, MOST + 1)
    if len(names) > MOST or not all(map(is_system_name, names)):
        return None
    files = [_read(folder, name) for name in sorted(names)]
    return None if None in files else tuple(file for file in files if file)


def _read(folder: Folder, name: str) -> SystemFile | None:
    """Return the file with its content; None if it is too large, or is not what its name says."""
    with disk.opened_file(folder, name) as fd:
        status = disk.file_status(fd)
        content = disk.read(fd, 0, LARGEST + 1)
    beginning = _BEGINNINGS[DS_STORE if name == DS_STORE else APPLE_DOUBLE]
    if len(content) > LARGEST or not content.startswith(beginning):
        return None
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    return SystemFile(name, stat.S_IMODE(status.st_mode), status.st_mtime_ns, packed)


def remove_folder(parent: Folder, name: str, files: Iterable[SystemFile]) -> None:
    """Remove a folder with these system files in it; raises OSError and leaves them if they have changed, or something else is there."""
    files = tuple(files)
    if files:
        with disk.opened_below(parent, name) as folder:
            try:
                _remove_unchanged(folder, files)
                disk.remove_folder(parent, name)
            except OSError:
                restore(folder, files)
                raise
    else:
        disk.remove_folder(parent, name)


def _remove_unchanged(folder: Folder, files: tuple[SystemFile, ...]) -> None:
    for file in files:
        with contextlib.suppress(FileNotFoundError):  # a removal that was interrupted goes on
            if _read(folder, file.name) == file:
                disk.unlink(folder, file.name)


def restore(folder: Folder, files: Iterable[SystemFile]) -> None:
    """Write these system files again where none is, as far as the disk allows."""
    for file in files:
        with contextlib.suppress(OSError, binascii.Error, zlib.error):
            content = zlib.decompress(base64.b64decode(file.content))
            with disk.created(folder, file.name) as fd:
                disk.write(fd, content)
                disk.set_file_attributes(fd, mode=file.mode, mtime_ns=file.mtime_ns)
