"""Check whether an earlier action is still in effect, so that a second run has nothing to do and nothing to record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drumwatch.filing.actions.registry import handler_of
from drumwatch.filing.naming import numbered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Action, Entry


def is_up_to_date(entry: Entry, wanted: Action) -> bool:
    """Return whether the entry did what is wanted now, and its result is still in place."""
    made, place = entry.destination, wanted.destination
    if entry.state != "done" or entry.action != wanted.kind or made is None or place is None:
        return False
    is_named = entry.detail.wanted == place or _is_name_for(made, place, wanted.name_limit)
    return is_named and _is_in_place(entry, made)


def _is_name_for(made: Path, wanted: Path, limit: int) -> bool:
    """Return whether this is the wanted name, or that name with a number."""
    number = re.search(r" (\d+)$", made.stem)
    names = {wanted.name, numbered(wanted.name, int(number[1]), limit) if number else ""}
    return made.parent == wanted.parent and made.name in names


def _is_in_place(entry: Entry, made: Path) -> bool:
    try:
        return handler_of(entry.action).is_in_place(entry, made)
    except OSError:
        return False
