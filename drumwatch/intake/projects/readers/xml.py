"""Read XML documents by their tags, so that the names in a damaged one are still found."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from drumwatch.intake.projects.readers.common import NotThisFormat, require, text_in
from drumwatch.intake.projects.reading import LIMIT, Unreadable, head_of, text_of
from drumwatch.intake.projects.scanning import root_of, tags, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.intake.projects.readers.common import Reader


def xml(root: str, tag: str, attribute: str = "") -> Reader:
    """Return a reader for XML with this root element, which yields the text of a tag or one attribute of it."""

    def read(path: Path) -> Iterator[str]:
        head = head_of(path)
        if head:
            require(root_of(text_of(head)) == root or f"<{root}" in text_of(head))
        for text in text_in(path):
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
    """Yield the references of an .xml file of a Deluge or a 1010music box; the root element decides which."""
    root = root_of(text_of(head_of(path)))
    if root in ("kit", "sound", "song"):
        for text in text_in(path):
            found = False
            for match in _DELUGE.finditer(text):
                found = True
                yield unescaped(match[1] or match[2])
            require(found)
    elif root == "document":
        for text in text_in(path):
            yield from (unescaped(match[1]) for match in _FILENAME.finditer(text))
    else:
        raise NotThisFormat


_MOST_INSTRUMENTS = 1000


def drumgizmo(path: Path) -> Iterator[str]:
    """Yield the references of a DrumGizmo kit and its instruments, or of one instrument; paths are relative to the instrument."""
    root = root_of(text_of(head_of(path)))
    require(root in {"drumkit", "instrument"})
    left = LIMIT
    for text in text_in(path):
        found = root == "instrument"
        yield from (values.get("file", "") for _, values, _ in tags(text, "audiofile"))
        for _, values, _ in itertools.islice(tags(text, "instrument"), _MOST_INSTRUMENTS):
            if file := values.get("file", "").replace("\\", "/"):
                found = True
                inner = _text_within(path.parent / file, left)
                left -= len(inner)
                folder = file.rpartition("/")[0]
                yield from (
                    f"{folder}/{sound['file']}" for _, sound, _ in tags(inner, "audiofile") if "file" in sound
                )
        require(found)


def _text_within(path: Path, limit: int) -> str:
    return text_of(head_of(path, limit)) if limit > 0 else ""


def hydrogen_song(path: Path) -> Iterator[str]:
    """Yield the sample paths of a Hydrogen song."""
    for text in text_in(path):
        require("<song" in text)
        yield from (behind for _, _, behind in tags(text, "filename"))


def ardour(path: Path) -> Iterator[str]:
    """Yield the audio sources of an Ardour session."""
    for text in text_in(path):
        require("<Session" in text)
        for _, values, _ in tags(text, "Source"):
            if values.get("type", "audio") == "audio":
                yield values.get("name", "")
                yield values.get("origin", "")


def waveform_edit(path: Path) -> Iterator[str]:
    """Yield the sources of a Waveform edit."""
    for text in text_in(path):
        require("<EDIT" in text)
        for _, values, _ in tags(text, "AUDIOCLIP", "SOUND", "LAYER", "TAKE", "SAMPLER"):
            yield values.get("source", "")
