"""Which names are no samples, or not yet: hidden, temporary, half-downloaded, or the system's own.

Pure, and about single names, not paths. Names may hold lone surrogates (they are not UTF-8 on the disk).
"""

from __future__ import annotations

import fnmatch
import functools
import importlib.util
import os
import re

from drumwatch.records import AUDIO_SUFFIXES

ARCHIVE_SUFFIXES = frozenset({".zip"})
# What libarchive reads besides, where its binding is installed.
OTHER_ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")

# What browsers, aria2, torrent clients and yt-dlp keep beside the final name, or rename to it, when all is there.
DOWNLOAD_SUFFIXES = (
    ".part",
    ".partial",
    ".crdownload",
    ".opdownload",
    ".download",
    ".aria2",
    ".ytdl",
    ".!ut",
    ".!qB",
    ".bc!",
)

# Hidden names are left out before this list is asked: .goutputstream-*, .~lock*, ._* (AppleDouble), .nfs*, .fuse_hidden*,
# .syncthing.*.tmp, .drumwatch-*.tmp, and the .NAME.XXXXXX of rsync.
TEMPORARY_NAMES = (
    *(f"*{suffix}" for suffix in DOWNLOAD_SUFFIXES),
    "*.part.*",
    "*.temp.*",  # yt-dlp, while it converts
    "*.tmp",
    "*.temp",
    "*~",
    "~$*",
    "~syncthing~*",
    "*.icloud",
    "thumbs.db",
    "desktop.ini",
)

# macOS packages: one document or program to a person, a folder to us
PACKAGES = ("*.app", "*.band", "*.bundle", "*.component", "*.logicx", "*.vst", "*.vst3")

# Taking a sound out of these breaks the thing that it is a part of, or comes before the unpacker is done.
FOREIGN_FOLDERS = (
    "__macosx",
    "_unpack_*",
    "_failed_*",
    "incomplete",
    "*.download",  # Safari downloads into a folder of this name
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "@eadir",
    *PACKAGES,
)


def is_audio_name(name: str) -> bool:
    """The name promises a sound that drumwatch can hear."""
    return _suffix(name) in AUDIO_SUFFIXES


def is_archive_name(name: str) -> bool:
    """The name promises an archive that drumwatch can unpack."""
    return _suffix(name) in ARCHIVE_SUFFIXES or (name.lower().endswith(OTHER_ARCHIVES) and has_libarchive())


@functools.cache
def has_libarchive() -> bool:
    """Whether the extra `archives` is installed."""
    return importlib.util.find_spec("libarchive") is not None


def is_ignored_name(name: str) -> bool:
    """A file of this name is hidden, temporary or the system's own."""
    return name.startswith(".") or _TEMPORARY(name.lower()) is not None


def is_ignored_folder(name: str) -> bool:
    """Nothing in a folder of this name is a sample for us."""
    return name.startswith(".") or _FOREIGN(name.lower()) is not None


def is_package(name: str) -> bool:
    """A folder of this name is one document or program to a person: nobody looks into it, but it may be told of."""
    return not name.startswith(".") and _PACKAGE(name.lower()) is not None


def is_wanted(name: str) -> bool:
    """A file of this name may be a sample, or an archive full of them."""
    return (is_audio_name(name) or is_archive_name(name)) and not is_ignored_name(name)


def siblings_of(name: str) -> tuple[str, ...]:
    """The names that, found beside this one, say that it is still being downloaded."""
    return tuple(name + suffix for suffix in DOWNLOAD_SUFFIXES)


def final_name(name: str) -> str | None:
    """The name that a download gets when all is there, if this is its name until then.

    >>> final_name("kick.wav.crdownload")
    'kick.wav'
    """
    for suffix in DOWNLOAD_SUFFIXES:
        if name.lower().endswith(suffix.lower()):
            return name[: -len(suffix)] or None
    return None


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern.lower()) for pattern in patterns))


_TEMPORARY = _any_of(TEMPORARY_NAMES).match
_FOREIGN = _any_of(FOREIGN_FOLDERS).match
_PACKAGE = _any_of(PACKAGES).match
