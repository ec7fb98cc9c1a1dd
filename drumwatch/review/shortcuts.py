"""A letter for each label or type, so that every one of them is a key away."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def letters(words: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Each word's first letter where that is free, else the first free one in it, else any; the page does it alike.

    >>> letters(["hat-closed", "hat-open", "clap"], taken="a")
    {'hat-closed': 'h', 'clap': 'c', 'hat-open': 't'}
    """
    keys: dict[str, str] = {}

    def free(letter: str) -> bool:
        return letter in string.ascii_lowercase and letter not in {*taken, *keys.values()}

    for word in words:
        _give(keys, word, word[:1], free)
    for word in words:
        if word not in keys:
            _give(keys, word, word + string.ascii_lowercase, free)
    return keys


def _give(keys: dict[str, str], word: str, choice: str, free: Callable[[str], bool]) -> None:
    if letter := next((one for one in choice if free(one)), ""):
        keys[word] = letter
