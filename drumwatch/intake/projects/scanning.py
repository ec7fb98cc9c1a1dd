"""Find names of sounds in text, XML and binary data without a parser. Pure, and linear in the size of the data.

Documents are untrusted: the names in a damaged one are still found, and no regular expression backtracks further than the length of one
name.
"""

from __future__ import annotations

import itertools
import re
import sys
from typing import TYPE_CHECKING

from drumwatch.core.records import SOUND_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_NAME = 512  # characters of a path
MOST_NAMES = 100_000
LONGEST_TAG = 8192

_ENDINGS = "|".join(sorted((suffix[1:] for suffix in SOUND_SUFFIXES), key=len, reverse=True))
_ENDING = re.compile(rf"\.(?:{_ENDINGS})(?![A-Za-z0-9])", re.IGNORECASE)
_ENDING_8_BIT = re.compile(rf"\.(?:{_ENDINGS})".encode(), re.IGNORECASE)
_ENDING_16_BIT = re.compile(
    b"|".join(suffix.encode("utf-16-le") for suffix in sorted(SOUND_SUFFIXES, key=len, reverse=True)),
    re.IGNORECASE,
)
_BREAK = re.compile(r'[\x00-\x1f\x7f"<>|*?\ufffd]')
_BREAK_8_BIT = re.compile(rb'[\x00-\x1f\x7f"<>|*?]')
_TEXT_BREAK = re.compile(r"[\x00-\x1f\"'<>|*?;,=`]")
_ATTRIBUTE = re.compile(
    r"""(?<![-\w:.])([A-Za-z_:][-\w:.]{0,63})\s{0,8}=\s{0,8}(?:"([^"<]{0,4096})"|'([^'<]{0,4096})')"""
)
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def names_in_binary(data: bytes) -> Iterator[str]:
    """Yield the strings in binary data that end like the name of a sound, in 8-bit or 16-bit characters."""
    return itertools.islice(itertools.chain(_names_of_8_bits(data), _names_of_16_bits(data)), MOST_NAMES)


def _names_of_8_bits(data: bytes) -> Iterator[str]:
    for match in _ENDING_8_BIT.finditer(data):
        for name in _last_strings(data[max(0, match.start() - LONGEST_NAME) : match.end()]):
            yield name
            if 0 <= ord(name[0]) - len(name.encode()) + 1 <= 1:
                yield name[1:]  # the first character was the length of the string


def _names_of_16_bits(data: bytes) -> Iterator[str]:
    for match in _ENDING_16_BIT.finditer(data):
        before = data[max(0, match.start() - 2 * LONGEST_NAME) : match.end()]
        text = before[len(before) % 2 :].decode("utf-16-le", errors="replace")
        name = _BREAK.split(text)[-1]
        if name.isprintable():
            yield name


def _last_strings(piece: bytes) -> Iterator[str]:
    """Yield the string at the end of binary data as UTF-8; if that fails, its valid UTF-8 end and its Windows-1252 reading."""
    piece = _BREAK_8_BIT.split(piece)[-1]
    text = piece.decode(errors="replace")
    yield text.rpartition("\ufffd")[2]
    if "\ufffd" in text:
        yield piece.decode("cp1252", errors="replace")


def names_in_text(text: str) -> Iterator[str]:
    """Yield the words, and the quoted or separated phrases, that end like the name of a sound."""
    for match in itertools.islice(_ENDING.finditer(text), MOST_NAMES):
        phrase = _TEXT_BREAK.split(text[max(0, match.start() - LONGEST_NAME) : match.end()])[-1].strip()
        yield phrase
        if " " in phrase:
            yield phrase.rpartition(" ")[2]


def tags(text: str, *names: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield each opening or closing (`/name`) XML tag with these names: its name without prefix, its attributes, and the text after it.

    Only the five predefined entities of XML are expanded, and a DOCTYPE is ignored.
    """
    wanted = "|".join(re.escape(name) for name in names)
    pattern = re.compile(
        rf"<(/?)(?:[\w.-]{{1,32}}:)?({wanted})((?:[\s/][^<>]{{0,{LONGEST_TAG}}})?)>([^<]{{0,4096}})"
    )
    for match in itertools.islice(pattern.finditer(text), 4 * MOST_NAMES):
        yield match[1] + match[2], attributes(match[3]), unescaped(match[4]).strip()


def attributes(text: str) -> dict[str, str]:
    """Return the attributes in the text of a tag, by name without prefix."""
    return {
        match[1].rpartition(":")[2]: unescaped(match[2] if match[2] is not None else match[3])
        for match in _ATTRIBUTE.finditer(text)
    }


def unescaped(text: str) -> str:
    """Return the text with the predefined and numeric entities of XML expanded, and no others."""
    return _ENTITY.sub(_resolved, text) if "&" in text else text


def _resolved(match: re.Match[str]) -> str:
    entity = match[1]
    if entity in _NAMED:
        return _NAMED[entity]
    code = int(entity[1:]) if entity[1].isdigit() else int("0" + entity[1:], base=16)
    return chr(code) if 0 < code <= sys.maxunicode else ""


_ROOT = re.compile(r"<([A-Za-z_][-\w.]{0,63}:)?([A-Za-z_][-\w.]{0,63})")


def root_of(text: str) -> str:
    """Return the name of an XML text's first element without prefix; empty if there is none in the first 4096 characters."""
    found = _ROOT.search(text, 0, 4096)
    return found[2] if found else ""
