"""TOML itself: a line that cannot be read is told, and the rest is read all the same."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from drumwatch.config.lines import line_of_each_key
from drumwatch.config.problems import Problems
from drumwatch.errors import ConfigError

_LOCATED = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)
_ASSIGNMENT = re.compile(r"(?P<key>[ \t]*[\w.\"' \t-]+=)[ \t]*(?P<value>.*)")
_BARE_TEXT = re.compile(r"(?!\d|true\b|false\b)[^\"'#,\[{]+")
_ENDLESS = re.compile(r"[\d_]{640}")  # no limit on digits can be set lower than that
_MOST = 50  # unreadable lines told at once


def load(text: str, file: str) -> tuple[dict[str, Any], Problems]:
    """The tables in the text. Single lines that are no TOML become problems, and the rest is still read."""
    rows = text.replace("\r\n", "\n").split("\n")
    unreadable: dict[int, str] = {}
    while True:
        try:
            tables, lines = tomllib.loads("\n".join(rows)), line_of_each_key("\n".join(rows))
        except RecursionError:
            raise ConfigError([f"{file}: brackets are nested too deeply"]) from None
        except ValueError as error:
            line, what = _located(error, rows)
            placeholder = (
                None if line in unreadable or len(unreadable) >= _MOST else _placeholder(rows[line - 1], what)
            )
            unreadable.setdefault(line, _in_plain_words(rows[line - 1], what))
            if placeholder is None:
                raise ConfigError(
                    [f"{file}:{n}: {sentence}" for n, sentence in sorted(unreadable.items())]
                ) from None
            rows[line - 1] = placeholder
        else:
            return tables, Problems(file, lines, unreadable)


def _located(error: ValueError, rows: list[str]) -> tuple[int, str]:
    last = max((n for n, row in enumerate(rows, start=1) if row.strip()), default=1)
    found = _LOCATED.fullmatch(str(error))
    if found is None:  # a number with thousands of digits comes without its place
        return next(
            (n for n, row in enumerate(rows, start=1) if _ENDLESS.search(row)), last
        ), "a number is too long"
    return min(int(found["line"] or last), len(rows)), found["what"]


def _placeholder(row: str, what: str) -> str | None:
    """A line to read on with: the same key with empty text, so that it is not missed; None where that would mislead."""
    assignment = _ASSIGNMENT.fullmatch(row)
    unbalanced = any(row.count(opening) != row.count(closing) for opening, closing in ("[]", "{}"))
    if assignment is None or unbalanced or '"""' in row or "'''" in row:
        return None
    return "" if what.startswith("Cannot") else f"{assignment['key']} ''"


def _in_plain_words(row: str, what: str) -> str:
    assignment = _ASSIGNMENT.fullmatch(row)
    if assignment and _BARE_TEXT.fullmatch(assignment["value"]):
        return f'text needs quotes: {assignment["key"].strip()} "{assignment["value"].strip()}"'
    if "\\" in row:
        return "a \\ means something special between double quotes: write folders with /, or between 'single quotes'"
    if what.startswith("Cannot overwrite"):
        return "this key has been given before"
    return f"this is not TOML: {what[:1].lower()}{what[1:]}"
