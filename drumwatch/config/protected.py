"""Folders that are not the user's to sort: the system's, other people's, those of programs, and drumwatch's own.

Every command that is given a folder asks here, and so does the configuration. A folder is judged by its real path and by
its identity on the disk, so that no link, no bind mount and no other spelling of a name leads around the check.
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
    """Why this folder may not be sorted, as a clause that follows its name and says what to do instead; empty if it may.

    `do` is the verb for the latter: watch, sort, name. Never raises.
    """
    found = _judged(folder, home, platform)
    return found if isinstance(found, str) else found.told(do)


def why_file_protected(file: Path, home: Path | None = None, *, do: str = "name", platform: str = "") -> str:
    """The same for a single file: it may lie in the home folder itself, or beside whatever else is protected."""
    where = _real(file)
    if where is None:
        return UNREADABLE
    found = _Judge(_home(home), platform).found_around(where.parent)
    return found.told(do) if found else ""


def why_no_library(folder: Path, home: Path | None = None, *, platform: str = "") -> str:
    """Why this folder cannot be a library, as a clause that follows its name; empty if it can. Never raises."""
    found = _judged(folder, home, platform)
    if isinstance(found, str):
        return found
    return "" if found.kind in LIBRARY_MAY_BE else f"{found.fact}: {FOR_A_LIBRARY}"


def why_around_library(folder: Path, libraries: Iterable[Path], *, do: str = "name") -> str:
    """Why a folder that holds a library may not be sorted, as such a clause; empty if it holds none."""
    for library in libraries:
        if _real(library) and _real(folder) and (inside := below(library, folder)) and inside.parts:
            return f"holds the library {printable(library)}: {do} the other folders in it, each by its name"
    return ""


class _Found(NamedTuple):
    """Which kind of folder it is, and the clause that says so."""

    kind: Kind
    fact: str

    def told(self, do: str) -> str:
        return f"{self.fact}: {self.kind.instead.format(do=do)}"


def _judged(folder: Path, home: Path | None, platform: str) -> _Found | str:
    """What is found of the folder, or else a clause about the path as it is written."""
    where = _real(folder)
    if where is None:
        return UNREADABLE
    if found := _Judge(_home(home), platform).found(where):
        return found
    return f'has ".." in it: write it as {printable(where)}' if ".." in folder.parts else ""


def _real(path: Path) -> Path | None:
    """The path behind all links; None where there can be none: a null character, or no current folder any more."""
    try:
        return real(path)
    except (OSError, ValueError):
        return None


def _home(given: Path | None) -> Path | None:
    home = given or Path(os.path.expanduser("~"))
    return _real(home) if home.is_absolute() else None


class _Step(NamedTuple):
    """A folder with what it is compared by."""

    path: Path
    key: str
    identity: Identity | None

    def is_same(self, other: _Step) -> bool:
        return self.key == other.key or (self.identity is not None and self.identity == other.identity)


class _Judge:
    """Compares real paths with the places of this platform and of this user."""

    def __init__(self, home: Path | None, platform: str) -> None:
        platform = platform or sys.platform
        self._fold: Callable[[str], str] = _folded if platform == "darwin" else str
        self._home = home
        self._own = [path for path in map(_real, app_paths.own_folders()) if path and path != home]
        table = (*(Place(path, OWN) for path in self._own), *system_places(home, platform))
        self._places = [
            (place, self._step(place.path, look=bool(place.kind.inside) or place.kind is ALLOWED))
            for place in table
        ]

    def found(self, folder: Path) -> _Found | None:
        """The first reason that holds for this folder."""
        here = self._step(folder)
        if here.is_same(self._step(Path(folder.anchor))):
            return _Found(DISK, DISK.itself)
        if self._home and self._is_around(here, self._home):
            return _Found(HOME, HOME.itself)
        kind = self._kind_of(here, self._step(folder.parent))
        if kind and kind.itself and not (kind is MOUNT_POINT and os.path.ismount(folder)):
            return _Found(kind, kind.itself)
        if own := next((own for own in self._own if self._is_around(here, own)), None):
            return _Found(AROUND_OWN, f"{AROUND_OWN.itself} in {self._shown(own)}")
        return None if kind else self.found_around(folder.parent)

    def found_around(self, folder: Path) -> _Found | None:
        """What this folder and those around it mean for what lies in it: the nearest place decides."""
        steps = [self._step(path) for path in (folder, *folder.parents)]
        for step, outer in pairwise(steps):
            if kind := self._kind_of(step, outer):
                fact = f"lies in {self._shown(step.path)}, {kind.inside}"
                return _Found(kind, fact) if kind.inside else None
        return None

    def _kind_of(self, step: _Step, outer: _Step) -> Kind | None:
        for place, base in self._places:
            if place.names:
                if fnmatch.fnmatchcase(step.path.name, place.names) and base.is_same(outer):
                    return place.kind
            elif base.is_same(step):
                return place.kind
        return PROGRAMS if self._is_of_programs(step.path) else None

    def _is_of_programs(self, folder: Path) -> bool:
        """By its name, or as a Python environment; what is around the home folder is not asked."""
        if self._home and self._home.is_relative_to(folder):
            return False
        name = folder.name.casefold()
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in PROGRAM_NAMES) or any(
            os.path.lexists(folder / file) for file in ENVIRONMENT_FILES
        )

    def _is_around(self, here: _Step, path: Path) -> bool:
        """Whether a folder is this path, or one that holds it."""
        return any(here.is_same(self._step(outer)) for outer in (path, *path.parents))

    def _step(self, path: Path, *, look: bool = True) -> _Step:
        return _Step(path, self._fold(str(path)), identity(path) if look else None)

    def _shown(self, path: Path) -> str:
        if self._home and path.is_relative_to(self._home):
            return printable(f"~/{path.relative_to(self._home).as_posix()}")
        return printable(path)


def _folded(text: str) -> str:
    """As macOS compares names: neither case nor the spelling of accents tells them apart."""
    return unicodedata.normalize("NFC", text).casefold()
