"""Why an archive, or something in it, cannot be read: a sentence for each cause, never the text of an exception."""

from __future__ import annotations

import errno
import zipfile
import zlib

YOURSELF = "unpack it yourself, and what comes out will be sorted"
LOCKED = f"it is locked with a password: {YOURSELF}"
DAMAGED = "it is damaged: download it again"
TOO_LONG = "it is damaged: it holds more than its header declares"
CUT = "its end is missing: it is cut short, or still being downloaded"
ENDS_EARLY = "it cannot be read to its end: it is damaged, or still being downloaded"
NO_LIST = "it is damaged (its list of contents cannot be read): download it again"
CHECK_SUM = "it is damaged: its check sum is wrong"
CONTENT = "it is damaged: its content cannot be unpacked"

_NOT_WRITTEN = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.ENOENT: "the folder is not there any more",
    errno.ENOTDIR: "the folder is not there any more",
    errno.ENAMETOOLONG: "a name in it is too long for the disk",
    errno.EFBIG: "a file in it is too large for the disk",
    errno.EIO: "the disk reports an error",
    errno.EMFILE: "too many files are open",
    errno.ENOMEM: "there is not enough memory",
}
_NOT_OPENED = {
    errno.ENOENT: "it is not there any more",
    errno.EACCES: "this user may not read it",
    errno.EPERM: "this user may not read it",
    errno.EISDIR: "it is a folder",
    errno.EIO: "the disk that it is on reports an error",
}


class CannotRead(ValueError):  # noqa: N818  named after the state
    """The content of one member cannot be read; the text is a sentence for the user."""


def why_unreadable(error: Exception) -> str:
    """Return why the content of a member cannot be read."""
    if isinstance(error, CannotRead):
        return str(error)
    if isinstance(error, zipfile.BadZipFile):
        return CHECK_SUM if "CRC" in str(error) else CONTENT
    if isinstance(error, EOFError):
        return "it is damaged: its end is missing"
    if isinstance(error, NotImplementedError):
        return f"it is packed by a method that drumwatch does not know: {YOURSELF}"
    if isinstance(error, RuntimeError) and "password" in str(error):
        return LOCKED
    return CONTENT if isinstance(error, zlib.error | ValueError | RuntimeError | OSError) else DAMAGED


def why_not_written(error: OSError) -> str:
    """Return why what is unpacked cannot be written."""
    return _NOT_WRITTEN.get(error.errno or 0, "the disk does not take it")


def why_not_opened(error: OSError) -> str:
    """Return why an archive cannot be opened."""
    return _NOT_OPENED.get(error.errno or 0, "the disk that it is on does not give it out")
