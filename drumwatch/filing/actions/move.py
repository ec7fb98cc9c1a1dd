"""Move a sound into the library; its companions go along, and a link may stay at its old place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.errors import ActionFailed, CannotUndo, SoundGone
from drumwatch.filing import disk, file_transfer, library_folders, live_items, sidecars, trash
from drumwatch.filing.actions import placing, recovery_steps, system_trash, undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.actions.old_place_link import leave_link, without_our_link
from drumwatch.filing.folder_info import Writer, hashes_noted, nothing_noted
from drumwatch.filing.held_file import HeldFile, found, one_file, same_entry, stamp_at
from drumwatch.filing.live_items import At
from drumwatch.filing.results import ActionResult, Recovered
from drumwatch.filing.set_aside import is_file_at

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun
    from drumwatch.filing.disk import Folder


def do(run: ActionRun) -> ActionResult:
    """Move the sound under a free name, and remove those of our folders that this empties."""
    if trash.is_in_system_trash(run.library):
        return system_trash.do(run)
    with run.held() as sound:
        outcome = placing.put_in_library(run, sound, _attempt, detail=EntryDetail(left=tuple(run.leaves)))
    if not outcome.detail.untouched:
        library_folders.remove_empty(run.leaves)
    return outcome


def _attempt(run: ActionRun, sound: HeldFile, folder: Folder, name: str, detail: EntryDetail) -> ActionResult:
    pairs = sidecars.beside(sound.folder, sound.name, name)
    hashes = sidecars.hashes(pairs, sound.folder) if run.unpacked else ()
    live_item, live_notes = live_items.beside(At(sound.folder, sound.name))
    detail = replace(
        detail, companions=pairs, companion_hashes=hashes, link=run.action.leave_link, live_item=live_item
    )
    if disk.device(folder) != disk.device(sound.folder):
        detail = placing.note_copying(run, sound, folder, detail)
    placing.announce(run, folder / name, detail)
    run.transfer.move(sound, folder, name, run.entry_id)
    notes = sidecars.move_along(pairs, sound.folder, folder, run.entry_id, run.transfer)
    notes += live_notes
    if live_item:
        writer = Writer(run.entry_id, run.transfer, hashes_noted(run.planned, folder / name, detail))
        notes += live_items.move_along(At(sound.folder, sound.name), At(folder, name), writer)
    if run.action.leave_link:
        notes += leave_link(sound.folder, sound.name, folder / name)
    return placing.result(folder, name, detail, notes)


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Move the sound and its companions back; the old folder is made again if it was removed."""
    if trash.is_in_system_trash(entry.destination) and (result := system_trash.undo_by_hand(entry)):
        return result
    return undo_steps.undo_at_destination(entry, run, _move_back, needed=[entry.source.parent])


def _move_back(entry: Entry, made_at: Path, run: UndoRun) -> ActionResult:
    old = entry.source.parent
    with found(made_at) as there:
        sound = undo_steps.require_unchanged(there, made_at, entry.content_hash)
        records = run.records(old) if entry.detail.made_again else {}
        with undo_steps.folders_restored(entry, records), disk.opened(old) as old_folder:
            notes = _move_to_old_name(entry, old_folder, sound, run)
            stamp = stamp_at(old_folder, entry.source.name)
    library_folders.remove_empty(entry.detail.made or ())
    return ActionResult(entry.source, note=" ".join(notes), detail=entry.detail, stamp=stamp)


def _move_to_old_name(entry: Entry, old_folder: Folder, sound: HeldFile, run: UndoRun) -> list[str]:
    steps = run.transfer.steps(run.undo_id)
    with without_our_link(entry, old_folder, sound.path, steps):
        try:
            run.transfer.move(sound, old_folder, entry.source.name, run.undo_id)
        except FileExistsError as exc:
            raise CannotUndo(
                f"Something else is at {entry.source} now: move that away first."
                f" {sound.path.name} is still in {sound.path.parent}."
            ) from exc
    pairs = sidecars.turned(entry.detail.companions)
    notes = sidecars.move_along(pairs, sound.folder, old_folder, run.undo_id, run.transfer)
    note = hashes_noted(run.planned, entry.source, entry.detail)
    writer = Writer(run.undo_id, run.transfer, note)
    notes += _live_item_back(entry, At(sound.folder, sound.name), At(old_folder, entry.source.name), writer)
    return notes


def _live_item_back(entry: Entry, source: At, target: At, writer: Writer) -> list[str]:
    """Let what Ableton Live knows of a sound go back with it, be it from before the move or not, without our own tags."""
    notes = live_items.without_our_tags(source, entry.detail.live_tags, writer)
    if entry.detail.live_item is None:
        return notes + live_items.move_along(source, target, writer)
    return notes + live_items.move_back(source, target, entry.detail.live_item, writer)


def recover(entry: Entry, _: Path) -> Recovered:
    """Finish a move, or an undo of one, if its sound has the new name; else roll it back."""
    if trash.is_in_system_trash(entry.destination) or trash.is_in_system_trash(entry.source):
        return system_trash.recover(entry)
    destination = recovery_steps.planned_place(entry)
    with found(entry.source) as source, found(destination) as moved:
        if moved and moved.content_hash == entry.content_hash and _is_ours(entry, source, moved):
            return _finish(entry, source, moved)
        if source:
            return recovery_steps.roll_back(entry, destination)
        if moved and entry.stamp and moved.stamp.inode == entry.stamp.inode:
            return Recovered("done", destination, f"{destination} has been changed since it came there.")
    if not (entry.source.parent.exists() and destination.parent.exists()):
        raise ActionFailed(f"the folder {entry.source.parent} or {destination.parent} is not there.")
    return Recovered(
        "failed",
        entry.source,
        f"{entry.source.name} is neither in {entry.source.parent} nor at {destination}.",
    )


def _is_ours(entry: Entry, source: HeldFile | None, there: HeldFile) -> bool:
    """Return whether the file at the destination comes from this entry, and not from another one with the same bytes."""
    if source is None or entry.undoes is not None or entry.detail.copying:
        return True
    return one_file(source, there)


def _finish(entry: Entry, source: HeldFile | None, moved: HeldFile) -> Recovered:
    """Finish a move whose sound has its new name: remove the old name if it is there, and move the companions."""
    notes: list[str] = []
    if source and source.content_hash == entry.content_hash:
        notes += _remove_old_name(entry, source, moved)
    with disk.opened_if_there(entry.source.parent) as old:
        if old:
            pairs = (
                entry.detail.companions if entry.undoes is None else sidecars.turned(entry.detail.companions)
            )
            recovery_steps.remove_placeholders(entry, moved.folder, recovery_steps.still_to_go(pairs, old))
            notes += sidecars.move_along(pairs, old, moved.folder, entry.id, file_transfer.Transfer())
            notes += _move_live_item(entry, old, moved)
            if entry.detail.link and entry.undoes is None:
                notes += leave_link(old, entry.source.name, moved.path)
    library_folders.remove_empty(entry.detail.left if entry.undoes is None else entry.detail.made or ())
    return Recovered("done", moved.path, " ".join(notes), stamp_at(moved.folder, moved.name))


def _move_live_item(entry: Entry, old: Folder, moved: HeldFile) -> list[str]:
    """Finish what the entry has begun to do with the item that Ableton Live has for the sound."""
    writer = Writer(entry.id, file_transfer.Transfer(), nothing_noted)
    source, target = At(old, entry.source.name), At(moved.folder, moved.name)
    if entry.undoes is None:
        return live_items.move_along(source, target, writer)
    return _live_item_back(entry, source, target, writer)


def _remove_old_name(entry: Entry, source: HeldFile, moved: HeldFile) -> list[str]:
    """Remove the old name; return a note if another program uses the file, which then stays there, too."""
    if same_entry(source.folder, source.name, moved.folder, moved.name):
        return []
    disk.sync_folder(moved.folder)
    steps = file_transfer.Transfer().steps(entry.id)
    if one_file(source, moved):
        steps.remove_if(source.folder, source.name, is_file_at(moved))
        return []
    try:
        steps.remove(source)
    except SoundGone:
        return []
    except ActionFailed as exc:
        return [f"It is at its old place, too: {exc}"]
    return []


MOVE = Handler(
    "move",
    Words("would go to", "→", decided="moved to its usual place", counted="moved"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recover,
    is_in_place=placing.is_same_file,
)
