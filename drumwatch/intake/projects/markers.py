"""The table of files and folders that mark a project; support for another program is another row.

A name alone is weak evidence: an `.exs` may be Elixir, a `drumkit.xml` may come from any program. The `proof` of a row checks the content
or the surroundings. Documents that mark no project, but may refer to sounds, are in `formats`.
"""

from __future__ import annotations

import fnmatch
import functools
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from drumwatch.intake.projects.proofs import (
    SOURCE_BESIDE_MAKEFILE,
    all_of,
    any_of,
    begins,
    contains,
    has_data_of_its_own,
    has_neighbours,
    has_siblings,
    has_strudel_base,
    holds,
    holds_m8_songs,
    is_of_a_deluge,
    is_zip_with,
    records_beside,
    serves_projects,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drumwatch.intake.projects.proofs import Proof
    from drumwatch.intake.projects.records import ProjectKind

ASKED = ".nodrumwatch"
_ASKED_NAME = f"a folder that you asked to leave ({ASKED})"


@dataclass(frozen=True, slots=True)
class Marker:
    """One row: the name patterns of a marker, in lower case, and the project that it marks."""

    patterns: tuple[str, ...]
    kind: ProjectKind
    name: str  # display name of the project: "a Reaper song"
    is_folder: bool | None = False  # None: either
    proof: Proof | None = None
    is_root: bool = False  # the marker itself is the project (a bundle), not the folder that holds it
    marks_anything: bool = False  # it marks also a general folder such as Downloads


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
    Marker(("*.rpp",), "song", "a Reaper song", proof=all_of(holds(b"<REAPER_PROJECT"), records_beside)),
    Marker(("*.logicx",), "song", _LOGIC, is_folder=True, proof=has_siblings("audio files")),
    Marker(("*.logicx",), "song", _LOGIC, is_folder=True, is_root=True),
    Marker(("*.band",), "song", "a GarageBand song", is_folder=True, is_root=True),
    Marker(("*.logic",), "song", "a Logic song", is_folder=True, is_root=True),
    Marker(
        ("*.cpr", "*.npr"),
        "song",
        "a Cubase project",
        proof=all_of(
            holds(b"NUND"), any_of(has_siblings("audio", "edits", "images"), has_neighbours(".bak"))
        ),
    ),
    Marker(
        ("*.ptx", "*.ptf", "*.pts"),
        "song",
        "a Pro Tools session",
        proof=all_of(begins(b"\x030010111100101011"), has_siblings("audio files", "session file backups")),
    ),
    Marker(
        ("*.song",),
        "song",
        "a Studio One song",
        proof=all_of(
            has_siblings("media", "history", "cache", "mixdown"),
            is_zip_with("Song/song.xml", "metainfo.xml"),
        ),
    ),
    Marker(
        ("*.bwproject",),
        "song",
        "a Bitwig Studio project",
        proof=all_of(begins(b"BtWg"), has_siblings("samples", "plugin-states", "auto-backups", "bounce")),
    ),
    Marker(
        ("*.ardour",),
        "song",
        "an Ardour session",
        proof=all_of(holds(b"<Session "), has_siblings("interchange")),
    ),
    Marker(
        ("*.aup",),
        "song",
        "an Audacity project",
        proof=all_of(holds(b"audacity"), has_data_of_its_own),
    ),
    Marker(("*.tracktion",), "song", "a Waveform edit", proof=has_neighbours(".tracktionedit")),
    Marker(("*_[[]projectdata]", "*_[[]trackdata]"), "song", "an MPC project", is_folder=True),
    # Instruments and hardware
    Marker(("*.dsbundle",), "instrument", "a DecentSampler instrument", is_folder=True, is_root=True),
    Marker(
        ("expansion.xml",),
        "instrument",
        "an MPC expansion",
        proof=any_of(has_siblings("[previews]"), has_neighbours(".xpm")),
    ),
    Marker(("project.work", "project.strd"), "song", "an Octatrack project"),
    Marker(("audio",), "song", "an Octatrack set", is_folder=True, proof=serves_projects),
    Marker(
        ("project.mt",),
        "song",
        "a Polyend Tracker project",
        proof=has_siblings("patterns", "instruments", "samples"),
    ),
    Marker(("songs",), "song", "an M8 card", is_folder=True, proof=holds_m8_songs),
    Marker(("padconf.bin",), "song", "an SP-404 project", proof=begins(b"RFPD")),
    Marker(("kits", "synths", "songs"), "song", "a Deluge card", is_folder=True, proof=is_of_a_deluge),
    Marker(
        ("preset.xml",),
        "instrument",
        "a 1010music preset",
        proof=all_of(holds(b"<document"), holds(b"filename=")),
    ),
    Marker(("*.json",), "instrument", "a Strudel sample map", proof=has_strudel_base),
    Marker(("*.quark",), "instrument", "a SuperCollider quark"),
    Marker(("*.maxproj",), "program", "a Max project", proof=holds(b"{")),
    # Code
    Marker((".git",), "code", "a git checkout", is_folder=True, marks_anything=True),
    Marker((".git",), "code", "a git checkout", proof=begins(b"gitdir:"), marks_anything=True),
    Marker((".hg",), "code", "a Mercurial checkout", is_folder=True, marks_anything=True),
    Marker((".svn",), "code", "a Subversion checkout", is_folder=True, marks_anything=True),
    Marker((".bzr",), "code", "a Bazaar checkout", is_folder=True, marks_anything=True),
    Marker((".jj",), "code", "a Jujutsu checkout", is_folder=True, marks_anything=True),
    Marker(("_darcs",), "code", "a Darcs checkout", is_folder=True, marks_anything=True),
    Marker(("project.godot",), "code", "a Godot game"),
    Marker(
        ("projectsettings",), "code", "a Unity game", is_folder=True, proof=contains("ProjectVersion.txt")
    ),
    Marker(("*.uproject",), "code", "an Unreal game"),
    Marker(_MANIFESTS, "code", _SOURCE),
    Marker(("*.xcodeproj",), "code", _SOURCE, is_folder=True),
    Marker(("makefile",), "code", _SOURCE, proof=has_neighbours(*SOURCE_BESIDE_MAKEFILE)),
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
    Marker(("contents",), "program", "a program", is_folder=True, proof=contains("Info.plist")),
    Marker(("*.dll",), "program", "a program", proof=has_neighbours(".exe")),
    # Video
    Marker(("*.prproj",), "video", "a Premiere Pro project", proof=begins(b"\x1f\x8b")),
    Marker(("*.drp",), "video", "a DaVinci Resolve project", proof=begins(b"PK")),
    Marker(("*.fcpbundle",), "video", "a Final Cut library", is_folder=True, is_root=True),
    Marker(("*.kdenlive",), "video", "a Kdenlive project", proof=holds(b"<mlt", b"<kdenlivedoc")),
    Marker(("*.aep",), "video", "an After Effects project", proof=begins(b"RIFX")),
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
    """Return the rows by the whole name (`package.json`) or the ending (`.rpp`) in their patterns."""
    rows: dict[str, tuple[Marker, ...]] = {}
    for marker in MARKERS:
        for pattern in marker.patterns:
            key = pattern.removeprefix("*") if pattern.startswith("*.") else pattern
            if "*" not in key:
                rows[key] = (*rows.get(key, ()), marker)
    return rows


@functools.cache
def _rows_by_pattern() -> tuple[tuple[re.Pattern[str], Marker], ...]:
    """Return the few rows with other patterns, compiled."""
    return tuple(
        (re.compile(fnmatch.translate(pattern)), marker)
        for marker in MARKERS
        for pattern in marker.patterns
        if "*" in pattern.removeprefix("*.")
    )


def rows_for(name: str) -> tuple[Marker, ...]:
    """Return the rows whose patterns match this name of a file or folder."""
    lowered = name.casefold()
    rows = _rows_by_key().get(lowered, ()) + _rows_by_key().get(os.path.splitext(lowered)[1], ())
    if lowered.endswith("]"):
        rows += tuple(marker for pattern, marker in _rows_by_pattern() if pattern.match(lowered))
    return rows


def proven(rows: Iterable[Marker], folder: str, name: str, form: Form) -> Marker | None:
    """Return the first of these rows whose form and proof fit this file or folder, or None; reads from the disk."""
    for marker in rows:
        is_right_form = marker.is_folder is None or marker.is_folder == (form == "folder")
        if is_right_form and (marker.proof is None or marker.proof(folder, name)):
            return marker
    return None
