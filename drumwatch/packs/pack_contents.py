"""What lies in a folder that may be a pack: every file, whatever it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drumwatch.intake.ignore import is_ignored_folder
from drumwatch.intake.pack_evidence import FileInside, PackEvidence, pack_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path, PurePath

MOST_FILES = 50_000  # a folder with more is not looked through, and no pack
# The system's own, in any folder.
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"})


def evidence_of(
    folder: Path,
    pack: str,
    gone: Iterable[PurePath] = (),
    library: Path | None = None,
) -> PackEvidence:
    """What lies in this folder says of it; where it cannot be looked through, it is no pack. A library in it is no part of it."""
    files: list[FileInside] = []
    try:
        for one in _files_in(folder, library):
            files.append(one)
            if len(files) > MOST_FILES:
                return PackEvidence(is_pack=False, why_not=f"more than {MOST_FILES} files are in it")
    except OSError:
        return PackEvidence(is_pack=False, why_not="not all of it can be read")
    return pack_evidence(files, pack, gone)


def _files_in(folder: Path, library: Path | None) -> Iterator[FileInside]:
    """Links are files of their own. A folder that is never entered is told as one file, as it may hold anything."""
    pending = [folder]
    while pending:
        here = pending.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                path = here / entry.name
                if path == library:
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    yield FileInside(path.relative_to(folder), entry.stat(follow_symlinks=False).st_size)
                elif not is_ignored_folder(entry.name):
                    pending.append(path)
                elif entry.name.casefold() not in _SYSTEM_FOLDERS:
                    yield FileInside(path.relative_to(folder))
