"""The functions and words that a kind of action provides, and what its functions are given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.filing import os_errors
from drumwatch.filing.held_file import HeldFile, hold

if TYPE_CHECKING:
    from drumwatch.core.entry_detail import FolderRecord
    from drumwatch.core.records import Action, Entry, FileStamp
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.results import ActionResult, Planned, Recovered
    from drumwatch.filing.tags import Tagger

FolderRecords = Callable[[Path], "Mapping[Path, FolderRecord]"]
"""Returns for a missing folder how it and its parents were when they were removed."""


@dataclass(frozen=True, slots=True)
class ActionRun:
    """One action to carry out on one sound.

    `planned` is called before each attempt about which the journal needs more than the action itself, so that recovery can
    determine after a crash what belongs to it. `transfer` is that of the group which the action belongs to. Nothing is written
    to a disk that would have less than `min_free` bytes left; a rename writes nothing. `leaves` are drumwatch's own folders
    around the sound, outermost first; those that a move empties are removed. `unpacked` says that the sound came in an archive, and
    goes back by removing it. `portable` says that the library's disk is of a kind
    that other systems read too, so that names are made portable there. `content` are the bytes to write, if the sound was converted.
    """

    action: Action
    source: Path
    stamp: FileStamp
    content_hash: str
    entry_id: int
    library: Path
    planned: Planned
    transfer: Transfer
    tagger: Tagger | None = None
    min_free: int = 0
    leaves: Sequence[Path] = ()
    portable: bool = False
    unpacked: bool = False
    content: bytes = b""

    @property
    def destination(self) -> Path:
        """The wanted place; raises ValueError if the action has none."""
        if self.action.destination is None:
            raise ValueError(f"{self.action.kind} needs a destination")
        return self.action.destination

    @contextlib.contextmanager
    def held(self) -> Iterator[HeldFile]:
        """Open and check the sound; an OSError of the block becomes ActionFailed with a sentence for the user."""
        try:
            with hold(self.source, self.stamp, self.content_hash) as sound:
                yield sound
        except OSError as exc:
            raise os_errors.failure(exc, self.source, self.action.destination, self.library) from exc


@dataclass(frozen=True, slots=True)
class UndoRun:
    """One undo to carry out."""

    undo_id: int
    planned: Planned
    transfer: Transfer
    records: FolderRecords
    made: Sequence[Path] | None = (
        None  # folders to remove if they are empty then; None: those that the action made
    )


@dataclass(frozen=True, slots=True)
class Words:
    """How a person reads of an action of one kind."""

    planned: str  # between the name and the place: "would go to"
    done: str
    decided: str = ""  # at the end of the reason of a decision: "moved to its usual place"
    counted: str = ""  # after a number of files in a preview: "moved"; empty for files that stay


def is_never_in_place(_entry: Entry, _made: Path) -> bool:
    """Return False: a second run cannot tell whether an action of this kind is still in effect."""
    return False


@dataclass(frozen=True, slots=True)
class Handler:
    """One kind of action: how it is carried out, undone, recovered after a crash, and described.

    `do` raises ActionFailed with the sound unchanged where it was. `undo` raises CannotUndo with everything unchanged. `recover` and
    `recover_undo` finish an interrupted action or undo, or roll it back; they may be interrupted again.
    """

    kind: str
    words: Words
    do: Callable[[ActionRun], ActionResult]
    undo: Callable[[Entry, UndoRun], ActionResult]
    recover: Callable[[Entry, Path], Recovered]  # the path is that of the folder for large patches
    recover_undo: Callable[[Entry, Path], Recovered]
    is_in_place: Callable[[Entry, Path], bool] = is_never_in_place  # whether the result is there unchanged
    describe: Callable[[Entry], str] | None = None  # replaces the usual sentence
