"""The files and folders by which somebody's work is known. One table: a new program is a new row.

A name alone proves little: an `.exs` may be Elixir, a `drumkit.xml` anybody's. A row's `proof` looks at the content or
at what lies beside it. Documents that prove nothing, but may refer to sounds, are in `formats`.
"""

from __future__ import annotations

import fnmatch
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drumwatch.intake.projects.reading import Unreadable, head_of, zip_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drumwatch.intake.projects.records import ProjectKind

    Proof = Callable[[str, str], bool]  # of the folder and the marker's name in it

ASKED = ".nodrumwatch"
_ASKED_NAME = f"a folder that you asked to leave ({ASKED})"


@dataclass(frozen=True, slots=True)
class Marker:
    """One row: what the marker is called, and what it shows. Patterns are in lower case."""

    patterns: tuple[str, ...]
    kind: ProjectKind
    name: str  # what a person calls the project
    is_folder: bool | None = False  # None: either
    proof: Proof | None = None
    is_root: bool = False  # the marker itself is the project (a bundle), not the folder that holds it
    marks_anything: bool = False  # also a folder for everything, such as Downloads


# --- proofs ---------------------------------------------------------------------------------------------------------


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


def _holds(*needles: bytes) -> Proof:
    """The beginning of the file holds one of these."""
    return lambda folder, name: any(needle in _head(folder, name) for needle in needles)


def _begins(*beginnings: bytes) -> Proof:
    return lambda folder, name: _head(folder, name).startswith(beginnings)


def _has_siblings(*folders: str) -> Proof:
    return lambda folder, _: _has_folder(folder, *folders)


def _has_neighbours(*endings: str) -> Proof:
    return lambda folder, _: _has_name(folder, *endings)


def _contains(*inside: str) -> Proof:
    """The marker is a folder that holds one of these."""
    return lambda folder, name: any(os.path.lexists(os.path.join(folder, name, one)) for one in inside)


def _all_of(*proofs: Proof) -> Proof:
    return lambda folder, name: all(proof(folder, name) for proof in proofs)


def _any_of(*proofs: Proof) -> Proof:
    return lambda folder, name: any(proof(folder, name) for proof in proofs)


def _is_zip_with(*members: str) -> Proof:
    def proof(folder: str, name: str) -> bool:
        try:
            return len(zip_members(Path(folder, name), members)) == len(members)
        except Unreadable:
            return False

    return proof


_RECORD_PATH = re.compile(rb'^[ \t]*RECORD_PATH[ \t]+"?([^"\r\n]{1,200})', re.MULTILINE)


def _records_beside(folder: str, name: str) -> bool:
    """A Reaper song proves itself by its backups and peaks, or by the folder that it records into."""
    if _has_name(folder, ".reapeaks", ".rpp-bak", ".rpp-undo"):
        return True
    named = _RECORD_PATH.search(_head(folder, name))
    into = os.fsdecode(named[1]).replace("\\", "/").strip("/ ") if named else ""
    return _has_folder(folder, "media", into.partition("/")[0].casefold() or "media")


def _has_data_of_its_own(folder: str, name: str) -> bool:
    return _has_folder(folder, f"{name[:-4].casefold()}_data")


def _serves_projects(folder: str, _: str) -> bool:
    """An Octatrack set: beside AUDIO lie folders of projects."""
    for name in _names_in(folder):
        if any(os.path.lexists(os.path.join(folder, name, f"project.{end}")) for end in ("work", "strd")):
            return True
    return False


def _holds_m8_songs(folder: str, name: str) -> bool:
    return _has_folder(folder, "samples") and _has_name(os.path.join(folder, name), ".m8s")


_DELUGE_ROOTS = (b"<kit", b"<sound", b"<song")
_DELUGE_FOLDERS = ("kits", "synths", "songs", "samples")


def _is_of_a_deluge(folder: str, name: str) -> bool:
    others = (one for one in _DELUGE_FOLDERS if one != name.casefold())
    if not _has_folder(folder, *others):
        return False
    inside = os.path.join(folder, name)
    sheets = [one for one in _names_in(inside) if one.casefold().endswith(".xml")][:8]
    return any(any(root in _head(inside, sheet) for root in _DELUGE_ROOTS) for sheet in sheets)


_STRUDEL_BASE = re.compile(rb'\A(?:\xef\xbb\xbf)?\s{0,64}\{(?s:.{0,65536}?)"_base"\s{0,16}:')


def _has_strudel_base(folder: str, name: str) -> bool:
    return _STRUDEL_BASE.match(head_of(Path(folder, name), 1 << 16)) is not None


_SOURCE_BESIDE_MAKEFILE = (
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


# --- the table ------------------------------------------------------------------------------------------------------

_ABLETON = "an Ableton Live project"
_LOGIC = "a Logic Pro song"
_SOURCE = "a program's source code"
_MANIFESTS = (
    "package.json",
    "pyproject.toml",
    "setup.py",
    "cargo.toml",
    "go.mod",
    "cmakelists.txt",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "gemfile",
    "meson.build",
    "configure.ac",
    "platformio.ini",
    "mix.exs",
    "pubspec.yaml",
    "*.sln",
    "*.csproj",
    "*.jucer",
)

MARKERS: tuple[Marker, ...] = (
    Marker((ASKED,), "asked", _ASKED_NAME, is_folder=None, marks_anything=True),
    # Songs
    Marker(("ableton project info",), "song", _ABLETON, is_folder=True, marks_anything=True),
    Marker(("*.rpp",), "song", "a Reaper song", proof=_all_of(_holds(b"<REAPER_PROJECT"), _records_beside)),
    Marker(("*.logicx",), "song", _LOGIC, is_folder=True, proof=_has_siblings("audio files")),
    Marker(("*.logicx",), "song", _LOGIC, is_folder=True, is_root=True),
    Marker(("*.band",), "song", "a GarageBand song", is_folder=True, is_root=True),
    Marker(("*.logic",), "song", "a Logic song", is_folder=True, is_root=True),
    Marker(
        ("*.cpr", "*.npr"),
        "song",
        "a Cubase project",
        proof=_all_of(
            _holds(b"NUND"), _any_of(_has_siblings("audio", "edits", "images"), _has_neighbours(".bak"))
        ),
    ),
    Marker(
        ("*.ptx", "*.ptf", "*.pts"),
        "song",
        "a Pro Tools session",
        proof=_all_of(_begins(b"\x030010111100101011"), _has_siblings("audio files", "session file backups")),
    ),
    Marker(
        ("*.song",),
        "song",
        "a Studio One song",
        proof=_all_of(
            _has_siblings("media", "history", "cache", "mixdown"),
            _is_zip_with("Song/song.xml", "metainfo.xml"),
        ),
    ),
    Marker(
        ("*.bwproject",),
        "song",
        "a Bitwig Studio project",
        proof=_all_of(_begins(b"BtWg"), _has_siblings("samples", "plugin-states", "auto-backups", "bounce")),
    ),
    Marker(
        ("*.ardour",),
        "song",
        "an Ardour session",
        proof=_all_of(_holds(b"<Session "), _has_siblings("interchange")),
    ),
    Marker(
        ("*.aup",),
        "song",
        "an Audacity project",
        proof=_all_of(_holds(b"audacity"), _has_data_of_its_own),
    ),
    Marker(("*.tracktion",), "song", "a Waveform edit", proof=_has_neighbours(".tracktionedit")),
    Marker(("*_[[]projectdata]", "*_[[]trackdata]"), "song", "an MPC project", is_folder=True),
    # Instruments and hardware
    Marker(("*.dsbundle",), "instrument", "a DecentSampler instrument", is_folder=True, is_root=True),
    Marker(
        ("expansion.xml",),
        "instrument",
        "an MPC expansion",
        proof=_any_of(_has_siblings("[previews]"), _has_neighbours(".xpm")),
    ),
    Marker(("project.work", "project.strd"), "song", "an Octatrack project"),
    Marker(("audio",), "song", "an Octatrack set", is_folder=True, proof=_serves_projects),
    Marker(
        ("project.mt",),
        "song",
        "a Polyend Tracker project",
        proof=_has_siblings("patterns", "instruments", "samples"),
    ),
    Marker(("songs",), "song", "an M8 card", is_folder=True, proof=_holds_m8_songs),
    Marker(("padconf.bin",), "song", "an SP-404 project", proof=_begins(b"RFPD")),
    Marker(("kits", "synths", "songs"), "song", "a Deluge card", is_folder=True, proof=_is_of_a_deluge),
    Marker(
        ("preset.xml",),
        "instrument",
        "a 1010music preset",
        proof=_all_of(_holds(b"<document"), _holds(b"filename=")),
    ),
    Marker(("*.json",), "instrument", "a Strudel sample map", proof=_has_strudel_base),
    Marker(("*.quark",), "instrument", "a SuperCollider quark"),
    Marker(("*.maxproj",), "program", "a Max project", proof=_holds(b"{")),
    # Code
    Marker((".git",), "code", "a git checkout", is_folder=True, marks_anything=True),
    Marker((".git",), "code", "a git checkout", proof=_begins(b"gitdir:"), marks_anything=True),
    Marker((".hg",), "code", "a Mercurial checkout", is_folder=True, marks_anything=True),
    Marker((".svn",), "code", "a Subversion checkout", is_folder=True, marks_anything=True),
    Marker((".bzr",), "code", "a Bazaar checkout", is_folder=True, marks_anything=True),
    Marker((".jj",), "code", "a Jujutsu checkout", is_folder=True, marks_anything=True),
    Marker(("_darcs",), "code", "a Darcs checkout", is_folder=True, marks_anything=True),
    Marker(("project.godot",), "code", "a Godot game"),
    Marker(
        ("projectsettings",), "code", "a Unity game", is_folder=True, proof=_contains("ProjectVersion.txt")
    ),
    Marker(("*.uproject",), "code", "an Unreal game"),
    Marker(_MANIFESTS, "code", _SOURCE),
    Marker(("*.xcodeproj",), "code", _SOURCE, is_folder=True),
    Marker(("makefile",), "code", _SOURCE, proof=_has_neighbours(*_SOURCE_BESIDE_MAKEFILE)),
    # Environments and programs
    Marker(("pyvenv.cfg",), "program", "a Python environment"),
    Marker(("conda-meta",), "program", "a Conda environment", is_folder=True),
    Marker(("node_modules",), "program", "JavaScript packages", is_folder=True, is_root=True),
    Marker(("site-packages",), "program", "Python packages", is_folder=True, is_root=True),
    Marker(("*.app",), "program", "a program", is_folder=True, is_root=True),
    Marker(
        ("*.vst3", "*.component", "*.vst", "*.clap", "*.aaxplugin", "*.lv2", "*.bundle"),
        "program",
        "a plug-in",
        is_folder=True,
        is_root=True,
    ),
    Marker(("contents",), "program", "a program", is_folder=True, proof=_contains("Info.plist")),
    Marker(("*.dll",), "program", "a program", proof=_has_neighbours(".exe")),
    # Video
    Marker(("*.prproj",), "video", "a Premiere Pro project", proof=_begins(b"\x1f\x8b")),
    Marker(("*.drp",), "video", "a DaVinci Resolve project", proof=_begins(b"PK")),
    Marker(("*.fcpbundle",), "video", "a Final Cut library", is_folder=True, is_root=True),
    Marker(("*.kdenlive",), "video", "a Kdenlive project", proof=_holds(b"<mlt", b"<kdenlivedoc")),
    Marker(("*.aep",), "video", "an After Effects project", proof=_begins(b"RIFX")),
    # Backups
    Marker(
        ("*.sparsebundle", "backups.backupdb", "*.backupbundle", "*.tmbackup"),
        "backup",
        "a backup",
        is_folder=True,
        is_root=True,
    ),
)


# --- looking a name up ----------------------------------------------------------------------------------------------

Form = Literal["file", "folder"]


@functools.cache
def _rows_by_key() -> dict[str, tuple[Marker, ...]]:
    """The rows by the whole name (`package.json`) or its ending (`.rpp`) that they ask for."""
    rows: dict[str, tuple[Marker, ...]] = {}
    for marker in MARKERS:
        for pattern in marker.patterns:
            key = pattern.removeprefix("*") if pattern.startswith("*.") else pattern
            if "*" not in key:
                rows[key] = (*rows.get(key, ()), marker)
    return rows


@functools.cache
def _rows_by_pattern() -> tuple[tuple[re.Pattern[str], Marker], ...]:
    """The few rows whose patterns are neither."""
    return tuple(
        (re.compile(fnmatch.translate(pattern)), marker)
        for marker in MARKERS
        for pattern in marker.patterns
        if "*" in pattern.removeprefix("*.")
    )


def rows_for(name: str) -> tuple[Marker, ...]:
    """The rows that a file or folder of this name may stand for, by its name alone."""
    lowered = name.casefold()
    rows = _rows_by_key().get(lowered, ()) + _rows_by_key().get(os.path.splitext(lowered)[1], ())
    if lowered.endswith("]"):
        rows += tuple(marker for pattern, marker in _rows_by_pattern() if pattern.match(lowered))
    return rows


def proven(rows: Iterable[Marker], folder: str, name: str, form: Form) -> Marker | None:
    """The first of these rows that this file or folder does stand for. It reads the disk."""
    for marker in rows:
        is_right_form = marker.is_folder is None or marker.is_folder == (form == "folder")
        if is_right_form and (marker.proof is None or marker.proof(folder, name)):
            return marker
    return None
