"""Where the compiled code of librosa is kept, and whether it is there: numba compiles it once, which takes half a minute."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from drumwatch.system import app_paths

if TYPE_CHECKING:
    from pathlib import Path

LIBRARIES = ("librosa", "numba", "llvmlite", "numpy")


def path() -> Path:
    """Return the path of the folder of the compiled code, which may be deleted, without creating it."""
    return app_paths.cache_path() / "numba"


def folder() -> Path:
    """Return that folder; it is created if it is missing, readable by the user only. Raises an error of the disk if that fails."""
    app_paths.cache_folder()
    path().mkdir(exist_ok=True, mode=0o700)
    return path()


def marker() -> Path:
    """Return the path of the file that says for which versions the code is compiled."""
    return path() / "compiled.json"


def versions() -> dict[str, str]:
    """Return the versions that the compiled code depends on; raises ImportError if one of the libraries is missing."""
    from importlib import metadata  # noqa: PLC0415  large, and only who asks for notes needs it

    return {"python": sys.version, **{name: metadata.version(name) for name in LIBRARIES}}


def is_installed() -> bool:
    """Return whether librosa and its compiler are installed; they are left out on Intel Macs."""
    try:
        versions()
    except ImportError:
        return False
    return True


def is_compiled() -> bool:
    """Return whether the code is compiled for the versions that are installed."""
    try:
        known = json.loads(marker().read_text("utf-8"))
        return bool(known == versions())
    except (OSError, ValueError, ImportError):
        return False
