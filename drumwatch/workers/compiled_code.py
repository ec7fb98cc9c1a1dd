"""Where the compiled code of librosa is kept, and whether it is there: numba compiles it once, which takes half a minute."""

from __future__ import annotations

import json
import platform
from importlib import metadata
from typing import TYPE_CHECKING

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

LIBRARIES = ("librosa", "numba", "llvmlite", "numpy")


def folder() -> Path:
    """Return the folder of the compiled code, which may be deleted; it is created if it is missing."""
    found = app_paths.cache_folder() / "numba"
    found.mkdir(exist_ok=True, mode=0o700)
    return found


def marker() -> Path:
    """Return the file that says for which versions the code is compiled."""
    return folder() / "compiled.json"


def versions() -> dict[str, str]:
    """Return the versions that the compiled code depends on; raises PackageNotFoundError, an ImportError, if one is missing."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def is_installed() -> bool:
    """Return whether librosa and its compiler are installed; they are left out on Intel Macs."""
    try:
        versions()
    except metadata.PackageNotFoundError:
        return False
    return True


def is_compiled() -> bool:
    """Return whether the code is compiled for the versions that are installed."""
    try:
        known = json.loads(marker().read_text("utf-8"))
        return bool(known == versions())
    except (OSError, ValueError, metadata.PackageNotFoundError):
        return False
