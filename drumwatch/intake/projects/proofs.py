"""What shows that a marker is what its name promises: its content, or what lies beside it. Each proof reads a little of the disk."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.intake.projects.reading import Unreadable, head_of, zip_members

if TYPE_CHECKING:
    from collections.abc import Callable

    Proof = Callable[[str, str], bool]  # of the folder and the marker's name in it


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _has_folder(folder: str, *names: str) -> bool:
    """One of these folders lies in it, in whatever case."""
    found = [name for name in _names_in(folder) if name.casefold() in names]
    return any(os.path.isdir(os.path.join(folder, name)) for name in found)


def _has_name(folder: str, *endings: str) -> bool:
    return any(name.casefold().endswith(endings) for name in _names_in(folder))


def _head(folder: str, name: str) -> bytes:
    return head_of(Path(folder, name))


def holds(*needles: bytes) -> Proof:
    """The beginning of the file holds one of these."""
    return lambda folder, name: any(needle in _head(folder, name) for needle in needles)


def begins(*beginnings: bytes) -> Proof:
    return lambda folder, name: _head(folder, name).startswith(beginnings)


def has_siblings(*folders: str) -> Proof:
    return lambda folder, _: _has_folder(folder, *folders)


def has_neighbours(*endings: str) -> Proof:
    return lambda folder, _: _has_name(folder, *endings)


def contains(*inside: str) -> Proof:
    """The marker is a folder that holds one of these."""
    return lambda folder, name: any(os.path.lexists(os.path.join(folder, name, one)) for one in inside)


def all_of(*proofs: Proof) -> Proof:
    return lambda folder, name: all(proof(folder, name) for proof in proofs)


def any_of(*proofs: Proof) -> Proof:
    return lambda folder, name: any(proof(folder, name) for proof in proofs)


def is_zip_with(*members: str) -> Proof:
    def proof(folder: str, name: str) -> bool:
        try:
            return len(zip_members(Path(folder, name), members)) == len(members)
        except Unreadable:
            return False

    return proof


_RECORD_PATH = re.compile(rb'^[ \t]*RECORD_PATH[ \t]+"?([^"\r\n]{1,200})', re.MULTILINE)


def records_beside(folder: str, name: str) -> bool:
    """A Reaper song proves itself by its backups and peaks, or by the folder that it records into."""
    if _has_name(folder, ".reapeaks", ".rpp-bak", ".rpp-undo"):
        return True
    named = _RECORD_PATH.search(_head(folder, name))
    into = os.fsdecode(named[1]).replace("\\", "/").strip("/ ") if named else ""
    return _has_folder(folder, "media", into.partition("/")[0].casefold() or "media")


def has_data_of_its_own(folder: str, name: str) -> bool:
    return _has_folder(folder, f"{name[:-4].casefold()}_data")


def serves_projects(folder: str, _: str) -> bool:
    """An Octatrack set: beside AUDIO lie folders of projects."""
    return any(
        os.path.lexists(os.path.join(folder, name, f"project.{end}"))
        for name in _names_in(folder)
        for end in ("work", "strd")
    )


def holds_m8_songs(folder: str, name: str) -> bool:
    return _has_folder(folder, "samples") and _has_name(os.path.join(folder, name), ".m8s")


_DELUGE_ROOTS = (b"<kit", b"<sound", b"<song")
_DELUGE_FOLDERS = ("kits", "synths", "songs", "samples")


def is_of_a_deluge(folder: str, name: str) -> bool:
    others = (one for one in _DELUGE_FOLDERS if one != name.casefold())
    if not _has_folder(folder, *others):
        return False
    inside = os.path.join(folder, name)
    sheets = [one for one in _names_in(inside) if one.casefold().endswith(".xml")][:8]
    return any(any(root in _head(inside, sheet) for root in _DELUGE_ROOTS) for sheet in sheets)


_STRUDEL_BASE = re.compile(rb'\A(?:\xef\xbb\xbf)?\s{0,64}\{(?s:.{0,65536}?)"_base"\s{0,16}:')


def has_strudel_base(folder: str, name: str) -> bool:
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
