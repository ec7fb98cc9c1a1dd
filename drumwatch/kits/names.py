"""The names of the files of a kit: a number for the pad, the role, and the sound's own name. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from drumwatch.filing.naming import LONGEST_FILE, component
from drumwatch.kits.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drumwatch.kits.devices import Device

_NOT_PLAIN = re.compile(
    r"[^A-Za-z0-9_-]+"
)  # a full stop too: some devices read it as the beginning of the ending


def file_stems(sounds: Sequence[tuple[str, str]], device: Device) -> list[str]:
    """Return a name without ending for each (role, stem of its present name), in this order and within the device's limits.

    They differ by their numbers, and sort in the order of the pads.
    """
    digits = max(2, len(str(len(sounds))))
    return [
        _fitting(f"{number:0{digits}}_{_named(ROLES[role], stem)}", device)
        for number, (role, stem) in enumerate(sounds, 1)
    ]


def folder_name(name: str, device: Device) -> str:
    """Return a kit's name as the name of a folder; empty if nothing of it can be one."""
    wanted = component(plain(name) if device.ascii_only else name, portable=True)
    return "" if wanted.strip("_. ") == "" else wanted


def plain(text: str) -> str:
    """Return the text in ASCII letters, digits, - and _: "Über Kick #2" becomes "Uber_Kick_2"."""
    decomposed = unicodedata.normalize("NFKD", text)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_PLAIN.sub("_", letters).strip("_")


def _named(role: str, stem: str) -> str:
    """Return the stem with its role in front, unless it begins with that."""
    return stem if stem.casefold().startswith(role) else f"{role}_{stem}"


def _fitting(stem: str, device: Device) -> str:
    if device.ascii_only:
        whole = plain(stem)
        return (whole[: device.longest_name] if device.longest_name else whole).rstrip("_-")
    return component(stem, portable=True, longest=LONGEST_FILE)
