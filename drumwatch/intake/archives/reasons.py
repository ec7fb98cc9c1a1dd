"""Why an archive, or something in it, cannot be read: a sentence for each cause, never the text of an exception."""

from __future__ import annotations

import zipfile
import zlib

from drumwatch.intake.archives.names import BadName

YOURSELF = "unpack it yourself, and what comes out will be sorted"
LOCKED = f"it is locked with a password: {YOURSELF}"
DAMAGED = "it is damaged: download it again"
TOO_LONG = "it is damaged: it holds more than its header declares"
CUT = "its end is missing: it is cut short, or still being downloaded"
ENDS_EARLY = "it cannot be read to its end: it is damaged, or still being downloaded"
NO_LIST = "it is damaged (its list of contents cannot be read): download it again"
CHECK_SUM = "it is damaged: its check sum is wrong"
CONTENT = "it is damaged: its content cannot be unpacked"


class CannotRead(ValueError):  # noqa: N818  named after the state
    """The content of one member cannot be read; the text is a sentence for the user."""


def why_unreadable(error: Exception) -> str:
    """Return why the content of a member cannot be read."""
    if isinstance(error, CannotRead | BadName):
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
