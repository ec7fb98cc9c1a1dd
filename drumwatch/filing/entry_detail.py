"""Read what an action has recorded in its entry's detail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.records import FOLDERS
from drumwatch.filing import empty_folders, sidecars
from drumwatch.filing.results import COMPANIONS, LEFT, MADE, MADE_AGAIN

if TYPE_CHECKING:
    from drumwatch.core.records import Entry
    from drumwatch.filing.empty_folders import FolderRecord


def made_folders(entry: Entry) -> list[Path]:
    """Return the folders that the action made."""
    return [Path(path) for path in json.loads(entry.detail.get(MADE, "[]"))]


def folders_left(entry: Entry) -> list[Path]:
    """Return our folders that the action moved the sound out of."""
    return [Path(path) for path in json.loads(entry.detail.get(LEFT, "[]"))]


def folders_made_again(entry: Entry) -> list[Path]:
    """Return the folders that an undo has to make again."""
    return [Path(path) for path in json.loads(entry.detail.get(MADE_AGAIN, "[]"))]


def removed_folders(entry: Entry) -> list[FolderRecord]:
    """Return the folders that the entry has removed."""
    return empty_folders.from_text(entry.detail.get(FOLDERS, "[]"))


def companions_of(entry: Entry) -> tuple[sidecars.Pair, ...]:
    """Return the companions that the action moved or copied."""
    return sidecars.from_text(entry.detail.get(COMPANIONS, "[]"))


def companions_on_the_way_back(entry: Entry) -> tuple[sidecars.Pair, ...]:
    """Return the same companions in the opposite direction."""
    return sidecars.turned(companions_of(entry))
