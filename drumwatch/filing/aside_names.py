"""The hidden names of files that are set aside: which entry did that, and which name the file had.

A file is set aside within its own folder, compared, and then removed or put back. Its bytes may be the only ones, so
recovery never takes it for a temporary copy.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN = ".drumwatch-"
_ASIDE = re.compile(r"\.drumwatch-(?P<entry>\d+)-(?P<check>[0-9a-f]{8})-[0-9a-f]{8}\.aside")


class AsideName(NamedTuple):
    """What a hidden name says: the entry's number, and the checksum of the name that the file had."""

    entry_id: int
    checksum: str


def aside_name(entry_id: int, name: str) -> str:
    """Return a hidden, unused name for a file that this entry sets aside; it fits whatever the length of the file's name."""
    return f"{HIDDEN}{entry_id}-{_checksum(name)}-{os.urandom(4).hex()}.aside"


def parse(name: str) -> AsideName | None:
    """Return what the name of a file set aside says, or None for any other name."""
    found = _ASIDE.fullmatch(name)
    return AsideName(int(found["entry"]), found["check"]) if found else None


def original_name(aside: AsideName, candidates: Iterable[str]) -> str | None:
    """Return the candidate that is the name which the file had, or None."""
    return next((name for name in candidates if _checksum(name) == aside.checksum), None)


def _checksum(name: str) -> str:
    return f"{zlib.crc32(os.fsencode(name)):08x}"
