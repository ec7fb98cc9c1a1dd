"""Advice about folders that cannot be read; on macOS, access is granted in the system settings."""

from __future__ import annotations

import sys
from pathlib import Path

PROTECTED = ("Downloads", "Desktop", "Documents")  # macOS protects them from programs that start at login


def needs_permission(folder: Path, platform: str = sys.platform) -> bool:
    """Return whether a program that starts at login needs a permission to read this folder."""
    home = Path.home()
    return platform == "darwin" and any(folder.is_relative_to(home / name) for name in PROTECTED)


def advice(folder: Path, platform: str = sys.platform) -> str:
    """Return one line that says how to let drumwatch read the folder."""
    if needs_permission(folder, platform):
        return (
            "macOS lets a program that starts at login in there only with your permission: in System Settings > Privacy &"
            f" Security > Full Disk Access add {Path(sys.executable).resolve()} (again after each upgrade of Python)."
        )
    return "Allow yourself to read it: chmod u+rx, or ask its owner."
