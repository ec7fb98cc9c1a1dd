"""Read documents of plain text: Reaper songs, playlists, patches, lists."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from drumwatch.intake.projects.readers.common import require, require_prefix, text_in
from drumwatch.intake.projects.reading import Unreadable, head_of
from drumwatch.intake.projects.scanning import names_in_binary, names_in_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_REAPER_FILE = re.compile(
    r"""^[ \t]{0,200}FILE[ \t]{1,8}(?:"([^"\r\n]{1,1024})"|'([^'\r\n]{1,1024})'|`([^`\r\n]{1,1024})`|(\S{1,1024}))""",
    re.MULTILINE,
)
_BASE64_LINES = re.compile(r"^[ \t]{0,200}([A-Za-z0-9+/]{24,}={0,2})\r?$", re.MULTILINE)


def reaper(path: Path) -> Iterator[str]:
    """Yield the references of a Reaper song and of its plug-ins."""
    require_prefix(path, b"<REAPER_PROJECT")
    for text in text_in(path):
        for match in _REAPER_FILE.finditer(text):
            yield next(group for group in match.groups() if group)
        yield from names_in_binary(b"".join(_plug_in_state(text)))


def _plug_in_state(text: str) -> Iterator[bytes]:
    """Yield the decoded state of the plug-ins in a song, such as the built-in sampler."""
    for match in _BASE64_LINES.finditer(text):
        try:
            yield base64.b64decode(match[1])
        except (binascii.Error, ValueError):
            continue


def playlist(path: Path) -> Iterator[str]:
    """Yield the entries of a playlist."""
    for text in text_in(path):
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                yield line.strip()


_CUE_FILE = re.compile(
    r'^\s{0,64}FILE\s{1,8}(?:"([^"\r\n]{1,1024})"|(\S{1,1024}))', re.MULTILINE | re.IGNORECASE
)


def cue_sheet(path: Path) -> Iterator[str]:
    """Yield the files of a cue sheet."""
    for text in text_in(path):
        for match in _CUE_FILE.finditer(text):
            yield match[1] or match[2]


_OCTATRACK_PATH = re.compile(r"^PATH=([^\r\n]{1,1024})", re.MULTILINE)


def octatrack(path: Path) -> Iterator[str]:
    """Yield the sample paths of an Octatrack project."""
    for text in text_in(path):
        yield from (match[1] for match in _OCTATRACK_PATH.finditer(text))


def plain_text(path: Path) -> Iterator[str]:
    """Yield the sound names in a text file."""
    for text in text_in(path):
        yield from names_in_text(text)


def pure_data(path: Path) -> Iterator[str]:
    """Yield the sound names in a Pure Data patch; raises Unreadable if one is computed at run time."""
    require_prefix(path, b"#N canvas", b"#N struct")
    for text in text_in(path):
        escaped = text.replace("\\ ", "\x00")
        for name in names_in_text(escaped.replace(" ", "\n").replace("\x00", " ")):
            if "$" in name:
                raise Unreadable  # the patch computes the name at run time
            yield name


def max_patch(path: Path) -> Iterator[str]:
    """Yield the sound names in a Max patch or Max for Live device."""
    head = head_of(path)
    if head:
        require(head.startswith(b"ampf") or b'"patcher"' in head)
    for text in text_in(path):
        yield from names_in_text(text.replace('\\"', "\n").replace("\\/", "/"))
