"""One reader per document format: from its content to the sounds that it names. Nothing here writes, runs or imports anything.

A reader yields names as they are written. It raises `Unreadable` where it cannot read on, and `NotThisFormat` where the
file only has the ending of the format.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
import struct
from typing import TYPE_CHECKING, Any

from drumwatch.intake.projects.reading import (
    LIMIT,
    Unreadable,
    head_of,
    inflated,
    text_of,
    whole,
    zip_members,
)
from drumwatch.intake.projects.scanning import (
    MOST_NAMES,
    names_in_binary,
    names_in_text,
    root_of,
    tags,
    unescaped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Reader = Callable[[Path], Iterable[str]]

_GZIP = b"\x1f\x8b"
_LARGEST_JSON = 8 << 20  # bytes: objects take some twenty times the room of their text


class NotThisFormat(Exception):  # noqa: N818  nothing is wrong with the program
    """The file only has the ending of the format."""


class SelfContained(Exception):  # noqa: N818
    """The document holds its sounds itself, and needs no other file."""


def _text(path: Path) -> Iterator[str]:
    """The text of the file, in one piece; after it `Unreadable`, where that was not all."""
    try:
        content = whole(path)
    except Unreadable as exc:
        if exc.so_far:
            yield text_of(exc.so_far)
        raise
    yield text_of(content)


def _must(holds: object) -> None:
    if not holds:
        raise NotThisFormat


def _begins(path: Path, *beginnings: bytes, at: int = 0) -> None:
    _must(head_of(path, at + 64)[at:].startswith(beginnings))


# --- without a look inside ------------------------------------------------------------------------------------------


def opaque(*beginnings: bytes, at: int = 0) -> Reader:
    """A reader for documents that cannot be read."""

    def read(path: Path) -> Iterator[str]:
        if beginnings and head_of(path):
            _begins(path, *beginnings, at=at)
        raise Unreadable
        yield ""

    return read


def self_contained(*beginnings: bytes, at: int = 0) -> Reader:
    """A reader for documents that hold their sounds themselves."""

    def read(path: Path) -> Iterator[str]:
        if beginnings:
            _begins(path, *beginnings, at=at)
        raise SelfContained
        yield ""

    return read


def scanned(*beginnings: bytes, at: int = 0, holds: bytes = b"", opaque_if_empty: bool = False) -> Reader:
    """A reader that looks for strings that end like a sound."""

    def read(path: Path) -> Iterator[str]:
        head = head_of(path)
        if head:
            _must(not beginnings or head[at:].startswith(beginnings))
            _must(holds in head)
        found = False
        try:
            content = whole(path)
        except Unreadable as exc:
            yield from names_in_binary(exc.so_far)
            raise
        for name in names_in_binary(content):
            found = True
            yield name
        if opaque_if_empty and not found:
            raise Unreadable

    return read


# --- text -----------------------------------------------------------------------------------------------------------

_REAPER_FILE = re.compile(
    r"""^[ \t]{0,200}FILE[ \t]{1,8}(?:"([^"\r\n]{1,1024})"|'([^'\r\n]{1,1024})'|`([^`\r\n]{1,1024})`|(\S{1,1024}))""",
    re.MULTILINE,
)
_BASE64_LINES = re.compile(r"^[ \t]{0,200}([A-Za-z0-9+/]{24,}={0,2})\r?$", re.MULTILINE)


def reaper(path: Path) -> Iterator[str]:
    _begins(path, b"<REAPER_PROJECT")
    for text in _text(path):
        for match in _REAPER_FILE.finditer(text):
            yield next(group for group in match.groups() if group)
        yield from names_in_binary(b"".join(_plug_in_state(text)))


def _plug_in_state(text: str) -> Iterator[bytes]:
    """What plug-ins keep in a song, the built-in sampler among them."""
    for match in _BASE64_LINES.finditer(text):
        try:
            yield base64.b64decode(match[1])
        except (binascii.Error, ValueError):
            continue


def playlist(path: Path) -> Iterator[str]:
    for text in _text(path):
        for line in text.splitlines():
            if line.strip() and not line.startswith("#"):
                yield line.strip()


_CUE_FILE = re.compile(
    r'^\s{0,64}FILE\s{1,8}(?:"([^"\r\n]{1,1024})"|(\S{1,1024}))', re.MULTILINE | re.IGNORECASE
)


def cue_sheet(path: Path) -> Iterator[str]:
    for text in _text(path):
        for match in _CUE_FILE.finditer(text):
            yield match[1] or match[2]


_OCTATRACK_PATH = re.compile(r"^PATH=([^\r\n]{1,1024})", re.MULTILINE)


def octatrack(path: Path) -> Iterator[str]:
    for text in _text(path):
        yield from (match[1] for match in _OCTATRACK_PATH.finditer(text))


def plain_text(path: Path) -> Iterator[str]:
    for text in _text(path):
        yield from names_in_text(text)


def pure_data(path: Path) -> Iterator[str]:
    _begins(path, b"#N canvas", b"#N struct")
    for text in _text(path):
        escaped = text.replace("\\ ", "\x00")
        for name in names_in_text(escaped.replace(" ", "\n").replace("\x00", " ")):
            if "$" in name:
                raise Unreadable  # the patch makes the name while it runs
            yield name


def max_patch(path: Path) -> Iterator[str]:
    head = head_of(path)
    if head:
        _must(head.startswith(b"ampf") or b'"patcher"' in head)
    for text in _text(path):
        for name in names_in_text(text.replace('\\"', "\n").replace("\\/", "/")):
            yield name


# --- SFZ ------------------------------------------------------------------------------------------------------------

_SFZ_COMMENT = re.compile(r"//[^\n]*")
_SFZ_INCLUDE = re.compile(r'#include\s{0,16}"([^"\r\n]{1,512})"')
_SFZ_DEFINE = re.compile(r"#define\s{1,16}(\$\w{1,64})\s{1,16}([^\s#<]{1,256})")
_SFZ_PATH = re.compile(
    r"(?<![\w$])(default_path|sample)[ \t]{0,8}=[ \t]{0,8}([^\r\n<]{0,1024})|<(control|group|global|region|master)>"
)
_SFZ_NEXT_OPCODE = re.compile(r"[ \t]{1,8}[\w$]{1,64}[ \t]{0,4}=")
_SFZ_VARIABLE = re.compile(r"\$\w{1,64}")
_MOST_INCLUDES = 1000
_DEEPEST_INCLUDE = 16


class _Sfz:
    """An instrument with all that it includes, within one limit."""

    def __init__(self, main: Path) -> None:
        self._folder = main.parent
        self._left = LIMIT
        self._includes = 0
        self._variables: dict[str, str] = {}
        self.is_cut = False

    def text(self, path: Path, depth: int = 0) -> str:
        if self._includes >= _MOST_INCLUDES or depth > _DEEPEST_INCLUDE or self._left <= 0:
            self.is_cut = True
            return ""
        self._includes += 1
        try:
            content = whole(path)
        except Unreadable as exc:
            content = exc.so_far
            self.is_cut = True
        content = content[: self._left]
        self._left -= len(content)
        text = _SFZ_COMMENT.sub("", text_of(content))
        for match in _SFZ_DEFINE.finditer(text):
            self._variables.setdefault(match[1], match[2])
        return _SFZ_INCLUDE.sub(lambda match: "\n" + self._included(match[1], depth) + "\n", text)

    def _included(self, name: str, depth: int) -> str:
        path = self._folder / self.filled_in(name).replace("\\", "/")
        return self.text(path, depth + 1) if path.is_file() else ""

    def filled_in(self, text: str) -> str:
        """The text with its variables; as in SFZ players, `$ART1` may be `$ART` followed by 1."""
        return _SFZ_VARIABLE.sub(self._value, text) if "$" in text else text

    def _value(self, match: re.Match[str]) -> str:
        word = match[0]
        for end in range(len(word), 1, -1):
            if word[:end] in self._variables:
                return self._variables[word[:end]] + word[end:]
        return word


def sfz(path: Path) -> Iterator[str]:
    instrument = _Sfz(path)
    text = instrument.text(path)
    prefix = ""
    for match in itertools.islice(_SFZ_PATH.finditer(text), MOST_NAMES):
        if match[3]:
            prefix = "" if match[3] == "control" else prefix
            continue
        value = instrument.filled_in(_SFZ_NEXT_OPCODE.split(match[2], maxsplit=1)[0].strip())
        if match[1] == "default_path":
            prefix = value
        elif value and not value.startswith("*"):
            yield prefix + value
    if instrument.is_cut:
        raise Unreadable


# --- XML ------------------------------------------------------------------------------------------------------------


def xml(root: str, tag: str, attribute: str = "") -> Reader:
    """A reader for XML with this root element: the text of a tag, or one attribute of it."""

    def read(path: Path) -> Iterator[str]:
        head = head_of(path)
        if head:
            _must(root_of(text_of(head)) == root or f"<{root}" in text_of(head))
        for text in _text(path):
            for _name, values, behind in tags(text, tag):
                yield values.get(attribute, "") if attribute else behind
            if not text.rstrip().endswith(">"):
                raise Unreadable

    return read


hydrogen_kit = xml("drumkit_info", "filename")
decent_sampler = xml("DecentSampler", "sample", "path")
tx16wx = xml("program", "wave", "path")
waveform = xml("EDIT", "[A-Z]+CLIP", "source")
_DELUGE = re.compile(r"""<fileName>([^<>]{1,1024})<|\bfileName\s{0,4}=\s{0,4}"([^"<>]{1,1024})\"""")
_FILENAME = re.compile(r"""\bfilename\s{0,4}=\s{0,4}"([^"<>]{1,1024})\"""")


def any_xml(path: Path) -> Iterator[str]:
    """XML of a common ending: which format it is, its root element says."""
    root = root_of(text_of(head_of(path)))
    if root in ("kit", "sound", "song"):
        for text in _text(path):
            found = False
            for match in _DELUGE.finditer(text):
                found = True
                yield unescaped(match[1] or match[2])
            _must(found)
    elif root == "document":
        for text in _text(path):
            yield from (unescaped(match[1]) for match in _FILENAME.finditer(text))
    else:
        raise NotThisFormat


def drumgizmo(path: Path) -> Iterator[str]:
    """A kit with the instruments that it names, or one of these. Each names its sounds from its own folder."""
    root = root_of(text_of(head_of(path)))
    _must(root in {"drumkit", "instrument"})
    left = LIMIT
    for text in _text(path):
        found = root == "instrument"
        yield from (values.get("file", "") for _, values, _ in tags(text, "audiofile"))
        for _, values, _ in itertools.islice(tags(text, "instrument"), _MOST_INCLUDES):
            if file := values.get("file", "").replace("\\", "/"):
                found = True
                inner = _text_within(path.parent / file, left)
                left -= len(inner)
                folder = file.rpartition("/")[0]
                yield from (
                    f"{folder}/{sound['file']}" for _, sound, _ in tags(inner, "audiofile") if "file" in sound
                )
        _must(found)


def _text_within(path: Path, limit: int) -> str:
    return text_of(head_of(path, limit)) if limit > 0 else ""


def hydrogen_song(path: Path) -> Iterator[str]:
    for text in _text(path):
        _must("<song" in text)
        yield from (behind for _, _, behind in tags(text, "filename"))


def ardour(path: Path) -> Iterator[str]:
    for text in _text(path):
        _must("<Session" in text)
        for _, values, _ in tags(text, "Source"):
            if values.get("type", "audio") == "audio":
                yield values.get("name", "")
                yield values.get("origin", "")


def waveform_edit(path: Path) -> Iterator[str]:
    for text in _text(path):
        _must("<EDIT" in text)
        for _, values, _ in tags(text, "AUDIOCLIP", "SOUND", "LAYER", "TAKE", "SAMPLER"):
            yield values.get("source", "")


def live(path: Path) -> Iterator[str]:
    """An Ableton Live set, rack, preset or clip: XML, packed with gzip."""
    content, is_cut = _unpacked(path)
    yield from _live_references(text_of(content))
    if is_cut:
        raise Unreadable


def _unpacked(path: Path) -> tuple[bytes, bool]:
    """What a gzip file holds, and whether something of it is missing."""
    try:
        packed, is_cut = whole(path), False
    except Unreadable as exc:
        if not exc.so_far:
            raise
        packed, is_cut = exc.so_far, True
    _must(packed.startswith(_GZIP))
    try:
        return inflated(packed, is_gzip=True), is_cut
    except Unreadable as exc:
        return exc.so_far, True


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
    for text in _text(path):
        _must("lmms-project" in text[:4096])
        yield from _lmms_references(text)


def lmms_packed(path: Path) -> Iterator[str]:
    packed = whole(path)
    _must(len(packed) > 6 and packed[4] & 0x0F == 8)  # zlib's own mark, behind four bytes of length
    try:
        content = inflated(packed[4:], is_gzip=False)
    except Unreadable as exc:
        yield from _lmms_references(text_of(exc.so_far))
        raise
    yield from _lmms_references(text_of(content))


def _lmms_references(text: str) -> Iterator[str]:
    for match in _LMMS_SRC.finditer(text):
        where, colon, name = unescaped(match[1]).partition(":")
        if where != "factorysample":
            yield name if colon and len(where) > 1 else unescaped(match[1])


# --- MPC ------------------------------------------------------------------------------------------------------------


def mpc(path: Path) -> Iterator[str]:
    """A program, track or project of an MPC: XML, or packed JSON behind five lines of text."""
    if head_of(path).startswith(_GZIP):
        content, is_cut = _unpacked(path)
        _must(content.startswith(b"ACVS"))
        yield from _mpc_samples(content)
        if is_cut:
            raise Unreadable
        return
    for text in _text(path):
        _must("<MPCVObject" in text[:2048])
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


def _inside(value: Any, *keys: str) -> Any:  # noqa: ANN401  JSON of a stranger
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def strudel(path: Path) -> Iterator[str]:
    for text in _text(path):
        _must('"_base"' in text)
        yield from names_in_text(text.replace("\\/", "/"))


# --- zips -----------------------------------------------------------------------------------------------------------

_URL = re.compile(r"""\burl\s{0,4}=\s{0,4}"([^"<>]{1,2048})\"""")
_EXTERNAL = re.compile(r"<File\b([^<>]{0,4096})>")


def studio_one(path: Path) -> Iterator[str]:
    _begins(path, b"PK")
    members = zip_members(path, ("Song/mediapool.xml", "Song/song.xml"))
    _must(members)
    for content in members.values():
        for match in _URL.finditer(text_of(content)):
            if not match[1].startswith("media:"):
                yield unescaped(match[1])


def dawproject(path: Path) -> Iterator[str]:
    _begins(path, b"PK")
    found = False
    for content in zip_members(path, ("project.xml",)).values():
        for _, values, _ in tags(text_of(content), "File"):
            if values.get("external") == "true":
                found = True
                yield values.get("path", "")
    if not found:
        raise SelfContained


# --- binary ---------------------------------------------------------------------------------------------------------

_FL_SAMPLE = 196
_FL_TEXT, _FL_DWORD, _FL_WORD = 192, 128, 64


def fl_studio(path: Path) -> Iterator[str]:
    content = whole(path)
    _must(content.startswith(b"FLhd"))
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
    """A number in groups of seven bits, and where it ends."""
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
    """A session's bytes are XORed with a key that its head tells."""
    content = whole(path)
    _must(content.startswith(b"\x030010111100101011"))
    if len(content) <= _PRO_TOOLS_HEAD:
        raise Unreadable
    stream = _pro_tools_stream(content[18], content[19], len(content))
    number = int.from_bytes(content, "little") ^ int.from_bytes(stream[: len(content)], "little")
    yield from names_in_binary(number.to_bytes(len(content), "little")[_PRO_TOOLS_HEAD:])


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
    content = whole(path)
    _must(content[_EXS_MAGIC : _EXS_MAGIC + 4] in (b"SOBT", b"TBOS", b"SOBJ", b"JBOS"))
    yield from names_in_binary(content)


_KONTAKT_1 = (b"\xb3\x6e\xe5\x5e", b"\x5e\xe5\x6e\xb3")
_KONTAKT_1_HEAD = 0x24


def kontakt(path: Path) -> Iterator[str]:
    """Version 1 is packed XML; what came later is not to be read."""
    content = whole(path)
    if not content.startswith(_KONTAKT_1):
        raise Unreadable
    yield from names_in_binary(inflated(content[_KONTAKT_1_HEAD:], is_gzip=False))


def maschine(path: Path) -> Iterator[str]:
    """Version 1 has names in 16 bits, version 2 a container that is not to be read."""
    content = whole(path)
    names = list(names_in_binary(content))
    yield from names
    if not names:
        raise Unreadable


def mpc_1000(path: Path) -> Iterator[str]:
    _must(b"MPC1000" in head_of(path)[:64] or b"MPC2500" in head_of(path)[:64])
    raise Unreadable
    yield ""
