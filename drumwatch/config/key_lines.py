"""The line of each key in a TOML text, which tomllib does not give."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', flags=re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}\n#]*")


def line_of_each_key(text: str) -> dict[KeyPath, int]:
    """Return the line of each key of a valid TOML text, as `("watch", 0, "folder"): 12`."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """Return the line of a key, or of the table it should be in."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    """Reads a text that tomllib has accepted, and therefore checks no syntax."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._counts: dict[KeyPath, int] = {}  # how many [[tables]] there are so far

    def document(self) -> None:
        """Read the whole text and note the line of each key."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        is_array = self.text.startswith("[[", self.at)
        brackets = 2 if is_array else 1
        start, self.at = self.at, self.at + brackets
        *parents, last = self._dotted()
        self.at = self.text.index("]", self.at) + brackets
        path: KeyPath = ()
        for name in parents:
            path = self._latest((*path, name))
            self._note(path, start)
        path = (*path, last)
        self._note(path, start)
        if is_array:
            self._counts[path] = self._counts.get(path, 0) + 1
        path = self._latest(path)
        self._note(path, start)
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: KeyPath) -> None:
        start, path = self.at, table
        for name in self._dotted():
            path = (*path, name)
            self._note(path, start)
        self.at = self.text.index("=", self.at) + 1
        self._skip(_BLANK)
        self._value(path)

    def _dotted(self) -> list[str]:
        names = []
        while True:
            self._skip(_BLANK)
            key = self._skip(_KEY)
            names.append(tomllib.loads(f"key = {key}")["key"] if key[:1] in ("'", '"') else key)
            if not self._skip(_DOT):
                return names

    def _value(self, path: KeyPath) -> None:
        opening = self.text[self.at]
        if opening in "[{":
            self._members(path, opening)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _members(self, path: KeyPath, opening: str) -> None:
        closing, index = {"[": "]", "{": "}"}[opening], 0
        self.at += 1
        self._skip(_BLANK)
        while self.text[self.at] != closing:
            if opening == "{":
                self._pair(path)
            else:
                self._note((*path, index), self.at)
                self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._skip(_BLANK)
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def _note(self, path: KeyPath, position: int) -> None:
        self.lines.setdefault(path, bisect_right(self._newlines, position) + 1)
