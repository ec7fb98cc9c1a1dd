"""Which names are no samples, or not yet: hidden, temporary, half-downloaded, or the system's own.

Pure, and about single names, not paths. Names may hold lone surrogates if they are not UTF-8 on the disk.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import importlib.util
import os
import re

from drumwatch.core.records import AUDIO_SUFFIXES, EXTRA_FORMATS

ARCHIVE_SUFFIXES = frozenset({".zip"})
# Formats that libarchive reads; without it they are told of.
OTHER_ARCHIVES = (".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")

# The first part of an archive that was split; the parts behind it are told of with it.
FIRST_PARTS = (".zip.001", ".7z.001", ".rar.001")

# Browsers, aria2, torrent clients and yt-dlp use these beside the final name, or rename them to it at the end.
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

# Hidden names are excluded before this list is used: .goutputstream-*, .~lock*, ._* (AppleDouble), .nfs*, .fuse_hidden*,
# .syncthing.*.tmp, .drumwatch-*.tmp, and the .NAME.XXXXXX of rsync.
TEMPORARY_NAMES = (
    *(f"*{suffix}" for suffix in DOWNLOAD_SUFFIXES),
    "*.tmp",
    "*.temp",
    "*~",
    "~$*",
    "~syncthing~*",
    "*.icloud",
    "thumbs.db",
    "desktop.ini",
)

# macOS packages: folders that the Finder shows as one document or program
PACKAGES = (
    *("*.app", "*.band", "*.bundle", "*.component", "*.logicx", "*.vst", "*.vst3"),
    *("*.aaxplugin", "*.framework", "*.plugin", "*.pkg", "*.logic", "*.rtfd"),
    *("*.musiclibrary", "*.photoslibrary", "*.fcpbundle", "*.sparsebundle"),
)
CLAP_PLUGIN = ".clap"  # in small letters: `909.Clap` is a folder of claps

# Moving a sound out of these would break what it belongs to, or happen before the unpacker is done.
FOREIGN_FOLDERS = (
    "__macosx",
    "_unpack_*",
    "_failed_*",
    "incomplete",
    "*.download",  # Safari downloads into a folder of this name
    # Bins, snapshots and the like of systems and of NAS (Synology, QNAP, NetApp, macOS shares)
    "$recycle.bin",
    "recycled",
    "recycler",
    "#recycle",
    "@recycle",
    "network trash folder",
    "#snapshot",
    "~snapshot",
    "@recently-snapshot",
    "system volume information",
    "lost+found",
    "@eadir",
    *PACKAGES,
)


def is_audio_name(name: str) -> bool:
    """Return whether the extension is that of a supported sound."""
    suffix = _suffix(name)
    return suffix in AUDIO_SUFFIXES or (suffix in EXTRA_FORMATS and has_av())


def needs_extra(name: str) -> bool:
    """Return whether the extension is that of a sound that only the extra `formats` decodes, which is not installed."""
    return _suffix(name) in EXTRA_FORMATS and not is_ignored_name(name) and not has_av()


def is_archive_name(name: str) -> bool:
    """Return whether the extension is that of an archive, or of the first part of one; whether it can be read does not matter."""
    lower = name.lower()
    return _suffix(name) in ARCHIVE_SUFFIXES or lower.endswith((*OTHER_ARCHIVES, *FIRST_PARTS))


def is_zip_name(name: str) -> bool:
    """Return whether the extension is that of a zip, which needs no other reader."""
    return _suffix(name) in ARCHIVE_SUFFIXES


def has_libarchive() -> bool:
    """Return whether the extra `archives` is installed."""
    return importlib.util.find_spec("libarchive") is not None


@functools.cache
def has_av() -> bool:
    """Return whether the extra `formats` is installed; nothing of it is imported."""
    return importlib.util.find_spec("av") is not None


def look_for_av() -> bool:
    """Return whether the extra `formats` is installed by now; `has_av` returns the same from now on."""
    importlib.invalidate_caches()
    has_av.cache_clear()
    return has_av()


def is_ignored_name(name: str) -> bool:
    """Return whether a file of this name is hidden, temporary or the system's own."""
    return name.startswith(".") or _TEMPORARY(name.lower()) is not None


def is_ignored_folder(name: str) -> bool:
    """Return whether a folder of this name is never searched for samples."""
    return name.startswith(".") or name.endswith(CLAP_PLUGIN) or _FOREIGN(name.lower()) is not None


def is_package(name: str) -> bool:
    """Return whether a folder of this name is a macOS package, which is never searched but may be reported."""
    return not name.startswith(".") and (name.endswith(CLAP_PLUGIN) or _PACKAGE(name.lower()) is not None)


def is_wanted(name: str) -> bool:
    """Return whether a file of this name may be a sample or an archive of samples."""
    return (is_audio_name(name) or is_archive_name(name)) and not is_ignored_name(name)


def is_sound(name: str) -> bool:
    """Return whether a file of this name may be a sample."""
    return is_audio_name(name) and is_wanted(name)


def siblings_of(name: str) -> tuple[str, ...]:
    """Return the names that, found beside this one, show that it is still being downloaded."""
    return tuple(name + suffix for suffix in DOWNLOAD_SUFFIXES)


def waits_for(name: str) -> str | None:
    """Return the name that, found beside this one, shows that it is yt-dlp's conversion of that file; None if it cannot be one.

    >>> waits_for("kick.temp.mp3")
    'kick.mp3'
    """
    stem, ending = os.path.splitext(name)
    final, word = os.path.splitext(stem)
    return final + ending if final and word in {".temp", ".part"} else None


def final_name(name: str) -> str | None:
    """Return the final name of a download with this temporary name, or None if it is no such name.

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
