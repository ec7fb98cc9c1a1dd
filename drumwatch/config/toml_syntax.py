"""Reading TOML: the first syntax error is reported with its place and what to do."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from drumwatch.config.key_lines import line_of_each_key
from drumwatch.config.problems import Problems
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from drumwatch.config.value_types import Table

_LOCATED = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)
_KEY = re.compile(r"[\w.\"' \t-]+")
_BARE_TEXT = re.compile(r"(?!\d|true\b|false\b)[^\"'#,\[{]+")
_LONG_NUMBER = re.compile(r"[\d_]{640}")  # no limit on digits can be set lower than that
_NOT_CLOSED = "a quote, a [ or a { is not closed, or a comma is missing"
_ADVICE = (  # by the beginning of tomllib's sentences
    (("Cannot", "Duplicate"), "this key has been given before: remove one of the two"),
    (("Unterminated", "Unclosed", "Illegal character '\\n'"), _NOT_CLOSED),
    (("Illegal character", "Found invalid character"), "there is a control character here: remove it"),
    (
        ("Expected newline",),
        "there is more after the value: begin a new line, or put the whole text in quotes",
    ),
)


def load(text: str, file: str) -> tuple[Table, Problems]:
    """Return the tables in the text, and a collector for problems; raises ConfigError at the first syntax error."""
    text = text.replace("\r\n", "\n") + "\n"  # else an error on the last line has no place
    try:
        return tomllib.loads(text), Problems(file, line_of_each_key(text))
    except RecursionError:
        raise ConfigError([f"{file}: brackets are nested too deeply"]) from None
    except ValueError as error:
        line, column, sentence = _explained(str(error), text)
        raise ConfigError([f"{file}:{line}:{column}: {sentence}"]) from None


def _explained(error: str, text: str) -> tuple[int, int, str]:
    """Return line, column and advice for one error of tomllib."""
    if (found := _LOCATED.fullmatch(error)) is None:  # an error without its place
        at = number.start() if (number := _LONG_NUMBER.search(text)) else 0
        return *_place(text, at), "this number is too long"
    if found["line"] is None:
        return *_place(text, len(text.rstrip())), _NOT_CLOSED
    line, column = int(found["line"]), int(found["column"])
    return line, column, _advice(text.split("\n")[line - 1], found["what"])


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _advice(row: str, what: str) -> str:
    key, _, value = (part.strip() for part in row.partition("="))
    if _KEY.fullmatch(key) and _BARE_TEXT.fullmatch(value):
        return f'text needs quotes: {key} = "{value}"'
    if "\\" in row:
        return "a \\ means something special between double quotes: write folders with /, or between 'single quotes'"
    default = "this is not TOML: it must be a [table], or key = value with text in quotes"
    return next((advice for begins, advice in _ADVICE if what.startswith(begins)), default)
