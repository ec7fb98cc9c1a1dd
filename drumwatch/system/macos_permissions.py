"""What to do about a folder that must not be read. On a Mac that is asked of the system's settings, not of the disk."""

from __future__ import annotations

import sys
from pathlib import Path

GUARDED = ("Downloads", "Desktop", "Documents")  # by macOS, from programs that start at login


def needs_permission(folder: Path, platform: str = sys.platform) -> bool:
    """Whether a terminal may read this folder and the same program, started at login, may not."""
    home = Path.home()
    return platform == "darwin" and any(folder.is_relative_to(home / name) for name in GUARDED)


def advice(folder: Path, platform: str = sys.platform) -> str:
    """What lets drumwatch read it, in one line."""
    if needs_permission(folder, platform):
        return (
            "macOS lets a program that starts at login in there only with your permission: in System Settings > Privacy &"
            f" Security > Full Disk Access add {Path(sys.executable).resolve()} (again after each upgrade of Python)."
        )
    return "Allow yourself to read it: chmod u+rx, or ask its owner."
