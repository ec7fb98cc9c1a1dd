"""Files that are listed here and whose content is only in a cloud: iCloud Drive, or another provider of macOS.

To open or read one fetches it, which takes long, or for ever without a network, and fills the disk. drumwatch waits until somebody
else has fetched it. A file without blocks is no sign: Linux stores small and sparse files without any.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

SF_DATALESS = 0x40000000  # sys/stat.h of macOS: only the system can set it
HAS_FLAGS = hasattr(os.stat_result, "st_flags")
NOT_HERE = errno.EDEADLK  # what macOS answers where nothing may be fetched
_PROVIDERS = Path(
    "Library/CloudStorage"
)  # of the home folder: Dropbox, OneDrive-Personal, GoogleDrive-me@example.com


class NotHereError(OSError):
    """The content of a file is only in a cloud."""


def is_dataless(status: os.stat_result) -> bool:
    """Return whether the file's content would have to be fetched first."""
    return bool(getattr(status, "st_flags", 0) & SF_DATALESS)


def require_here(
    path: str | os.PathLike[str], *, dir_fd: int | None = None, shown: Path | None = None
) -> None:
    """Raise NotHereError if the content of this file would have to be fetched; call it before the file is opened.

    A link is looked at itself. `shown` is the path for messages, if `path` is below `dir_fd`.
    """
    if HAS_FLAGS and is_dataless(os.stat(path, dir_fd=dir_fd, follow_symlinks=False)):
        place = shown or Path(path)
        raise NotHereError(NOT_HERE, why_not_here(place), str(place))


def why_not_here(path: Path) -> str:
    """Return the sentence about such a file: that it is in iCloud, or with which provider."""
    return f"{path.name} is in {provider(path)}, not on this Mac yet: download it, and it is taken up"


def provider(path: Path) -> str:
    """Return the name of the cloud that a file is in, by its folder."""
    try:
        name = path.relative_to(Path.home() / _PROVIDERS).parts[0]
    except (ValueError, IndexError, RuntimeError):
        return "iCloud"
    return name.partition("-")[0]
