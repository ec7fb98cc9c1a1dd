"""The hidden folder in the library in which archives are unpacked; each has a subfolder named after the process id."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.filing.system_files import is_system_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drumwatch.journal import Journal

# In the library, so that filing is a rename on one disk; hidden, so that no scan enters it.
STAGING = ".drumwatch-unpacked"

# The key of the journal's state with the folders in which archives are being unpacked, and the archives.
_UNPACKING = "unpacking"


class UnpackingRecord:
    """Remembers in the journal where archives are being unpacked, so that the next process finds what a killed one leaves."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def archives(self) -> dict[Path, Path]:
        """Return the folders in which unpacking began and did not end, each with its archive."""
        found = self._journal.state.get().get(_UNPACKING, {})
        return {Path(folder): Path(archive) for folder, archive in found.items()}

    def under_way(self) -> list[Path]:
        """Return the archives that a running process is unpacking now."""
        return [
            archive
            for folder, archive in self.archives().items()
            if folder.is_dir() and (not is_abandoned(folder.parent) or is_own(folder.parent))
        ]

    def note(self, folder: Path, archive: Path) -> None:
        """Record that an archive is about to be unpacked."""
        with self._journal.transaction():  # another process may write meanwhile
            self._save({**self.archives(), folder: archive})

    def drop(self, folders: Iterable[Path]) -> None:
        """Record that unpacking into these folders has ended."""
        gone = set(folders)
        if not gone:
            return
        with self._journal.transaction():
            self._save({folder: archive for folder, archive in self.archives().items() if folder not in gone})

    def drop_removed(self) -> None:
        """Forget folders of ended processes that are gone; not those on a disk that may be away."""
        self.drop(
            folder
            for folder in self.archives()
            if not os.path.lexists(folder)
            and is_abandoned(folder.parent)
            and _holds_anything(folder.parents[2])
        )

    def _save(self, archives: dict[Path, Path]) -> None:
        texts = {str(folder): str(archive) for folder, archive in archives.items()}
        self._journal.state.set(**{_UNPACKING: texts or None})


class LeftUnpacked(NamedTuple):
    """Files that an ended process has left unpacked."""

    folder: Path
    files: int
    lost_archive: Path | None  # the archive that they came from, if it is gone: they may be the last copies


def left_unpacked(libraries: Iterable[Path], journal: Journal | None) -> Iterator[LeftUnpacked]:
    """Yield what ended processes have left unpacked in these libraries, and wherever the journal knows of it."""
    archives = _archives_known(journal) if journal else {}
    at = {folder.parent: archive for folder, archive in archives.items()}
    for staging in sorted(stagings(libraries, archives)):
        with contextlib.suppress(OSError):
            for folder in sorted(staging.iterdir()):
                if is_abandoned(folder) and (files := count_files(folder)):
                    archive = at.get(folder)
                    yield LeftUnpacked(folder, files, archive if archive and not archive.exists() else None)


def stagings(libraries: Iterable[Path], unpacked: Iterable[Path]) -> set[Path]:
    """Return the hidden folders of these libraries, and those in which these unpacked folders are."""
    around = {folder.parents[1] for folder in unpacked if len(folder.parents) > 1}
    return {library / STAGING for library in libraries} | {
        folder for folder in around if folder.name == STAGING
    }


def _archives_known(journal: Journal) -> dict[Path, Path]:
    known = {unpacked.folder: unpacked.archive for unpacked in journal.batches.unpacked()}
    return {**UnpackingRecord(journal).archives(), **known}


def _holds_anything(folder: Path) -> bool:
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def sweep(staging: Path, known: set[Path]) -> None:
    """Remove the folders of processes that have ended, except the `known` ones."""
    with contextlib.suppress(OSError):
        for name in os.listdir(staging):
            if staging / name not in known and is_abandoned(staging / name):
                shutil.rmtree(staging / name, ignore_errors=True)
        os.rmdir(staging)


def is_own(folder: Path) -> bool:
    """Return whether the folder was made by this process."""
    return folder.name.partition("-")[0] == str(os.getpid())


def is_abandoned(folder: Path) -> bool:
    """Return whether the process whose id is in the folder's name has ended."""
    number = folder.name.partition("-")[0]
    if not number.isdigit() or int(number) == os.getpid():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def holds_files(folder: Path) -> bool:
    """Return whether there is any file in the folder or below, beside those that macOS leaves in every folder."""
    return count_files(folder) > 0


def count_files(folder: Path) -> int:
    """Return the number of files in the folder and below, without those that macOS leaves in every folder."""
    return sum(not is_system_name(name) for _, _, names in os.walk(folder) for name in names)


def remove(folder: Path) -> None:
    """Remove the folder of an unpacked archive, and the folders above it if they are empty then."""
    shutil.rmtree(folder, ignore_errors=True)
    for above in (folder.parent, folder.parent.parent):
        with contextlib.suppress(OSError):
            os.rmdir(above)
