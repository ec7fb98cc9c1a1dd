"""Libraries on disks of their own: while the disk is away, the empty folder on which it was mounted is not the library."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drumwatch.core.errors import DiskUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.journal import Journal

# The key of the journal's state with the libraries that were mount points when a sound was last filed into them.
MOUNTED = "mounted"


class LibraryDisks:
    """Remembers in the journal which libraries are mount points."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._mounted: set[str] = set(journal.state.get().get(MOUNTED, ()))

    def require(self, library: Path) -> None:
        """Raise DiskUnavailable if the library was a mount point before and is an empty folder now."""
        name = str(library)
        if os.path.ismount(library):
            if name not in self._mounted:
                self._save(self._mounted | {name})
        elif name in self._mounted and not _is_empty(library):  # meant to be a plain folder from now on
            self._save(self._mounted - {name})
        elif name in self._mounted:
            away = (
                f"The library {library} is not there: the disk that was mounted on this folder is away. Connect it, and it"
                " will go on; or put something into the folder, if that is to be the library from now on."
            )
            raise DiskUnavailable(away, trouble=away, where=library)

    def _save(self, mounted: set[str]) -> None:
        self._journal.state.set(**{MOUNTED: sorted(mounted) or None})
        self._mounted = mounted


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as names:
            return next(names, None) is None
    except OSError:  # it is not there either
        return True
