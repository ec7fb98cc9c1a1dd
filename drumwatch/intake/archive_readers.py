"""What reads archives other than zips on this machine, how the user gets it, and by what a later run notices that there is more."""

from __future__ import annotations

import ctypes.util
import functools
import importlib
import os
from typing import TYPE_CHECKING, Literal

import drumwatch
from drumwatch.intake.ignore import has_av, has_libarchive
from drumwatch.system.installation import command_for

if TYPE_CHECKING:
    from drumwatch.config import Config

Readers = Literal["there", "no binding", "no library"]


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
    return f"it needs libarchive: `{command_for('archives')}`"


def capabilities(config: Config) -> str:
    """Return what decides which archives can be read, and what is in them: the version, libarchive, the decoders, and the limits.

    An archive that could not be read is tried again when this has changed. Nothing is loaded.
    """
    limits = f"{config.archive_files} files, {config.archive_size} bytes, ratio {config.archive_ratio}"
    found = "libarchive" if _is_installed() else "zips only"
    formats = ", more formats" if has_av() else ""
    return f"drumwatch {drumwatch.__version__}, {found}{formats}, {limits}"


def _is_installed() -> bool:
    """Return whether the binding and the library are on the disk, without loading them."""
    importlib.invalidate_caches()
    if not has_libarchive():
        return False
    if given := os.environ.get("LIBARCHIVE"):
        return os.path.exists(given)
    return ctypes.util.find_library("archive") is not None
