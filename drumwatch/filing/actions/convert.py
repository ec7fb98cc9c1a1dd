"""Write a converted copy of a sound, as a device takes it; the sound itself is not touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import CannotUndo
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import CONVERT as KIND
from drumwatch.filing import file_transfer, free_space, library_folders
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
    """Write the converted sound under a free name."""
    with run.held() as sound:
        return placing.put_in_library(run, sound, _attempt, is_done=_is_never_done)


def _is_never_done(_folder: Folder, _name: str, _sound: HeldFile) -> bool:
    return False  # what has the name already is not known to come from this sound


def _attempt(run: ActionRun, sound: HeldFile, folder: Folder, name: str, detail: EntryDetail) -> ActionResult:
    as_large = replace(sound, stamp=replace(sound.stamp, size_bytes=len(run.content)))
    free_space.require(as_large, folder, run.min_free, run.library)
    detail = replace(detail, copying=True, converted_hash=file_transfer.hash_of(run.content))
    placing.announce(run, folder / name, detail)
    run.transfer.create(run.content, folder, name, run.entry_id)
    return placing.result(folder, name, detail)


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Remove the converted copy, if it and the original are unchanged."""
    return undo_steps.undo_at_destination(entry, run, _remove)


def _remove(entry: Entry, made_at: Path, run: UndoRun) -> ActionResult:
    with found(made_at) as there, found(entry.source) as original:
        made = undo_steps.require_unchanged(there, made_at, entry.detail.converted_hash)
        if original is None or original.content_hash != entry.content_hash:
            raise CannotUndo(
                f"{entry.source} is gone or has changed, so {made_at} is all that is left of it: it is kept."
            )
        run.transfer.steps(run.undo_id).remove(made)
        file_transfer.sync_if_possible(made.folder)
    library_folders.remove_empty(entry.detail.made or ())
    return ActionResult(entry.source, detail=entry.detail)


def recover(entry: Entry, _: Path) -> Recovered:
    """Accept a complete file, else remove what is there of it."""
    destination = recovery_steps.planned_place(entry)
    with found(destination) as made:
        if made and entry.detail.converted_hash and made.content_hash == entry.detail.converted_hash:
            return Recovered("done", destination, stamp=made.stamp)
    return recovery_steps.roll_back(entry, destination)


def describe(entry: Entry) -> str:
    """Return a sentence like: kick.wav converted to ~/Kits/Dusty/01_kick_BD07.wav."""
    name = printable(entry.source.name)
    place = home_short(entry.destination or entry.source)
    if entry.undoes is not None:
        return f"{name} {'removed from the kit' if entry.state == 'done' else 'still in the kit'}"
    if entry.state == "failed":
        return f"{name} was not converted"
    return f"{name} {'would be converted' if entry.state == 'planned' else 'converted'} to {place}"


CONVERT = Handler(
    KIND,
    Words("would be converted to", "converted to"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recovery_steps.finish_removal,
    describe=describe,
)
