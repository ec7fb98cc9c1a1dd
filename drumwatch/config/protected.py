"""Folders that must not be sorted: those of the system, of other users, of programs, and drumwatch's own.

Every command that is given a folder uses these checks, and so does the configuration. A folder is checked by its real path
and by its device and inode, so that no link, bind mount or other spelling of a name evades the check.
"""

from __future__ import annotations

import fnmatch
import os
import sys
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config.folder_relations import Identity, below, identity, real
from drumwatch.config.system_folders import (
    ALLOWED,
    AROUND_OWN,
    CLOUDS,
    DISK,
    ENVIRONMENT_FILES,
    HIDDEN,
    HOME,
    MOUNT_POINT,
    OTHERS,
    OWN,
    PROGRAM_NAMES,
    PROGRAMS,
    SERVED,
    Kind,
    Place,
    system_places,
)
from drumwatch.core.formatting import printable
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LIBRARY_MAY_BE = (OTHERS, HIDDEN, SERVED, CLOUDS, AROUND_OWN)
FOR_A_LIBRARY = "choose a folder of its own, such as ~/Music/Drum Library"
UNREADABLE = "is not a path that can be looked at: name a folder that is there"


def why_protected(folder: Path, home: Path | None = None, *, do: str = "name", platform: str = "") -> str:
    """Return why this folder must not be sorted and what to do instead, as a clause that follows its name; empty if it may be.

    `do` is the verb of the advice: watch, sort, name. Never raises.
    """
    found = _checked(folder, home, platform)
    return found if isinstance(found, str) else found.clause(do)


def protection_check(home: Path, *, do: str) -> Callable[[Path], str]:
    """Return `why_protected` for many folders: the protected folders are looked up once, and no change is noticed meanwhile."""
    checker = _Checker(_home(home), "")

    def why(folder: Path) -> str:
        found = _checked(folder, home, "", checker)
        return found if isinstance(found, str) else found.clause(do)

    return why


def why_file_protected(file: Path, home: Path | None = None, *, do: str = "name", platform: str = "") -> str:
    """Return why this file must not be sorted; unlike a folder, it may be directly in the home folder, or beside protected folders."""
    where = _real(file)
    if where is None:
        return UNREADABLE
    found = _Checker(_home(home), platform).match_around(where.parent)
    return found.clause(do) if found else ""


def why_no_library(folder: Path, home: Path | None = None, *, platform: str = "") -> str:
    """Return why this folder cannot be a library, as a clause that follows its name; empty if it can. Never raises."""
    found = _checked(folder, home, platform)
    if isinstance(found, str):
        return found
    return "" if found.kind in LIBRARY_MAY_BE else f"{found.fact}: {FOR_A_LIBRARY}"


def why_around_library(folder: Path, libraries: Iterable[Path], *, do: str = "name") -> str:
    """Return why a folder that contains a library must not be sorted, as such a clause; empty if it contains none."""
    for library in libraries:
        if _real(library) and _real(folder) and (inside := below(library, folder)) and inside.parts:
            return f"holds the library {printable(library)}: {do} the other folders in it, each by its name"
    return ""


class _Match(NamedTuple):
    """A protected folder: its kind, and the clause that says so."""

    kind: Kind
    fact: str

    def clause(self, do: str) -> str:
        """Return the clause with the advice of what to do instead."""
        return f"{self.fact}: {self.kind.instead.format(do=do)}"


def _checked(folder: Path, home: Path | None, platform: str, checker: _Checker | None = None) -> _Match | str:
    """Return the match of a protected folder, else a clause about the path as it is written, or an empty string."""
    where = _real(folder)
    if where is None:
        return UNREADABLE
    if found := (checker or _Checker(_home(home), platform)).match(where):
        return found
    return f'has ".." in it: write it as {printable(where)}' if ".." in folder.parts else ""


def _real(path: Path) -> Path | None:
    """Return the path with all links resolved; None if it has a null character, or the current folder is gone."""
    try:
        return real(path)
    except (OSError, ValueError):
        return None


def _home(given: Path | None) -> Path | None:
    home = given or Path(os.path.expanduser("~"))
    return _real(home) if home.is_absolute() else None


class _Folder(NamedTuple):
    """A folder with its keys for comparison."""

    path: Path
    key: str
    identity: Identity | None

    def is_same(self, other: _Folder) -> bool:
        """Return whether both are one folder, by path or by device and inode."""
        return self.key == other.key or (self.identity is not None and self.identity == other.identity)


class _Checker:
    """Compares real paths with the protected folders of this platform and of this user."""

    def __init__(self, home: Path | None, platform: str) -> None:
        platform = platform or sys.platform
        self._fold: Callable[[str], str] = _folded if platform == "darwin" else str
        self._home = home
        self._known: dict[tuple[Path, bool], _Folder] = {}
        self._matches_around: dict[Path, _Match | None] = {}
        self._up: dict[Path, tuple[_Folder, ...]] = {}
        self._own = [path for path in map(_real, app_paths.own_folders()) if path and path != home]
        table = (*(Place(path, OWN) for path in self._own), *system_places(home, platform))
        self._places = [
            (place, self._folder(place.path, on_disk=bool(place.kind.inside) or place.kind is ALLOWED))
            for place in table
        ]

    def match(self, folder: Path) -> _Match | None:
        """Return the first protection that applies to this folder, or None."""
        here = self._folder(folder)
        if here.is_same(self._folder(Path(folder.anchor))):
            return _Match(DISK, DISK.itself)
        if self._home and self._is_around(here, self._home):
            return _Match(HOME, HOME.itself)
        kind = self._kind_of(here, self._folder(folder.parent))
        if kind and kind.itself and not (kind is MOUNT_POINT and os.path.ismount(folder)):
            return _Match(kind, kind.itself)
        if own := next((own for own in self._own if self._is_around(here, own)), None):
            return _Match(AROUND_OWN, f"{AROUND_OWN.itself} in {self._shown(own)}")
        return None if kind else self.match_around(folder.parent)

    def match_around(self, folder: Path) -> _Match | None:
        """Return the protection of what is in this folder, from the nearest known folder around it, or None."""
        if folder not in self._matches_around:
            self._matches_around[folder] = self._match_around(folder)
        return self._matches_around[folder]

    def _match_around(self, folder: Path) -> _Match | None:
        folders = [self._folder(path) for path in (folder, *folder.parents)]
        for inner, outer in pairwise(folders):
            if kind := self._kind_of(inner, outer):
                fact = f"lies in {self._shown(inner.path)}, {kind.inside}"
                return _Match(kind, fact) if kind.inside else None
        return None

    def _kind_of(self, folder: _Folder, outer: _Folder) -> Kind | None:
        for place, base in self._places:
            if place.names:
                if fnmatch.fnmatchcase(folder.path.name, place.names) and base.is_same(outer):
                    return place.kind
            elif base.is_same(folder):
                return place.kind
        return PROGRAMS if self._is_of_programs(folder.path) else None

    def _is_of_programs(self, folder: Path) -> bool:
        """Return whether a folder belongs to programs, by its name or as a Python environment; those around the home do not count."""
        if self._home and self._home.is_relative_to(folder):
            return False
        name = folder.name.casefold()
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in PROGRAM_NAMES) or any(
            os.path.lexists(folder / file) for file in ENVIRONMENT_FILES
        )

    def _is_around(self, here: _Folder, path: Path) -> bool:
        """Return whether a folder is this path or contains it."""
        if path not in self._up:
            self._up[path] = tuple(self._folder(outer) for outer in (path, *path.parents))
        return any(here.is_same(outer) for outer in self._up[path])

    def _folder(self, path: Path, *, on_disk: bool = True) -> _Folder:
        if (path, on_disk) not in self._known:
            found = _Folder(path, self._fold(str(path)), identity(path) if on_disk else None)
            self._known[path, on_disk] = found
        return self._known[path, on_disk]

    def _shown(self, path: Path) -> str:
        if self._home and path.is_relative_to(self._home):
            return printable(f"~/{path.relative_to(self._home).as_posix()}")
        return printable(path)


def _folded(text: str) -> str:
    """Return a name as macOS compares it: without regard to case and to the encoding of accents."""
    return unicodedata.normalize("NFC", text).casefold()
