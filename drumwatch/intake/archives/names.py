"""Decode the names inside an archive, and decide which of them may become files; pure."""

from __future__ import annotations

import re

from drumwatch.intake.ignore import is_ignored_folder, is_ignored_name

LONGEST = 200  # bytes of one part; leaves space for a number and a temporary prefix
DEEPEST = 32

_DRIVE = re.compile(r"^[A-Za-z]:/")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Two in a row, because an accented letter of another script may look like one.
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{2}")


class BadName(ValueError):  # noqa: N818  named after what is wrong
    """This name must not become a file; the text says why."""


def decoded(raw: bytes) -> str:
    """Decode a zip's name without the UTF-8 flag: UTF-8 if valid, else Shift-JIS, else cp437.

    >>> decoded("キック.wav".encode("cp932"))
    'キック.wav'
    """
    for encoding in ("ascii", "utf-8"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _japanese(raw) or raw.decode("cp437")


def parts(name: str) -> tuple[str, ...]:
    """Return the folders and the file of a name; raises BadName if it would lead out of the folder."""
    name = name.replace("\\", "/")
    if name.startswith("/"):
        raise BadName("its name is an absolute path")
    if _DRIVE.match(name):
        raise BadName("its name begins with a drive letter")
    steps = [step for step in name.split("/") if step not in ("", ".")]
    if ".." in steps:
        raise BadName("its name leads out of the archive")
    if not steps or len(steps) > DEEPEST:
        raise BadName("its name is empty" if not steps else f"it lies more than {DEEPEST} folders deep")
    return tuple(_tidy(step) for step in steps)


def shown(name: str) -> str:
    """Return a name that may be anything as it can be stored and printed."""
    return _CONTROL.sub("_", name)


def is_junk(steps: tuple[str, ...]) -> bool:
    """Return whether the name is hidden or left by unpackers and systems: __MACOSX, ._kick.wav, .DS_Store, Thumbs.db."""
    *folders, name = steps
    return is_ignored_name(name) or any(is_ignored_folder(folder) for folder in folders)


def _japanese(raw: bytes) -> str:
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        return ""
    return text if _JAPANESE.search(text) else ""


def _tidy(step: str) -> str:
    """Return the part without control characters, shortened to LONGEST bytes with its extension kept."""
    step = _CONTROL.sub("_", step).rstrip(" .") or "_"
    if len(step.encode()) <= LONGEST:
        return step
    stem, dot, ending = step.rpartition(".")
    tail = dot + ending if stem and len(ending) <= 8 else ""  # noqa: PLR2004  a longer one is part of the name
    return step.encode()[: LONGEST - len(tail.encode())].decode(errors="ignore") + tail
