"""Remember which files were dealt with, and find the archive that an unpacked file came from."""

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

    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.journal import Journal, Unpacked

HANDLED, FAILED, PUT_BACK = "handled", "failed", "put back"  # why a file does not count as a new one


def remember(journal: Journal, path: Path, why: str) -> None:
    """Remember the file that is at this path now; if there is none, the next file there counts as a new one."""
    if stamp := stamp_of(path):
        journal.seen.note(path, stamp, why)
    else:
        journal.seen.forget(path)


def remember_unchanged(journal: Journal, path: Path, stamp: FileStamp | None, why: str) -> None:
    """Remember the file at this path if it still has this stamp; a file that was saved there since counts as a new one."""
    now = stamp_of(path)
    if now and stamp and (now.size_bytes, now.mtime_ns) == (stamp.size_bytes, stamp.mtime_ns):
        journal.seen.note(path, now, why)
    else:
        journal.seen.forget(path)


def remember_tagged(journal: Journal, entry: Entry) -> None:
    """Remember the file as it was tagged, after an undo of the tags that failed."""
    with contextlib.suppress(OSError):
        if content_hash(entry.source) == entry.detail.tagged_hash:
            remember(journal, entry.source, HANDLED)


def note_folders(journal: Journal, entry: Entry) -> None:
    """Record after an action or its undo which folders drumwatch has made, and which of them are gone."""
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
    """Mark a removal of folders as undone when the last of its folders is there again."""
    removals = {removal.id: removal for path in folders for removal in journal.folders.removals_of(path)}
    for removal in removals.values():
        if removal.state == "done" and all(
            empty_folders.is_there(record.path) for record in removal.detail.folders
        ):
            journal.entries.finish(removal.id, "undone")


def origin_of(path: Path, unpacked: Iterable[Unpacked]) -> Origin | None:
    """Return the archive of a file in one of these folders; None for a file elsewhere."""
    for archive in unpacked:
        if path.is_relative_to(archive.folder):
            inner = path.relative_to(archive.folder)
            return Origin(
                archive.archive, archive.archive_hash, inner, archive.names.get(inner.as_posix(), "")
            )
    return None
