"""Names that every common disk takes: FAT, exFAT and NTFS refuse some letters, and Windows opens no file called AUX. Pure."""

from __future__ import annotations

import re

# Letters that Windows, and the disks that are made for it, have in no name; backslash and control characters too
_REFUSED = re.compile(r'[<>:"|?*\\\x00-\x1f\ud800-\udfff]')
_DEVICE = re.compile(r"(?P<name>con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?P<rest> *(?:\..*)?)", re.IGNORECASE)


def portable(name: str) -> str:
    """Return the name of a file or folder as every common disk takes it; one that is portable stays as it is."""
    name = _REFUSED.sub("_", name).rstrip(". ") or "_"
    device = _DEVICE.fullmatch(name)
    return f"{device['name']}_{device['rest']}" if device else name
