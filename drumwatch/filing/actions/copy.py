"""Copy a sound into the library, with its companions; the original stays where it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.filing import disk, file_transfer, sidecars
from drumwatch.filing.actions import placing, recovery_steps, undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.held_file import HeldFile, found
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun
    from drumwatch.filing.disk import Folder


def do(run: ActionRun) -> ActionResult:
    """Copy the sound under a free name."""
    with run.held() as sound:
        return placing.put_in_library(run, sound, _attempt)


def _attempt(run: ActionRun, sound: HeldFile, folder: Folder, name: str, detail: EntryDetail) -> ActionResult:
    pairs = sidecars.beside(sound.folder, sound.name, name)
    detail = placing.note_copying(run, sound, folder, replace(detail, companions=pairs))
    placing.announce(run, folder / name, detail)
    run.transfer.copy(sound, folder, name, run.entry_id)
    notes = sidecars.copy_along(pairs, sound.folder, folder, run.entry_id, run.transfer)
    return placing.result(folder, name, detail, notes)


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Remove the copy and the copies of its companions, if the original is unchanged."""
    return undo_steps.undo_at_destination(entry, run, undo_steps.remove_copy)


def recover(entry: Entry, _: Path) -> Recovered:
    """Accept a complete copy and copy the companions that are missing, else remove what is there of it."""
    destination = recovery_steps.planned_place(entry)
    with found(destination) as copy, disk.opened_if_there(entry.source.parent) as old:
        if copy and copy.content_hash == entry.content_hash and entry.detail.copying:
            notes = _copy_companions(entry, old, copy) if old else []
            return Recovered("done", destination, " ".join(notes), copy.stamp)
    return recovery_steps.roll_back(entry, destination)


def _copy_companions(entry: Entry, old: Folder, copy: HeldFile) -> list[str]:
    pairs = entry.detail.companions
    recovery_steps.remove_placeholders(entry, copy.folder, recovery_steps.still_to_go(pairs, old))
    return sidecars.copy_along(pairs, old, copy.folder, entry.id, file_transfer.Transfer())


COPY = Handler(
    "copy",
    Words("would be copied to", "copied to", decided="copied to its usual place", counted="copied"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recovery_steps.finish_removal,
    is_in_place=placing.has_size_of_sound,
)
