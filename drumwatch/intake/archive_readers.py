"""What reads archives other than zips on this machine, how the user gets it, and by what a later run notices that there is more."""

from __future__ import annotations

import ctypes.util
import functools
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import drumwatch
from drumwatch.core.formatting import home_short
from drumwatch.intake.ignore import has_libarchive

if TYPE_CHECKING:
    from drumwatch.config import Config

Readers = Literal["there", "no binding", "no library"]

BINDING = "libarchive-c"  # the package that the extra `archives` brings


@functools.cache
def readers() -> Readers:
    """Return whether libarchive can be loaded by this process, and what is missing if not; it is loaded by that."""
    try:
        importlib.import_module("libarchive")
    except ImportError:
        return "no binding"
    except (AttributeError, OSError, TypeError):  # the binding, without the library that it is for
        return "no library"
    return "there"


def how_to_get(missing: Readers) -> str:
    """Return the command that brings what is missing.

    >>> how_to_get("no library")
    "it needs the system's libarchive: `apt install libarchive13`, `dnf install libarchive` or `brew install libarchive`"
    """
    if missing == "no library":
        return (
            "it needs the system's libarchive: `apt install libarchive13`, `dnf install libarchive` or"
            " `brew install libarchive`"
        )
    return f"it needs libarchive: `{_install_command()}`"


def _install_command() -> str:
    """Return the command for the environment that drumwatch is installed in."""
    prefix = Path(sys.prefix)
    if prefix.parent.name == "venvs" and "pipx" in prefix.parts:
        return f"pipx inject {prefix.name} {BINDING}"
    pip = "pip" if sys.prefix == sys.base_prefix else f"{home_short(sys.executable)} -m pip"
    return f"{pip} install 'drumwatch[archives]'"


def capabilities(config: Config) -> str:
    """Return what decides which archives can be read: the version, libarchive, and the limits.

    An archive that could not be read is tried again when this has changed. Nothing is loaded.
    """
    limits = f"{config.archive_files} files, {config.archive_size} bytes, ratio {config.archive_ratio}"
    found = "libarchive" if _is_installed() else "zips only"
    return f"drumwatch {drumwatch.__version__}, {found}, {limits}"


def _is_installed() -> bool:
    """Return whether the binding and the library are on the disk, without loading them."""
    importlib.invalidate_caches()
    if not has_libarchive():
        return False
    if given := os.environ.get("LIBARCHIVE"):
        return os.path.exists(given)
    return ctypes.util.find_library("archive") is not None
