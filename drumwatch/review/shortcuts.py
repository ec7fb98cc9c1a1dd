"""The keyboard shortcut of each label or type: a letter."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def letters(labels: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Return the letter of each label: its first if that is free, else the first free one in it, else any; the page does the same.

    >>> letters(["hat-closed", "hat-open", "clap"], taken="a")
    {'hat-closed': 'h', 'clap': 'c', 'hat-open': 't'}
    """
    keys: dict[str, str] = {}

    def free(letter: str) -> bool:
        return letter in string.ascii_lowercase and letter not in {*taken, *keys.values()}

    for label in labels:
        _assign(keys, label, label[:1], free)
    for label in labels:
        if label not in keys:
            _assign(keys, label, label + string.ascii_lowercase, free)
    return keys


def _assign(keys: dict[str, str], label: str, candidates: str, free: Callable[[str], bool]) -> None:
    if letter := next((one for one in candidates if free(one)), ""):
        keys[label] = letter
