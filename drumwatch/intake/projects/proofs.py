"""Check that a marker is genuine, by its content or by its surroundings; each check reads a few names or bytes from the disk."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.projects.reading import Unreadable, head_of, zip_members

if TYPE_CHECKING:
    from collections.abc import Callable

    Proof = Callable[[str, str], bool]  # takes the folder and the marker's name in it


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _has_folder(folder: str, *names: str) -> bool:
    """Return whether the folder has one of these subfolders, in upper or lower case."""
    found = [name for name in _names_in(folder) if name.casefold() in names]
    return any(os.path.isdir(os.path.join(folder, name)) for name in found)


def _has_name(folder: str, *endings: str) -> bool:
    return any(name.casefold().endswith(endings) for name in _names_in(folder))


def _head(folder: str, name: str) -> bytes:
    return head_of(Path(folder, name))


def holds(*needles: bytes) -> Proof:
    """Return a proof: one of these byte strings is in the beginning of the file."""
    return lambda folder, name: any(needle in _head(folder, name) for needle in needles)


def begins(*beginnings: bytes) -> Proof:
    """Return a proof: the file begins with one of these byte strings."""
    return lambda folder, name: _head(folder, name).startswith(beginnings)


def has_siblings(*folders: str) -> Proof:
    """Return a proof: one of these folders lies beside the marker."""
    return lambda folder, _: _has_folder(folder, *folders)


def has_neighbours(*endings: str) -> Proof:
    """Return a proof: an entry with one of these name endings lies beside the marker."""
    return lambda folder, _: _has_name(folder, *endings)


def contains(*inside: str) -> Proof:
    """Return a proof: the marker is a folder with one of these entries."""
    return lambda folder, name: any(os.path.lexists(os.path.join(folder, name, one)) for one in inside)


def all_of(*proofs: Proof) -> Proof:
    """Return a proof: all of these hold."""
    return lambda folder, name: all(proof(folder, name) for proof in proofs)


def any_of(*proofs: Proof) -> Proof:
    """Return a proof: one of these holds."""
    return lambda folder, name: any(proof(folder, name) for proof in proofs)


def is_zip_with(*members: str) -> Proof:
    """Return a proof: the marker is a zip with all of these members."""

    def proof(folder: str, name: str) -> bool:
        try:
            return len(zip_members(Path(folder, name), members)) == len(members)
        except Unreadable:
            return False

    return proof


_RECORD_PATH = re.compile(rb'^[ \t]*RECORD_PATH[ \t]+"?([^"\r\n]{1,200})', re.MULTILINE)


def records_beside(folder: str, name: str) -> bool:
    """Return whether a Reaper song has backups or peak files beside it, or the folder that it records into."""
    if _has_name(folder, ".reapeaks", ".rpp-bak", ".rpp-undo"):
        return True
    named = _RECORD_PATH.search(_head(folder, name))
    into = os.fsdecode(named[1]).replace("\\", "/").strip("/ ") if named else ""
    return _has_folder(folder, "media", into.partition("/")[0].casefold() or "media")


def has_data_of_its_own(folder: str, name: str) -> bool:
    """Return whether an Audacity project has its data folder beside it: `Song_data` for `Song.aup`."""
    return _has_folder(folder, f"{name[:-4].casefold()}_data")


def serves_projects(folder: str, _: str) -> bool:
    """Return whether the folder is an Octatrack set: folders of projects lie beside AUDIO."""
    return any(
        os.path.lexists(os.path.join(folder, name, f"project.{end}"))
        for name in _names_in(folder)
        for end in ("work", "strd")
    )


def holds_m8_songs(folder: str, name: str) -> bool:
    """Return whether this is the Songs folder of an M8 card: with M8 songs in it, and Samples beside it."""
    return _has_folder(folder, "samples") and _has_name(os.path.join(folder, name), ".m8s")


_DELUGE_ROOTS = (b"<kit", b"<sound", b"<song")
_DELUGE_FOLDERS = ("kits", "synths", "songs", "samples")


def is_of_a_deluge(folder: str, name: str) -> bool:
    """Return whether this folder is one of a Deluge card: another one lies beside it, and it holds XML files of a Deluge."""
    others = (one for one in _DELUGE_FOLDERS if one != name.casefold())
    if not _has_folder(folder, *others):
        return False
    inside = os.path.join(folder, name)
    files = [one for one in _names_in(inside) if one.casefold().endswith(".xml")][:8]
    return any(any(root in _head(inside, file) for root in _DELUGE_ROOTS) for file in files)


_STRUDEL_BASE = re.compile(rb'\A(?:\xef\xbb\xbf)?\s{0,64}\{(?s:.{0,65536}?)"_base"\s{0,16}:')


def has_strudel_base(folder: str, name: str) -> bool:
    """Return whether a JSON file is a Strudel sample map: an object with the key "_base"."""
    return _STRUDEL_BASE.match(head_of(Path(folder, name), 1 << 16)) is not None


SOURCE_BESIDE_MAKEFILE = (
    ".c",
    ".cc",
    ".cpp",
    ".h",
    ".hpp",
    ".rs",
    ".go",
    ".py",
    ".java",
    ".asm",
    ".s",
    ".f90",
)
