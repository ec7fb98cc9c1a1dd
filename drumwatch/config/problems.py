"""What is wrong with a configuration: collected with their lines, told all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from drumwatch.config.key_lines import KeyPath, line_of
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_LONGEST = 60


class Problems:
    """Gathers sentences; each is told with the file's name and the line."""

    def __init__(self, file: str, lines: dict[KeyPath, int]) -> None:
        self.file = file
        self._lines = lines
        self._found: list[tuple[int, str]] = []

    def add(self, path: KeyPath, sentence: str) -> None:
        """A problem at a key, or at the table it should be in."""
        self._found.append((line_of(path, self._lines), sentence))

    def checked(self, path: KeyPath, check: Callable[[str], T], text: str) -> T | None:
        """What the check makes of the text, or None and a problem."""
        try:
            return check(text)
        except ValueError as error:
            self.add(
                path, f'{path[-1] if isinstance(path[-1], str) else path[-2]} = "{shortened(text)}" {error}'
            )
            return None

    def raise_if_any(self) -> None:
        if self._found:
            ordered = sorted(dict.fromkeys(self._found), key=lambda found: found[0])
            raise ConfigError([f"{self.file}:{line}: {sentence}" for line, sentence in ordered])


def shortened(text: str) -> str:
    """Something from the user's file, safe and short enough for a message."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= _LONGEST else printable[: _LONGEST - 3] + "..."
