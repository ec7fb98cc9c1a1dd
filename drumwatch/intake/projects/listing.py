"""List the direct content of a folder by its role in a survey; a folder that did not change is not listed again."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.records import SOUND_SUFFIXES
from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name
from drumwatch.intake.projects.formats import FORMATS
from drumwatch.intake.projects.markers import MARKERS, Marker, proven, rows_for

if TYPE_CHECKING:
    from drumwatch.intake.projects.markers import Form

COARSEST_TIMESTAMP_NS = 2_000_000_000  # FAT has a resolution of two seconds

_SOURCE_ENDINGS = """
    .asm .c .cc .ck .clj .cpp .cs .csd .cxx .dart .erl .ex .f90 .gd .go .h .hpp .hs .ino .java .jl .js .jsx .kt .lisp .lua .m .mjs
    .mm .nim .orc .pas .php .pl .py .rb .rkt .rs .scala .scd .scm .svelte .swift .tidal .ts .tsx .vue .zig
"""
SIDECAR_ENDINGS = frozenset(
    {".asd", ".reapeaks", ".ot"}
)  # kept beside a sound by other programs; no documents
PATCH_ENDINGS = frozenset({".pd", ".maxpat"})

_MARKER, _DOCUMENT, _SOURCE, _SIDECAR, _PATCH = 1, 2, 4, 8, 16


class Listing(NamedTuple):
    """The content of a folder when it was listed; `changed_ns` is 0 if a later change could have the same timestamp."""

    inode: int
    changed_ns: int
    folders: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    candidates: tuple[tuple[str, Form], ...] = ()  # what may be a marker
    patches: int = 0
    files: int = 0  # that are neither hidden nor sidecars
    entries: int = 0
    index_page: str = ""


class FolderLister:
    """Lists folders and checks markers, and caches the results of both."""

    def __init__(self) -> None:
        self._listings: dict[str, Listing] = {}
        self._proofs: dict[str, tuple[tuple[object, ...], Marker | None]] = {}

    def listing(self, folder: str) -> Listing | None:
        """Return the content of the folder, or None if it cannot be read or is gone."""
        try:
            inode, changed_ns = _folder_state(folder)
            known = self._listings.get(folder)
            if known is None or not changed_ns or known[:2] != (inode, changed_ns):
                known = _listed(folder, inode, changed_ns)
        except OSError:
            self._listings.pop(folder, None)
            return None
        self._listings[folder] = known
        return known

    def marker_in(
        self, folder: str, listing: Listing, *, is_root: bool, only_anywhere: bool = False
    ) -> tuple[Marker, str] | None:
        """Return the first marker in the folder, in the order of the table, and its file name; None if there is none.

        With `is_root`, only bundles count, which are projects themselves; else only what marks this folder. With `only_anywhere`, only
        markers count that also mark a general folder such as Downloads.
        """
        rows = sorted(
            (_PLACES[id(row)], name, form)
            for name, form in listing.candidates
            for row in rows_for(name)
            if row.is_root == is_root and (row.marks_anything or not only_anywhere)
        )
        for place, name, form in rows:
            if self._proven(MARKERS[place], folder, listing, name, form):
                return MARKERS[place], name
        return None

    def bundles_in(self, folder: str, listing: Listing) -> dict[str, Marker]:
        """Return the subfolders that are projects themselves, by name."""
        found: dict[str, Marker] = {}
        for name, form in listing.candidates:
            rows = tuple(row for row in rows_for(name) if row.is_root)
            if rows and (marker := proven(rows, folder, name, form)):
                found[name] = marker
        return found

    def _proven(self, row: Marker, folder: str, listing: Listing, name: str, form: Form) -> bool:
        """Return whether the marker is genuine; the result is cached until the marker or its folder changes.

        A marker that is a folder is checked each time, because its content may change without the folder.
        """
        if row.proof is None or not listing.changed_ns or form == "folder":
            return proven((row,), folder, name, form) is not None
        try:
            status = os.stat(os.path.join(folder, name), follow_symlinks=False)
        except OSError:
            return False
        key = (listing[:2], status.st_ino, status.st_size, status.st_mtime_ns)
        place = f"{_PLACES[id(row)]}:{os.path.join(folder, name)}"
        known = self._proofs.get(place)
        if known is None or known[0] != key:
            known = self._proofs[place] = (key, proven((row,), folder, name, form))
        return known[1] is not None

    def forget(self, limit: int) -> None:
        """Clear the caches if they hold more than `limit` entries."""
        if len(self._listings) > limit or len(self._proofs) > limit:
            self._listings.clear()
            self._proofs.clear()


_PLACES = {id(row): place for place, row in enumerate(MARKERS)}


def _roles_by_name() -> dict[str, int]:
    """Return the flags of each file ending (`.rpp`) and each whole name (`package.json`), in lower case."""
    roles: dict[str, int] = dict.fromkeys(_SOURCE_ENDINGS.split(), _SOURCE)
    for endings, flags in ((SIDECAR_ENDINGS, _SIDECAR), (PATCH_ENDINGS, _PATCH)):
        for ending in endings:
            roles[ending] = roles.get(ending, 0) | flags
    for row in MARKERS:
        for pattern in row.patterns:
            key = pattern.removeprefix("*")
            roles[key] = roles.get(key, 0) | _MARKER
    for document in FORMATS:
        for name in document.names:
            roles[name] = roles.get(name, 0) | _DOCUMENT
    return roles


_ROLES_BY_NAME = _roles_by_name()


def role_flags(name: str) -> int:
    """Return the possible roles of a name as flags; 0 for almost every name."""
    lowered = name.casefold()
    flags = _ROLES_BY_NAME.get(lowered, 0) | _ROLES_BY_NAME.get(os.path.splitext(lowered)[1], 0)
    return flags | _MARKER if lowered.endswith("]") else flags


def is_marker_name(name: str) -> bool:
    """Return whether a file or folder of this name may be a marker or a document that refers to sounds; cheap enough for every event."""
    return role_flags(name) & (_MARKER | _DOCUMENT) != 0


def _folder_state(folder: str) -> tuple[int, int]:
    """Return inode and time of the last change, read before the folder is listed; ctime counts too, because rsync resets mtimes."""
    seen_ns = time.time_ns()
    status = os.stat(folder)
    changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
    return status.st_ino, changed_ns if seen_ns - changed_ns > COARSEST_TIMESTAMP_NS else 0


def _listed(folder: str, inode: int, changed_ns: int) -> Listing:
    folders: list[str] = []
    files: list[str] = []
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            count += 1
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif not entry.is_symlink():
                files.append(entry.name)
    return _by_role(Listing(inode, changed_ns, entries=count), sorted(folders), sorted(files))


def _by_role(listing: Listing, folders: list[str], files: list[str]) -> Listing:
    candidates: list[tuple[str, Form]] = [(name, "folder") for name in folders if role_flags(name) & _MARKER]
    found: dict[int, list[str]] = {_DOCUMENT: [], _SOURCE: [], _PATCH: []}
    sounds: list[str] = []
    visible = 0
    index_page = ""
    for name in files:
        if os.path.splitext(name)[1].lower() in SOUND_SUFFIXES and not is_ignored_name(name):
            sounds.append(name)
            continue
        flags = role_flags(name)
        if flags & _MARKER:
            candidates.append((name, "file"))
        if is_ignored_name(name):
            continue
        visible += not flags & _SIDECAR
        index_page = name if name.casefold() in {"index.html", "index.htm"} else index_page
        for kind, names in found.items():
            if flags & kind:
                names.append(name)
    return listing._replace(
        folders=tuple(name for name in folders if not is_ignored_folder(name)),
        sounds=tuple(sounds),
        documents=tuple(found[_DOCUMENT]),
        sources=tuple(found[_SOURCE]),
        candidates=tuple(candidates),
        patches=len(found[_PATCH]),
        files=visible + len(sounds),
        index_page=index_page,
    )
