"""Read documents that are compressed text: gzip, zlib or zip."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from drumwatch.intake.projects.readers.common import (
    GZIP,
    SelfContained,
    require,
    require_prefix,
    text_in,
    unpacked,
)
from drumwatch.intake.projects.reading import Unreadable, head_of, inflated, text_of, whole, zip_members
from drumwatch.intake.projects.scanning import names_in_text, tags, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_LARGEST_JSON = 8 << 20  # bytes; the parsed objects take about twenty times the memory of their text
_LENGTH = 4  # bytes of the length field before the zlib data
_ZLIB = 0x78


def live(path: Path) -> Iterator[str]:
    """Yield the references of an Ableton Live set, rack, preset or clip: XML in gzip."""
    content, is_cut = unpacked(path)
    yield from _live_references(text_of(content))
    if is_cut:
        raise Unreadable


_LIVE_TAGS = ("FileRef", "OriginalFileRef", "RelativePathElement", "RelativePath", "Name", "Path")


def _live_references(text: str) -> Iterator[str]:
    steps: list[str] = []
    name = relative = absolute = ""
    is_inside = False
    for tag, values, _ in tags(text, *_LIVE_TAGS):
        if tag == "FileRef":
            steps, name, relative, absolute, is_inside = [], "", "", "", True
        elif tag == "/FileRef":
            is_inside = False
            yield relative or ("/".join([*steps, name]) if name else absolute)
        elif is_inside and tag == "RelativePathElement":
            steps.append(values.get("Dir") or "..")
        elif is_inside and tag == "RelativePath":
            relative = values.get("Value", relative)
        elif is_inside and tag == "Name":
            name = values.get("Value", name)
        elif is_inside and tag == "Path":
            absolute = values.get("Value", absolute)


_LMMS_SRC = re.compile(r"""\bsrc\s{0,4}=\s{0,4}"([^"<>]{1,1024})\"""")


def lmms(path: Path) -> Iterator[str]:
    """Yield the references of an LMMS song in plain XML."""
    for text in text_in(path):
        require("lmms-project" in text[:4096])
        yield from _lmms_references(text)


def lmms_packed(path: Path) -> Iterator[str]:
    """Yield the references of an LMMS song in zlib-compressed XML."""
    packed = whole(path)
    require(packed[_LENGTH : _LENGTH + 1] == bytes([_ZLIB]))
    try:
        content = inflated(packed[_LENGTH:], is_gzip=False)
    except Unreadable as exc:
        yield from _lmms_references(text_of(exc.so_far))
        raise
    yield from _lmms_references(text_of(content))


def _lmms_references(text: str) -> Iterator[str]:
    for match in _LMMS_SRC.finditer(text):
        where, colon, name = unescaped(match[1]).partition(":")
        if where != "factorysample":
            yield name if colon and len(where) > 1 else unescaped(match[1])


def mpc(path: Path) -> Iterator[str]:
    """Yield the references of an MPC program, track or project: XML, or compressed JSON after five lines of text."""
    if head_of(path).startswith(GZIP):
        content, is_cut = unpacked(path)
        require(content.startswith(b"ACVS"))
        yield from _mpc_samples(content)
        if is_cut:
            raise Unreadable
        return
    for text in text_in(path):
        require("<MPCVObject" in text[:2048])
        for tag, _, behind in tags(text, "SampleName", "SampleFile"):
            if not tag.startswith("/"):
                yield behind


def _mpc_samples(content: bytes) -> Iterator[str]:
    lines = content.split(b"\n", 5)
    if len(lines) < 6 or len(lines[5]) > _LARGEST_JSON:  # noqa: PLR2004  five lines, then the JSON
        raise Unreadable
    try:
        samples = _inside(json.loads(lines[5]), "data", "samples")
    except (ValueError, RecursionError):
        raise Unreadable from None
    for sample in samples if isinstance(samples, list) else ():
        for key in ("name", "path"):
            if isinstance(value := _inside(sample, key), str):
                yield value


def _inside(value: Any, *keys: str) -> Any:  # noqa: ANN401  untrusted JSON
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def strudel(path: Path) -> Iterator[str]:
    """Yield the sound names in a Strudel sample map."""
    require(head_of(path).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"))
    for text in text_in(path):
        require('"_base"' in text)
        yield from names_in_text(text.replace("\\/", "/"))


_URL = re.compile(r"""\burl\s{0,4}=\s{0,4}"([^"<>]{1,2048})\"""")


def studio_one(path: Path) -> Iterator[str]:
    """Yield the URLs of media in a Studio One song, a zip."""
    require_prefix(path, b"PK")
    members = zip_members(path, ("Song/mediapool.xml", "Song/song.xml"))
    require(members)
    for content in members.values():
        for match in _URL.finditer(text_of(content)):
            yield unescaped(match[1])


def dawproject(path: Path) -> Iterator[str]:
    """Yield the external files of a DAWproject song; raises SelfContained if it has none."""
    require_prefix(path, b"PK")
    found = False
    for content in zip_members(path, ("project.xml",)).values():
        for _, values, _ in tags(text_of(content), "File"):
            if values.get("external") == "true":
                found = True
                yield values.get("path", "")
    if not found:
        raise SelfContained
