"""Map the paths of events, which name a watched folder by its real path, to its path in the configuration."""

from __future__ import annotations

import os
from pathlib import Path

from drumwatch.config.folder_relations import identity


class PathMap:
    """Maps paths below one folder, however the system spells that folder, to the spelling of the configuration.

    macOS reports real paths, with the case and the Unicode form that the disk has. Whether another spelling names the same
    folder is asked of the disk, because some disks distinguish case and Unicode forms.
    """

    def __init__(self, configured: str, real: str) -> None:
        self._configured = configured
        self._spellings = list(dict.fromkeys((real, configured)))

    def to_configured(self, path: str) -> str | None:
        """Return the path below the folder as it is configured, or None if it does not lie there."""
        for spelling in self._spellings:
            if (inside := _inside(path, spelling)) is not None:
                return self._configured + inside
        if (other := self._spelling_in(path)) is None:
            return None
        self._spellings.append(other)
        return self._configured + path[len(other) :]

    def _spelling_in(self, path: str) -> str | None:
        """Return the part of the path that names the folder by another spelling, or None if there is none."""
        wanted = identity(Path(self._configured))
        folder = path if wanted else ""
        while folder and folder != os.path.dirname(folder):
            if identity(Path(folder)) == wanted:
                return folder
            folder = os.path.dirname(folder)
        return None


def _inside(path: str, folder: str) -> str | None:
    """Return what follows the folder in the path, with its separator; None if the path does not begin with it."""
    if not path.startswith(folder):
        return None
    inside = path[len(folder) :]
    return inside if not inside or inside.startswith(os.sep) else None
