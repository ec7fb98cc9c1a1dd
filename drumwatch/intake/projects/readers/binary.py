"""Read binary documents by their events, or by the strings in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.intake.projects.readers.common import require
from drumwatch.intake.projects.reading import Unreadable, head_of, inflated, whole
from drumwatch.intake.projects.scanning import names_in_binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_FL_SAMPLE = 196
_FL_TEXT, _FL_DWORD, _FL_WORD = 192, 128, 64


def fl_studio(path: Path) -> Iterator[str]:
    """Yield the sample paths in an FL Studio song."""
    content = whole(path)
    require(content.startswith(b"FLhd"))
    start = content.find(b"FLdt") + 8
    for event, data in _fl_events(content, start):
        if event == _FL_SAMPLE:
            name = data.decode("utf-16-le" if b"\0" in data[:-1] else "cp1252", errors="replace").strip("\0")
            if not name.startswith("%FLStudioFactoryData%"):
                yield name


def _fl_events(content: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    while place < len(content):
        event = content[place]
        place += 1
        if event >= _FL_TEXT:
            length, place = _fl_length(content, place)
        else:
            length = 4 if event >= _FL_DWORD else 2 if event >= _FL_WORD else 1
        if place + length > len(content):
            raise Unreadable
        yield event, content[place : place + length] if event >= _FL_TEXT else b""
        place += length


def _fl_length(content: bytes, place: int) -> tuple[int, int]:
    """Return a number encoded in groups of seven bits, and the offset after it."""
    length = 0
    for shift in range(0, 35, 7):
        if place >= len(content):
            raise Unreadable
        byte = content[place]
        place += 1
        length |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the highest bit says that more follow
            return length, place
    raise Unreadable


_PRO_TOOLS_HEAD = 20


def pro_tools(path: Path) -> Iterator[str]:
    """Yield the names in a Pro Tools session, whose bytes are XORed with a key from its header."""
    content = whole(path)
    require(content.startswith(b"\x030010111100101011"))
    if len(content) <= _PRO_TOOLS_HEAD:
        raise Unreadable
    stream = _pro_tools_stream(content[18], content[19], len(content))
    number = int.from_bytes(content, "little") ^ int.from_bytes(stream[: len(content)], "little")
    clear = number.to_bytes(len(content), "little")[_PRO_TOOLS_HEAD:]
    yield from names_in_binary(
        clear.replace(b"EVAW", b"\0")
    )  # the file type, which directly follows the name


def _pro_tools_stream(kind: int, key: int, size: int) -> bytes:
    factor, sign = {1: (53, 1), 5: (11, -1)}.get(kind, (0, 0))
    delta = next((sign * step for step in range(256) if step * factor & 0xFF == key), None)
    if delta is None or not factor:
        raise Unreadable
    keys = bytes(step * delta & 0xFF for step in range(256))
    if kind == 1:
        return keys * (size // 256 + 1)
    blocks = size // 4096 + 1
    return b"".join(keys[block & 0xFF : (block & 0xFF) + 1] * 4096 for block in range(blocks))


_EXS_MAGIC = 16


def exs24(path: Path) -> Iterator[str]:
    """Yield the names in an EXS24 instrument."""
    content = whole(path)
    require(content[_EXS_MAGIC : _EXS_MAGIC + 4] in (b"SOBT", b"TBOS", b"SOBJ", b"JBOS"))
    yield from names_in_binary(content)


_KONTAKT_1 = (b"\xb3\x6e\xe5\x5e", b"\x5e\xe5\x6e\xb3")
_KONTAKT_1_HEAD = 0x24


def kontakt(path: Path) -> Iterator[str]:
    """Yield the names in a Kontakt 1 instrument, which is compressed XML; later versions cannot be read."""
    content = whole(path)
    if not content.startswith(_KONTAKT_1):
        raise Unreadable
    yield from names_in_binary(inflated(content[_KONTAKT_1_HEAD:], is_gzip=False))


def maschine(path: Path) -> Iterator[str]:
    """Yield the names in a Maschine 1 document, in 16-bit characters; the container of version 2 cannot be read."""
    content = whole(path)
    names = list(names_in_binary(content))
    yield from names
    if not names:
        raise Unreadable


def mpc_1000(path: Path) -> Iterator[str]:
    """Raise Unreadable for an MPC 1000 or 2500 program, whose names have no endings."""
    require(b"MPC1000" in head_of(path)[:64] or b"MPC2500" in head_of(path)[:64])
    raise Unreadable
