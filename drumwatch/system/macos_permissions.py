"""Advice about folders that cannot be read; on macOS, the user grants access to each program in the system settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from drumwatch.system import macos_calls

PRIVACY = "System Settings > Privacy & Security"
FILES_AND_FOLDERS, FULL_DISK_ACCESS = "Files & Folders", "Full Disk Access"
VOLUMES = Path("/Volumes")


class ProtectedPlace(NamedTuple):
    """A place that macOS lets a program into only with the user's permission."""

    place: Path
    name: str  # for the user
    pane: str  # of System Settings, where it is granted


# Below the home folder
_IN_THE_HOME = (
    ("Downloads", "Downloads", FILES_AND_FOLDERS),
    ("Desktop", "Desktop", FILES_AND_FOLDERS),
    ("Documents", "Documents", FILES_AND_FOLDERS),
    ("Library/Mobile Documents", "iCloud Drive", FILES_AND_FOLDERS),
    ("Library/CloudStorage", "the folders of cloud services", FILES_AND_FOLDERS),
    (".Trash", "the Trash", FULL_DISK_ACCESS),
)


def guarded(folder: Path, platform: str = sys.platform) -> ProtectedPlace | None:
    """Return the guarded place that a folder is in, or None if macOS asks nobody about it."""
    if platform != "darwin":
        return None
    for below, name, pane in _IN_THE_HOME:
        if folder.is_relative_to(place := Path.home() / below):
            return ProtectedPlace(place, name, pane)
    if folder.is_relative_to(VOLUMES) and folder != VOLUMES:
        return ProtectedPlace(
            Path(*folder.parts[:3]), "disks that can be removed, and network disks", FILES_AND_FOLDERS
        )
    return None


def needs_permission(folder: Path, platform: str = sys.platform) -> bool:
    """Return whether a program that starts at login needs a permission to read this folder."""
    return guarded(folder, platform) is not None


def advice(folder: Path, platform: str = sys.platform) -> str:
    """Return one line that says how to let drumwatch read the folder."""
    place = guarded(folder, platform)
    if place is None:
        return "Allow yourself to read it: chmod u+rx, or ask its owner."
    again = "(again after an upgrade of Python, unless that is the one of python.org)"
    if place.pane == FULL_DISK_ACCESS:
        return (
            f"macOS lets a program into {place.name} only with your permission: in {PRIVACY} > {FULL_DISK_ACCESS} add"
            f" {program()} {again}."
        )
    return (
        f"macOS lets a program into {place.name} only with your permission: click Allow when it asks, or allow {place.name} for"
        f" {program()} in {PRIVACY} > {FILES_AND_FOLDERS}; if it is not listed there, add it under {FULL_DISK_ACCESS} {again}."
    )


def program() -> Path:
    """Return the program that macOS asks about: the application around the running one, or that itself.

    A framework build of Python starts another program, Python.app, which is not the one in `sys.executable`.
    """
    running = Path(macos_calls.program_path() or sys.executable).resolve()
    return next((path for path in running.parents if path.suffix == ".app"), running)
