"""At the start: make new libraries, and finish or take back what a crash left half-done."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from drumwatch.core.records import FILING, REMOVE_FOLDERS
from drumwatch.filing.aside_names import parse
from drumwatch.filing.recovery import settle_half_done, settle_leftover
from drumwatch.journal import Filter, Journal
from drumwatch.pipeline.live_tags import LiveTagger
from drumwatch.pipeline.seen import HANDLED, note_folders, origin_of, remember_tagged, remember_unchanged
from drumwatch.system import app_paths
from drumwatch.system.consent import CONSENT, ConsentPendingError, run_aside

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.filing.results import Recovered

BACKUPS = "backups"  # in the state folder: patches that restore files and are too large for the journal


def make_libraries(config: Config, journal: Journal) -> None:
    """Make the folders of libraries that were never used.

    A library that was used and is gone is on a disk that has to come back first.
    """
    for library in {config.library, *(watch.library for watch in config.watches)}:
        if not library.exists() and not journal.entries.filed_into(library):
            make = partial(library.mkdir, parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # filing the first sound reports what is wrong
                try:
                    CONSENT.require(next(folder for folder in library.parents if folder.exists()))
                    make()
                except ConsentPendingError:
                    run_aside(make)


def recover(journal: Journal, *, state: Path) -> list[Entry]:
    """Finish or take back what a crash left half-done; return the entries that were still planned."""
    with journal.acting():
        for folder in (state, state / "models"):
            app_paths.remove_unfinished(folder)
        _remove_leftovers(journal)
        LiveTagger(journal).settle()
        return [
            recover_one(journal, entry, state)
            for entry in list(journal.entries.find(Filter(states=("planned",))))
        ]


def _remove_leftovers(journal: Journal) -> None:
    """Settle what a failed action left on a disk that could not be written to any more: temporary copies, and files set aside."""
    for path in journal.state.leftovers():
        if settle_leftover(path, _entry_that_set_aside(journal, path)):
            journal.state.drop_leftover(path)


def _entry_that_set_aside(journal: Journal, path: Path) -> Entry | None:
    aside = parse(path.name)
    return journal.entries.lookup(aside.entry_id) if aside else None


def recover_one(journal: Journal, entry: Entry, state: Path) -> Entry:
    """Finish or take back one entry that is still planned; the caller is inside `Journal.acting`."""
    found = settle_half_done(entry, backups=state / BACKUPS, claimed=_is_claimed(journal, entry))
    with journal.transaction():
        journal.entries.finish(
            entry.id,
            found.state,
            destination=None if entry.action == REMOVE_FOLDERS else found.path,
            error=found.note if found.state == "failed" else "",
            detail=entry.detail.updated(found.detail),
        )
        if found.state == "done":
            remember_unchanged(journal, entry.source, _stamp_at_source(entry, found), HANDLED)
            note_folders(journal, journal.entries.get(entry.id))
            if entry.undoes is not None:
                journal.entries.finish(entry.undoes, "undone")
        elif entry.undoes is not None:
            remember_tagged(journal, journal.entries.get(entry.undoes))
        if found.state != "planned" and (origin := origin_of(entry.source, journal.batches.unpacked())):
            journal.batches.name_origin(entry.id, origin)
    return journal.entries.get(entry.id)


def _stamp_at_source(entry: Entry, found: Recovered) -> FileStamp | None:
    """Return the stamp that the file has where the finished action found it; None if it is not there any more."""
    if entry.action == "tag":
        return found.stamp
    return None if entry.action == "move" else entry.stamp


def _is_claimed(journal: Journal, entry: Entry) -> bool:
    """Return whether a later entry has put its own file where this one would have put one, for example while a disk was absent."""
    puts_a_file = entry.action == "move" or (entry.action in FILING and entry.undoes is None)
    return puts_a_file and journal.entries.claimed_since(entry) is not None
