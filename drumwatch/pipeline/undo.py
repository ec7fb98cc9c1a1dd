"""Undo one entry."""

from __future__ import annotations

import functools
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import CannotUndo
from drumwatch.core.records import FILING
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.undo import reverse
from drumwatch.journal import Journal, Plan
from drumwatch.pipeline.seen import PUT_BACK, note_folders, remember, remember_tagged, remember_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.core.entry_detail import FolderRecord
    from drumwatch.core.records import Entry


def take_back(journal: Journal, entry: Entry, *, clock: Callable[[], float] = time.time) -> Entry:
    """Undo one done entry and return the entry about the undo.

    Raises CannotUndo with the reason, which is in the journal as well.
    """
    transfer = Transfer()
    with journal.acting():
        entry = _with_present_source(journal, entry)
        undo_id = _plan_undo(journal, entry, clock())
        try:
            _require_unclaimed(journal, entry)
            result = reverse(
                entry,
                undo_id=undo_id,
                planned=functools.partial(journal.entries.replan, undo_id),
                transfer=transfer,
                made=journal.folders.made_around(entry.destination.parent) if entry.destination else None,
                records=functools.partial(_records, journal),
            )
        except CannotUndo as exc:
            with journal.transaction():
                journal.state.note_leftovers(transfer.leftovers)
                journal.entries.finish(undo_id, "failed", error=str(exc))
                remember_tagged(journal, entry)
            raise
        with journal.transaction():
            note = f"takes back entry {entry.id}; {result.note}" if result.note else ""
            journal.entries.finish(undo_id, "done", reason=note, detail=result.detail)
            journal.entries.finish(entry.id, "undone")
            if result.stamp:
                remember_unchanged(journal, entry.source, result.stamp, PUT_BACK)
            else:
                remember(journal, entry.source, PUT_BACK)
            note_folders(journal, journal.entries.get(undo_id))
    return journal.entries.get(undo_id)


def _with_present_source(journal: Journal, entry: Entry) -> Entry:
    """Return the entry of a file in a kit with the place where its sound is now: a correction may have moved it since."""
    if not entry.is_kit or os.path.lexists(entry.source):
        return entry
    filed = journal.entries.filed_with(entry.content_hash)
    return next((replace(entry, source=one.location) for one in filed if one.location.exists()), entry)


def _require_unclaimed(journal: Journal, entry: Entry) -> None:
    """Raise CannotUndo if the file where this entry put one is another entry's, even if it has the same bytes."""
    later = journal.entries.claimed_since(entry) if entry.action in FILING else None
    if later is not None:
        raise CannotUndo(
            f"The file at {entry.destination} now is not the one that entry {entry.id} put there: undo entry {later} first."
        )


def _records(journal: Journal, folder: Path) -> dict[Path, FolderRecord]:
    """Return how this folder and the folders above it were when drumwatch last removed them."""
    found: dict[Path, FolderRecord] = {}
    for path in (folder, *folder.parents):
        removal = next(iter(journal.folders.removals_of(path)), None)
        if removal:
            found[path] = next(record for record in removal.detail.folders if record.path == path)
    return found


def _plan_undo(journal: Journal, entry: Entry, now: float) -> int:
    plan = Plan(
        entry.batch,
        entry.destination or entry.source,
        entry.source,
        entry.action,
        "undo",
        f"takes back entry {entry.id}",
        label=entry.label,
        type=entry.type,
        confidence=entry.confidence,
        content_hash=entry.content_hash,
        stamp=entry.stamp,
        undoes=entry.id,
    )
    with journal.transaction():
        if entry.stamp:
            # Before the file comes, because a daemon may be watching
            journal.seen.note(entry.source, entry.stamp, PUT_BACK)
        return journal.entries.plan(plan, now)
