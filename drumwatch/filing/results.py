"""The result of an action or of its recovery, as the journal records it, and the keys of an entry's detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.core.records import FileStamp, State

Planned = Callable[[Path, dict[str, str]], None]

# The keys of an entry's detail.
MADE = "made"  # folders that the action made, outermost first
MADE_AGAIN = "made again"  # removed folders that an undo makes again, outermost first
LEFT = "left"  # our folders in the library that a sound is moved out of; removed if that empties them
COMPANIONS = "companions"  # pairs of names, old and new
LINK = "link"  # a symlink is left at the old path
LINK_WAS = "link_was"  # the path of a link before the user moved it
COPYING = "copying"  # a copy is made under a free name: a file found there after a crash is ours
UNTOUCHED = "untouched"  # the action changed nothing on the disk
TWIN = "twin"  # the path at which the same sound already was
PATCH = "patch"  # restores the original bytes from the tagged file
PATCH_FILE = "patch_file"  # the path of a patch that is too large for the journal
TAGGED_HASH = "tagged_hash"
FIELDS = "fields"  # the tags that were written


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of an action that was carried out or undone."""

    path: Path  # where the sound is now
    state: State = "done"
    note: str = ""
    detail: dict[str, str] = field(default_factory=dict)
    stamp: FileStamp | None = None  # of the file written at `path`, so that it is not taken for a new one


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of an interrupted action; still `planned` if its disk is absent, so that it is tried again later."""

    state: State
    path: Path  # of the sound now
    note: str = ""
    stamp: FileStamp | None = None
    detail: dict[str, str] = field(default_factory=dict)  # what differs from the plan
