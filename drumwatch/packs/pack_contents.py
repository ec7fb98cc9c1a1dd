"""List what is in a folder that may be a pack, and say where its documents go."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.portable_names import portable
from drumwatch.core.records import PACKS
from drumwatch.filing.naming import limited, pack_name
from drumwatch.intake.ignore import is_ignored_folder
from drumwatch.intake.pack_documents import belongs_to_a_pack
from drumwatch.intake.pack_evidence import FileInside, PackEvidence, pack_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePath

    from drumwatch.config import Watch

MAX_FILES = 50_000  # a folder with more is no pack
# Folders of the operating system, which do not count.
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin", "system volume information", "lost+found"})


def evidence_of(
    folder: Path,
    pack: str,
    gone: Iterable[PurePath] = (),
    library: Path | None = None,
) -> PackEvidence:
    """Return whether this folder is a pack, by its files and those that are `gone` because they were filed.

    A folder that is too large or cannot be read is no pack. A library inside the folder does not count.
    """
    files: list[FileInside] = []
    try:
        for one in _files_in(folder, library):
            files.append(one)
            if len(files) > MAX_FILES:
                return PackEvidence(is_pack=False, why_not=f"more than {MAX_FILES} files are in it")
    except OSError:
        return PackEvidence(is_pack=False, why_not="not all of it can be read")
    return pack_evidence(files, pack, gone)


def documents_of(files: Iterable[FileInside]) -> list[FileInside]:
    """Return the files that belong to a pack and are no sounds."""
    return [one for one in files if belongs_to_a_pack(one.path.name)]


def place_beside_sounds(watch: Watch, pack: str, inner: Path) -> Path:
    """Return the path in the library for a document with this path in its pack, with names as the watch wants them.

    The pack's name is not repeated if the pack has a folder with the same name.
    """
    if len(inner.parts) > 1 and pack_name(inner.parts[0]) == pack:
        inner = Path(*inner.parts[1:])
    parts: Iterable[str] = (limited(part, watch.name_limit) for part in (pack, *inner.parts))
    if watch.portable_names:
        parts = map(portable, parts)
    return watch.library.joinpath(PACKS, *parts)


def _files_in(folder: Path, library: Path | None) -> Iterator[FileInside]:
    """Yield every file; links count as files. An ignored folder counts as one file, because it may hold anything."""
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
