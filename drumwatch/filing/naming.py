"""Compute a file's path in the library from the layout; pure, the disk is not read."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.config.templates import FIELD, FROM_VERDICT
from drumwatch.core import portable_names

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_FOLDER = 255  # bytes in UTF-8, the limit of ext4, APFS and most others
# Leaves bytes for " 1234" if the name is taken, and for a temporary prefix
LONGEST_FILE = LONGEST_FOLDER - 24
LONGEST_ENDING = 20  # bytes; a longer one is part of the name when a number is added

# Bytes with the null at the end, for any call that names a file by its path (PATH_MAX)
LONGEST_PATH = 1024 if sys.platform == "darwin" else 4096

# Separators, control characters, lone surrogates
_NEVER = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\ud800-\udc7f\udd00-\udfff]")
_LONGEST_EXTENSION = 16

_NUMBER_AT_THE_END = re.compile(r"[ _-]?\d{1,4}$", re.ASCII)
_FOLDER_NUMBER = re.compile(r" ([1-9]\d{0,5})$", re.ASCII)
_FEWEST_BEFORE_NUMBER = 4  # bytes of a shortened name before its number

# Fields that most sounds do not have, with the brackets and the unit that go with them: "({bpm} bpm)"
_RARE = re.compile(r"[(\[]?\{(?P<name>note|bpm)\}(?:[ _-]?bpm(?![^\W_]))?[)\]]?", re.IGNORECASE)
_SEPARATORS = " -_"

_ARCHIVE = re.compile(r"(?:\.(?:zip|rar|7z|tar|tgz|gz|xz|bz2))+$", re.IGNORECASE)
_SECOND_DOWNLOAD = re.compile(r"(?<=\S) ?\([1-9]\)$")
_FORMAT = re.compile(r"(?: - |[-_])(?:wav|aiff?|flac|mp3|ogg)$", re.IGNORECASE)


def place(template: str, fields: Mapping[str, str], *, portable: bool = False, name_limit: int = 0) -> Path:
    """Return the relative path that a layout gives a file; it never leads outside, and every part fits the disk.

    A part whose fields are all empty is left out, so that a single file gets no folder for its pack. Of all fields, only the label
    may be a path: the folder of kicks may be Drums/Kicks. With `name_limit`, no part has more bytes than that.
    """
    *folders, file = template.split("/")
    single = {name: value if name == "label" else value.replace("/", "_") for name, value in fields.items()}
    parts = [
        component(step, portable=portable, longest=LONGEST_FOLDER)
        for text in (_filled(folder, single) for folder in folders)
        for step in text.split("/")
        if text
    ]
    fields = {**single, "label": single.get("label", "").rpartition("/")[2]}
    parts.append(component(_filled(file, fields), portable=portable, longest=LONGEST_FILE))
    parts = [limited(part, name_limit) for part in parts]
    return Path(*map(portable_names.portable, parts) if portable else parts)


def limited(name: str, limit: int) -> str:
    """Return a name with at most `limit` bytes: the ending and the number before it stay, by which sounds of a pack differ.

    A limit of 0 is none.
    """
    if not limit or _size(name) <= limit:
        return name
    stem, ending = _split(name)
    if _size(ending) > limit // 2:
        stem, ending = name, ""
    tail = number[0] if (number := _NUMBER_AT_THE_END.search(stem)) else ""
    kept = limit - _size(tail + ending)
    if kept < _FEWEST_BEFORE_NUMBER:
        tail, kept = "", limit - _size(ending)
    head = _cut(stem.removesuffix(tail), kept)
    return (head.rstrip(" ._-") or head) + tail + ending


def why_too_deep(path: Path) -> str:
    """Return why the system could not open a file at this path, as a sentence; empty if it can, with a number in the name too."""
    reserve = LONGEST_FOLDER - LONGEST_FILE
    if (size := len(os.fsencode(path))) + reserve < LONGEST_PATH:
        return ""
    return (
        f"The place that the layout gives {path.name} has a path of {size} bytes, and this system opens no file whose path "
        f"is longer than {LONGEST_PATH - 1 - reserve}: nothing was done. Use fewer or shorter folders in the layout."
    )


def component(text: str, *, portable: bool = False, longest: int = LONGEST_FOLDER) -> str:
    """Return a text as one valid path component: not hidden, and with its extension if it is shortened to `longest` bytes."""
    text = _NEVER.sub("_", text).lstrip(". ").rstrip(". ")
    if portable:
        text = portable_names.portable(text)
    return _shortened(text, longest) or "_"


def portable_below(library: Path, place: Path) -> Path:
    """Return a place with portable names below the library; names that are portable stay as they are."""
    if not place.is_relative_to(library):
        return place
    parts = (portable_names.portable(part) for part in place.relative_to(library).parts)
    return library.joinpath(*(_shortened(part, LONGEST_FOLDER) for part in parts))


def numbered(name: str, number: int, limit: int = 0) -> str:
    """Return the name with a number: `kick.wav`, `kick 2.wav`, `kick 3.wav`; the stem is shortened to fit the limit, or 255 bytes."""
    if number == 1:
        return name
    longest = limit or LONGEST_FOLDER
    stem, ending = os.path.splitext(name)
    if _size(f" {number}{ending}") >= longest or _size(ending) > LONGEST_ENDING:
        stem, ending = name, ""  # what is behind the dot is too long to be kept whole
    tail = f" {number}{ending}"
    cut = _cut(stem, longest - _size(tail))
    return cut + tail if cut else tail.lstrip()


def numbered_folder(name: str, number: int, limit: int = 0) -> str:
    """Return the name of a folder with a number: `kick`, `kick 2`; a dot in it begins no ending."""
    if number == 1:
        return name
    tail = f" {number}"
    return _cut(name, (limit or LONGEST_FOLDER) - len(tail)).rstrip(" .") + tail


def is_split_of(made: Path, wanted: Path, limit: int = 0) -> bool:
    """Return whether a place is the wanted one, but for folders that have a number because others were full."""
    if len(made.parts) != len(wanted.parts) or made.name != wanted.name:
        return False
    pairs = zip(made.parent.parts, wanted.parent.parts, strict=True)
    return all(one == other or _is_numbered_folder(one, other, limit) for one, other in pairs)


def without_number(folder_name: str) -> str:
    """Return the name of a folder without the number that it has because others were full: `kick 2` is kick."""
    number = _FOLDER_NUMBER.search(folder_name)
    return folder_name[: number.start()] if number and number.start() else folder_name


def _is_numbered_folder(name: str, wanted: str, limit: int) -> bool:
    number = _FOLDER_NUMBER.search(name)
    return number is not None and name == numbered_folder(wanted, int(number[1]), limit)


def layout_for_unsure(layout: str, folder: str) -> str:
    """Return the layout for unsure files: below their own folder, without the fields that come from the verdict."""
    *folders, file = layout.split("/")
    kept = [part for part in folders if not set(FIELD.findall(part)) & set(FROM_VERDICT)]
    return "/".join([folder, *kept, "{name}" if set(FIELD.findall(file)) & set(FROM_VERDICT) else file])


def pack_name(folder_name: str) -> str:
    """Return a readable pack name from a folder's or archive's name: "Vendor - Title [24bit] (2026)" stays as it is."""
    name = _ARCHIVE.sub("", folder_name).replace("%20", " ")
    name = _SECOND_DOWNLOAD.sub("", name.strip())
    name = _FORMAT.sub("", name) or name
    if " " not in name:
        name = name.replace("_", " ")
    return component(" ".join(name.split())) if name.strip(" ._") else ""


def _filled(part: str, fields: Mapping[str, str]) -> str:
    """Return the part with its fields filled in; empty if all of its fields are empty."""
    if FIELD.search(part) and not any(fields[name] for name in FIELD.findall(part)):
        return ""
    part = _without_rare(part, fields)
    values = [fields[name] for name in FIELD.findall(part)]
    if values and not any(values):
        return ""
    text = FIELD.sub(lambda field: fields[field[1]], part)
    return text if all(values) else text.strip(" -_")


def _without_rare(part: str, fields: Mapping[str, str]) -> str:
    """Return the part without each note or tempo that is empty, its brackets and unit, and one of the separators around it."""
    while empty := next((one for one in _RARE.finditer(part) if not fields[one["name"]]), None):
        before, after = part[: empty.start()], part[empty.end() :]
        left, right = before.rstrip(_SEPARATORS), after.lstrip(_SEPARATORS)
        between = max(before[len(left) :], after[: len(after) - len(right)], key=len)
        part = f"{left}{between}{right}" if left and right else left + right
    return part


def _shortened(text: str, longest: int) -> str:
    if _size(text) <= longest:
        return text
    stem, suffix = _split(text)
    return _cut(stem, longest - _size(suffix)).rstrip(". ") + suffix


def _split(text: str) -> tuple[str, str]:
    """Return the stem and the ending with its dot; a long ending is none."""
    stem, dot, extension = text.rpartition(".")
    suffix = dot + extension if stem and _size(extension) < _LONGEST_EXTENSION else ""
    return (text.removesuffix(suffix) if suffix else text), suffix


def _cut(text: str, longest: int) -> str:
    """Return the longest beginning that fits, never cut between a letter and its accent."""
    end, left = 0, longest
    while end < len(text) and (left := left - _size(text[end])) >= 0:
        end += 1
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]


def _size(text: str) -> int:
    """Return the bytes on the disk; bytes that are not UTF-8 are surrogates in the name."""
    return len(text.encode("utf-8", "surrogateescape"))
