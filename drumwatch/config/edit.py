"""Change `library` and `[labels]` in the text of a configuration; comments, order and layout stay as they are."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from drumwatch.config.key_lines import line_of_each_key
from drumwatch.config.to_toml import key_as_toml, quoted
from drumwatch.core.errors import DrumwatchError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAIR = re.compile(r"(?P<before>[^=]*=[ \t]*)(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')(?P<after>[ \t]*(?:#.*)?)")
_BLANK_OR_COMMENT = re.compile(r"[ \t]*(?:#.*)?")


class CannotEditError(DrumwatchError):
    """The text is written in a way that this editor does not change; nothing was changed."""


def with_labels(text: str, labels: Mapping[str, str], library: str | None = None) -> str:
    """Return the text with these `[labels]` in it, and with this `library` if one is given; other keys stay as they are.

    Raises CannotEditError if the result would not mean exactly that.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    if library is not None:
        lines = _with_library(lines, library)
    for kind, folder in reversed(
        list(labels.items())
    ):  # new ones are inserted at the top, so that they end in this order
        lines = _with_label(lines, kind, folder)
    changed = "\n".join(lines)
    if _tables(changed) != _expected(text, labels, library):
        raise CannotEditError(_by_hand(labels, library))
    return changed.replace("\n", newline)


def as_lines(labels: Mapping[str, str], library: str | None = None) -> list[str]:
    """Return the lines that a person would write into the configuration."""
    first = [f"library = {quoted(library)}"] if library is not None else []
    table = [f"{key_as_toml(kind)} = {quoted(folder)}" for kind, folder in labels.items()]
    return [*first, *(["[labels]", *table] if table else [])]


def _with_library(lines: list[str], library: str) -> list[str]:
    known = _key_lines(lines)
    if at := known.get(("library",)):
        return _with_value(lines, at - 1, library)
    at = min(known.values(), default=1) - 1
    while at > 0 and lines[at - 1].lstrip().startswith("#"):  # its comment
        at -= 1
    return [*lines[:at], f"library = {quoted(library)}", *lines[at:]]


def _with_label(lines: list[str], kind: str, folder: str) -> list[str]:
    known = _key_lines(lines)
    if at := known.get(("labels", kind)):
        return _with_value(lines, at - 1, folder)
    pair = f"{key_as_toml(kind)} = {quoted(folder)}"
    if at := known.get(("labels",)):
        return [*lines[:at], pair, *lines[at:]]
    kept = len(lines)
    while kept and not lines[kept - 1].strip():
        kept -= 1
    return [*lines[:kept], *([""] if kept else []), "[labels]", pair, *(lines[kept:] or [""])]


def _with_value(lines: list[str], at: int, value: str) -> list[str]:
    """Return the lines with another text as the value of the key in this line, whose comment stays."""
    if found := _PAIR.fullmatch(lines[at]):
        return [*lines[:at], f"{found['before']}{quoted(value)}{found['after']}", *lines[at + 1 :]]
    return lines  # the check of the whole finds it


def _key_lines(lines: list[str]) -> dict[tuple[str | int, ...], int]:
    text = "\n".join(lines)
    return line_of_each_key(text) if _tables(text) is not None else {}


def _expected(text: str, labels: Mapping[str, str], library: str | None) -> dict[str, object] | None:
    tables = _tables(text)
    known = tables.get("labels", {}) if tables is not None else None
    if tables is None or not isinstance(known, dict):
        return {}
    wanted = {**tables, "labels": {**known, **labels}} if labels else tables
    return {**wanted, **({"library": library} if library is not None else {})}


def _tables(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _by_hand(labels: Mapping[str, str], library: str | None) -> str:
    written = "\n".join(f"  {line}" for line in as_lines(labels, library))
    return f"The configuration is written in a way that is not changed automatically. Write this into it by hand:\n{written}"
