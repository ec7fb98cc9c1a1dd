"""The problems of a configuration: collected with their lines, and raised together."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from drumwatch.config.key_lines import KeyPath, line_of
from drumwatch.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_LONGEST = 60


class Problems:
    """Collects sentences about keys; each is shown with the name of the file and the line of the key."""

    def __init__(self, file: str, lines: dict[KeyPath, int]) -> None:
        self.file = file
        self._lines = lines
        self._found: list[tuple[int, str]] = []

    def add(self, path: KeyPath, sentence: str) -> None:
        """Note a problem at a key, or at the table that the key should be in."""
        self._found.append((line_of(path, self._lines), sentence))

    def checked(self, path: KeyPath, check: Callable[[str], T], text: str) -> T | None:
        """Return the result of a check on a text; if it raises ValueError, note that as a problem and return None."""
        try:
            return check(text)
        except ValueError as error:
            self.add(
                path, f'{path[-1] if isinstance(path[-1], str) else path[-2]} = "{shortened(text)}" {error}'
            )
            return None

    def raise_if_any(self) -> None:
        """Raise ConfigError with all problems, in the order of their lines, if there are any."""
        if self._found:
            ordered = sorted(dict.fromkeys(self._found), key=lambda found: found[0])
            raise ConfigError([f"{self.file}:{line}: {sentence}" for line, sentence in ordered])


def shortened(text: str) -> str:
    """Return a text from the user's file, short enough for a message and without control characters."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    return printable if len(printable) <= _LONGEST else printable[: _LONGEST - 3] + "..."
