"""What is nothing new any more, and where what lies unpacked came from."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.core.records import Origin
from drumwatch.filing import empty_folders
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal, Unpacked

HANDLED, FAILED, PUT_BACK = "handled", "failed", "put back"  # why a file is nothing new


def remember(journal: Journal, path: Path, why: str) -> None:
    """What is at this path now is nothing new; if nothing is, whatever comes there next is."""
    if mark := stamp_of(path):
        journal.seen.note(path, mark, why)
    else:
        journal.seen.forget(path)


def remember_tagged(journal: Journal, entry: Entry) -> None:
    """After an undo of these tags that came to nothing: the file, as we had tagged it, is nothing new."""
    with contextlib.suppress(OSError):
        if content_hash(entry.source) == entry.detail.tagged_hash:
            remember(journal, entry.source, HANDLED)


def note_folders(journal: Journal, entry: Entry) -> None:
    """After an action or its way back: which folders are there because of us, and which are not removed any more."""
    made, gone = entry.detail.made or (), entry.detail.left
    if entry.undoes is None:
        journal.folders.note_made(made)
    else:
        gone = made
    journal.folders.note_unmade(path for path in gone if not empty_folders.is_there(path))
    if again := entry.detail.made_again:
        journal.folders.note_made_again(again)
        _note_all_there_again(journal, again)


def _note_all_there_again(journal: Journal, folders: Iterable[Path]) -> None:
    """A removal is taken back when the last of its folders has come back, with whatever file that was."""
    removals = {removal.id: removal for path in folders for removal in journal.folders.removals_of(path)}
    for removal in removals.values():
        if removal.state == "done" and all(
            empty_folders.is_there(record.path) for record in removal.detail.folders
        ):
            journal.entries.finish(removal.id, "undone")


def origin_of(path: Path, unpacked: Iterable[Unpacked]) -> Origin | None:
    """Where a file that lies in one of these folders comes from; None for one that lies elsewhere."""
    for one in unpacked:
        if path.is_relative_to(one.folder):
            return Origin(one.archive, one.archive_hash, path.relative_to(one.folder))
    return None
