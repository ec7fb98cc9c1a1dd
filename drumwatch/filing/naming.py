"""From a layout and what is known of a file to its place inside the library. Pure: nobody looks at the disk here."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.config.templates import FIELD, FROM_VERDICT

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_FOLDER = 255  # bytes in UTF-8, the limit of ext4, APFS and most others
# Leaves room for " 1234" when the name is taken, and for a temporary prefix
LONGEST_FILE = LONGEST_FOLDER - 24

# Separators, control characters, half characters
_NEVER = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udc7f\udd00-\udfff]")
_NOT_PORTABLE = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(?P<name>con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?P<rest> *(?:\..*)?)", re.IGNORECASE)
_LONGEST_EXTENSION = 16

_ARCHIVE = re.compile(r"(?:\.(?:zip|rar|7z|tar|tgz|gz|xz|bz2))+$", re.IGNORECASE)
_SECOND_DOWNLOAD = re.compile(r"(?<=\S) ?\([1-9]\)$")
_FORMAT = re.compile(r"(?: - |[-_])(?:wav|aiff?|flac|mp3|ogg)$", re.IGNORECASE)


def place(template: str, fields: Mapping[str, str], *, portable: bool = False) -> Path:
    """The relative path that a layout gives a file: always inside, no part longer than a disk takes.

    A part whose fields are all empty vanishes, so that a single file needs no folder for its pack.
    """
    *folders, file = template.split("/")
    parts = [
        component(text, portable=portable, longest=LONGEST_FOLDER)
        for text in (_filled(folder, fields) for folder in folders)
        if text
    ]
    return Path(*parts, component(_filled(file, fields), portable=portable, longest=LONGEST_FILE))


def component(text: str, *, portable: bool = False, longest: int = LONGEST_FOLDER) -> str:
    """One part of a path that stays one part, is not hidden, and keeps its extension when it must be shortened."""
    text = _NEVER.sub("_", text)
    if portable:
        text = _NOT_PORTABLE.sub("_", text)
    text = text.lstrip(". ").rstrip(". ")
    if portable and (device := _DEVICE.fullmatch(text)):
        text = f"{device['name']}_{device['rest']}"
    return _shortened(text, longest) or "_"


def layout_for_unsure(layout: str, folder: str) -> str:
    """The layout for files that wait: the same, below the folder for unsure ones, without what the verdict would say."""
    *folders, file = layout.split("/")
    kept = [part for part in folders if not set(FIELD.findall(part)) & set(FROM_VERDICT)]
    return "/".join([folder, *kept, "{name}" if set(FIELD.findall(file)) & set(FROM_VERDICT) else file])


def pack_name(folder_name: str) -> str:
    """A pack's name as a person would write it: "Vendor - Title [24bit] (2026)" stays as it is."""
    name = _ARCHIVE.sub("", folder_name).replace("%20", " ")
    name = _SECOND_DOWNLOAD.sub("", name.strip())
    name = _FORMAT.sub("", name) or name
    if " " not in name:
        name = name.replace("_", " ")
    return component(" ".join(name.split())) if name.strip(" ._") else ""


def _filled(part: str, fields: Mapping[str, str]) -> str:
    """The part with its fields filled in; empty when all of its fields are."""
    values = [fields[name] for name in FIELD.findall(part)]
    if values and not any(values):
        return ""
    text = FIELD.sub(lambda field: fields[field[1]], part)
    return text if all(values) else text.strip(" -_")


def _shortened(text: str, longest: int) -> str:
    if _size(text) <= longest:
        return text
    stem, dot, extension = text.rpartition(".")
    suffix = dot + extension if stem and _size(extension) < _LONGEST_EXTENSION else ""
    stem = text.removesuffix(suffix) if suffix else text
    return _cut(stem, longest - _size(suffix)).rstrip(". ") + suffix


def _cut(text: str, longest: int) -> str:
    """The beginning that fits, never between a letter and its accent."""
    end, room = 0, longest
    while end < len(text) and (room := room - _size(text[end])) >= 0:
        end += 1
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]


def _size(text: str) -> int:
    """Bytes on the disk; names that are not UTF-8 come with their odd bytes as surrogates."""
    return len(text.encode("utf-8", "surrogateescape"))
