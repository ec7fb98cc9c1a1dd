"""The steps that the recoveries of several kinds have in common."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk, file_transfer, library_folders, live_items, sidecars
from drumwatch.filing.actions.old_place_link import leave_link
from drumwatch.filing.folder_info import Writer, nothing_noted
from drumwatch.filing.live_items import At
from drumwatch.filing.results import Recovered
from drumwatch.filing.set_aside import is_empty_file, is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.core.entry_detail import Pair
    from drumwatch.core.records import Entry
    from drumwatch.filing.disk import Folder


def planned_place(entry: Entry) -> Path:
    """Return the place that the interrupted action or undo was about to fill."""
    return entry.destination or entry.source


def roll_back(entry: Entry, destination: Path) -> Recovered:
    """Remove all traces of an attempt that brought nothing to the destination."""
    with disk.opened_if_there(destination.parent) as folder:
        if folder:
            if entry.content_hash != disk.new_digest().hexdigest():  # the sound itself is not an empty file
                remove_placeholders(entry, folder, [destination.name])
            if entry.undoes is not None and entry.detail.link:
                leave_link(folder, destination.name, entry.source)
    library_folders.remove_empty(entry.detail.made or () if entry.undoes is None else entry.detail.made_again)
    return interrupted(entry)


def interrupted(entry: Entry) -> Recovered:
    """Return that the action failed and left the sound as it was."""
    if not os.path.lexists(entry.source):
        return Recovered("failed", entry.source, f"Interrupted, and {entry.source} is not there any more.")
    again = "will be tried again" if entry.undoes is None else "can be undone again"
    return Recovered("failed", entry.source, f"Interrupted: {entry.source} is as it was, and {again}.")


def finish_removal(entry: Entry, _: Path) -> Recovered:
    """Finish or roll back an undo that removes what the action made."""
    made, original = entry.source, planned_place(entry)
    with disk.opened_if_there(made.parent) as folder, disk.opened_if_there(original.parent) as old:
        if folder and disk.status(folder, made.name):
            return interrupted(entry)
        if folder is None and made.parent not in (entry.detail.made or ()):
            raise ActionFailed(f"the folder {made.parent} is not there.")
        notes = _remove_companions(entry, old, folder) if folder else []
        if folder:
            writer = Writer(entry.id, file_transfer.Transfer(), nothing_noted)
            notes += live_items.without_our_tags(At(folder, made.name), entry.detail.live_tags, writer)
    library_folders.remove_empty(entry.detail.made or ())
    return Recovered("done", original, " ".join(notes))


def _remove_companions(entry: Entry, source: Folder | None, target: Folder) -> list[str]:
    transfer = file_transfer.Transfer()
    if entry.detail.archive:
        return sidecars.remove_unpacked(entry.detail, target, entry.id, transfer)
    if source is None:
        return []
    return sidecars.remove_copies(entry.detail.companions, source, target, entry.id, transfer)


def still_to_go(pairs: Iterable[Pair], source: Folder) -> list[str]:
    """Return the new names of companions that have content and are still at their old names."""
    there = ((pair.new_name, disk.status(source, pair.name)) for pair in pairs)
    return [new_name for new_name, now in there if now is not None and now.st_size]


def remove_placeholders(entry: Entry, folder: Folder, names: Iterable[str]) -> None:
    """Remove the empty files that reserve names on some file systems; they are ours if younger than the plan."""
    steps = file_transfer.Transfer().steps(entry.id)
    for name in names:
        if is_placeholder(entry, folder, name):
            steps.remove_if(folder, name, is_empty_file)
