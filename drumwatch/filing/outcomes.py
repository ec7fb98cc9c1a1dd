"""What an action tells the journal: where the sound is now, and what only the action itself understands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.records import Fingerprint, State

Planned = Callable[[Path, dict[str, str]], None]

# The keys of an entry's detail.
MADE = "made"  # folders that were missing and are made, outermost first
MADE_AGAIN = "made again"  # folders that had been removed, and that an undo makes again, outermost first
LEFT = "left"  # folders of ours in the library that a sound goes away from: removed where that empties them
COMPANIONS = "companions"  # pairs of names, before and after
LINK = "link"  # a symlink is left at the old place
LINK_WAS = "link_was"  # where a link to the sound was before the user gave it another place
COPYING = "copying"  # a whole copy comes to a name that was free: found there after a crash, it is ours
UNTOUCHED = "untouched"  # nothing was changed on the disk
TWIN = "twin"  # where the same sound was already
PATCH = "patch"  # how to get the original bytes back from the tagged file
PATCH_FILE = "patch_file"  # the same, where it is too large for the journal
TAGGED_HASH = "tagged_hash"
FIELDS = "fields"  # the tags that were written


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an action that was carried out, or taken back."""

    path: Path  # where the sound is now
    state: State = "done"
    note: str = ""
    detail: dict[str, str] = field(default_factory=dict)
    fingerprint: Fingerprint | None = None  # of what was written at `path`: our own write, nothing new
