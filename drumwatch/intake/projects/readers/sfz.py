"""Read SFZ instruments with their includes and variables."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from drumwatch.intake.projects.reading import LIMIT, Unreadable, text_of, whole
from drumwatch.intake.projects.scanning import MOST_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    """An instrument with all included files, read within one common limit."""

    def __init__(self, main: Path) -> None:
        self._folder = main.parent
        self._left = LIMIT
        self._includes = 0
        self._variables: dict[str, str] = {}
        self.is_cut = False
        self.parts: dict[Path, None] = {}  # the included files, present or missing

    def text(self, path: Path, depth: int = 0) -> str:
        """Return the text of a file with its includes inserted and without comments."""
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
        if self.is_cut:
            return ""
        path = self._folder / self.filled_in(name).replace("\\", "/")
        self.parts[path] = None
        if len(self.parts) > _MOST_INCLUDES:
            self.is_cut = True
        return self.text(path, depth + 1) if path.is_file() else ""

    def filled_in(self, text: str) -> str:
        """Return the text with variables replaced; as in SFZ players, `$ART1` may be `$ART` followed by 1."""
        return _SFZ_VARIABLE.sub(self._value, text) if "$" in text else text

    def _value(self, match: re.Match[str]) -> str:
        name = match[0]
        for end in range(len(name), 1, -1):
            if name[:end] in self._variables:
                return self._variables[name[:end]] + name[end:]
        return name


def included(path: Path) -> tuple[Path, ...]:
    """Return the files that an instrument includes at any depth, present or missing."""
    instrument = _Sfz(path)
    instrument.text(path)
    return tuple(instrument.parts)


def sfz(path: Path) -> Iterator[str]:
    """Yield the sample paths of an SFZ instrument."""
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
