"""What lies directly in a folder, sorted by what it means for a survey. A folder that did not change is not listed again."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.records import AUDIO_SUFFIXES
from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name
from drumwatch.intake.projects.formats import FORMATS
from drumwatch.intake.projects.markers import MARKERS, Marker, proven, rows_for

if TYPE_CHECKING:
    from drumwatch.intake.projects.markers import Form

COARSEST_TIMESTAMP_NS = 2_000_000_000  # FAT counts in steps of two seconds

_SOURCE_ENDINGS = """
    .asm .c .cc .ck .clj .cpp .cs .csd .cxx .dart .erl .ex .f90 .gd .go .h .hpp .hs .ino .java .jl .js .jsx .kt .lisp .lua .m .mjs
    .mm .nim .orc .pas .php .pl .py .rb .rkt .rs .scala .scd .scm .svelte .swift .tidal .ts .tsx .vue .zig
"""
SIDECAR_ENDINGS = frozenset({".asd", ".reapeaks", ".ot"})  # beside a sound, and no document
PATCH_ENDINGS = frozenset({".pd", ".maxpat"})

_MARKER, _DOCUMENT, _SOURCE, _SIDECAR, _PATCH = 1, 2, 4, 8, 16


class Listing(NamedTuple):
    """A folder as it was when it was listed; `changed_ns` is 0 where a change could hide behind the same timestamp."""

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
    """Lists folders, and proves markers, with a memory for both."""

    def __init__(self) -> None:
        self._listings: dict[str, Listing] = {}
        self._proofs: dict[str, tuple[tuple[object, ...], Marker | None]] = {}

    def listing(self, folder: str) -> Listing | None:
        """What lies in the folder; None where it cannot be read, or has gone."""
        try:
            inode, changed_ns = _look_at(folder)
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
        """The first marker, in the order of the table, that lies in the folder, and its name.

        With `is_root` only bundles are looked for, which are projects themselves; else only what marks this folder.
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
        """The folders in it that are projects themselves."""
        found: dict[str, Marker] = {}
        for name, form in listing.candidates:
            rows = tuple(row for row in rows_for(name) if row.is_root)
            if rows and (marker := proven(rows, folder, name, form)):
                found[name] = marker
        return found

    def _proven(self, row: Marker, folder: str, listing: Listing, name: str, form: Form) -> bool:
        """What a proof said holds until the marker or its folder changes; what lies deeper is looked at again."""
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
        """Start anew where more folders are remembered than that."""
        if len(self._listings) > limit or len(self._proofs) > limit:
            self._listings.clear()
            self._proofs.clear()


_PLACES = {id(row): place for place, row in enumerate(MARKERS)}


def _meanings() -> dict[str, int]:
    """What an ending (`.rpp`) or a whole name (`package.json`) may mean, in lower case."""
    meanings: dict[str, int] = dict.fromkeys(_SOURCE_ENDINGS.split(), _SOURCE)
    for endings, meaning in ((SIDECAR_ENDINGS, _SIDECAR), (PATCH_ENDINGS, _PATCH)):
        for ending in endings:
            meanings[ending] = meanings.get(ending, 0) | meaning
    for row in MARKERS:
        for pattern in row.patterns:
            key = pattern.removeprefix("*")
            meanings[key] = meanings.get(key, 0) | _MARKER
    for document in FORMATS:
        for name in document.names:
            meanings[name] = meanings.get(name, 0) | _DOCUMENT
    return meanings


_MEANINGS = _meanings()


def meaning_of(name: str) -> int:
    """What a name may mean, as flags; 0 for almost every name."""
    lowered = name.casefold()
    meaning = _MEANINGS.get(lowered, 0) | _MEANINGS.get(os.path.splitext(lowered)[1], 0)
    return meaning | _MARKER if lowered.endswith("]") else meaning


def is_marker_name(name: str) -> bool:
    """A file or folder of this name may be a marker, or a document that refers to sounds. Cheap, for filters of events."""
    return meaning_of(name) & (_MARKER | _DOCUMENT) != 0


def _look_at(folder: str) -> tuple[int, int]:
    """The folder's identity and last change, taken before it is listed. By ctime too: rsync sets mtimes back."""
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
    return _sorted_out(Listing(inode, changed_ns, entries=count), sorted(folders), sorted(files))


def _sorted_out(listing: Listing, folders: list[str], files: list[str]) -> Listing:
    candidates: list[tuple[str, Form]] = [(name, "folder") for name in folders if meaning_of(name) & _MARKER]
    found: dict[int, list[str]] = {_DOCUMENT: [], _SOURCE: [], _PATCH: []}
    sounds: list[str] = []
    visible = 0
    index_page = ""
    for name in files:
        if os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES and not is_ignored_name(name):
            sounds.append(name)
            continue
        meaning = meaning_of(name)
        if meaning & _MARKER:
            candidates.append((name, "file"))
        if is_ignored_name(name):
            continue
        visible += not meaning & _SIDECAR
        index_page = name if name.casefold() in {"index.html", "index.htm"} else index_page
        for kind, names in found.items():
            if meaning & kind:
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
