"""After a crash: compare what the journal planned with the disk, and finish it or roll it back; may be interrupted again."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.core.records import FOLDERS, REMOVE_FOLDERS
from drumwatch.filing import disk, empty_folders, file_transfer, library_folders, sidecars, tags
from drumwatch.filing.actions import leave_link
from drumwatch.filing.held_file import HeldFile, found, one_file, same_entry, stamp_at
from drumwatch.filing.results import COPYING, LINK, MADE, PATCH_FILE, TAGGED_HASH
from drumwatch.filing.undo import (
    folders_left,
    folders_made_again,
    made_folders,
    pairs_of,
    removed_folders,
    returning,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drumwatch.core.records import Entry, FileStamp, State
    from drumwatch.filing.disk import Folder


CLOCK_SLACK = 3.0  # seconds; FAT stores times with a resolution of two


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of an interrupted action; still `planned` if its disk is absent, so that it is tried again later."""

    state: State
    path: Path  # of the sound now
    note: str = ""
    stamp: FileStamp | None = None
    detail: dict[str, str] = field(default_factory=dict)  # what differs from the plan


def settle_half_done(entry: Entry, *, backups: Path, claimed: bool = False) -> Recovered:
    """Finish or roll back an entry that is still planned, and remove its temporary files.

    `claimed`: a later entry has put its own file at the destination, so that whatever is there is no result of this one.
    """
    try:
        for path in {entry.source, entry.destination or entry.source}:
            _remove_temps(path.parent, entry.id)
        if entry.undoes is not None and entry.action != "leave" and MADE not in entry.detail:
            return _interrupted(entry)  # the undo had not begun
        if claimed:
            return _roll_back(entry, _planned_place(entry))
        return (_UNDOING if entry.undoes is not None else _DOING)[entry.action](entry, backups)
    except (OSError, ActionFailed) as exc:
        why = f"It cannot be told now what became of {entry.source.name}: {exc}"
        return Recovered("planned", entry.destination or entry.source, why)


def _settle_move(entry: Entry, _: Path) -> Recovered:
    destination = _planned_place(entry)
    with found(entry.source) as source, found(destination) as moved:
        if moved and moved.content_hash == entry.content_hash and _is_ours(entry, source, moved):
            return _finish_move(entry, source, moved)
        if source:
            return _roll_back(entry, destination)
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
    if source is None or entry.undoes is not None or COPYING in entry.detail:
        return True
    return one_file(source, there)


def _finish_move(entry: Entry, source: HeldFile | None, moved: HeldFile) -> Recovered:
    """Finish a move whose sound has its new name: remove the old name if it is there, and move the companions."""
    if source and source.content_hash == entry.content_hash:
        _drop_old_name(source, moved)
    notes: list[str] = []
    with disk.opened_if_there(entry.source.parent) as old:
        if old:
            pairs = pairs_of(entry) if entry.undoes is None else returning(entry)
            _remove_placeholders(entry, moved.folder, _still_to_go(pairs, old))
            notes += sidecars.move_along(pairs, old, moved.folder, entry.id, file_transfer.Transfer())
            if LINK in entry.detail and entry.undoes is None:
                notes += leave_link(old, entry.source.name, moved.path)
    library_folders.remove_empty(folders_left(entry) if entry.undoes is None else made_folders(entry))
    return Recovered("done", moved.path, " ".join(notes), stamp_at(moved.folder, moved.name))


def _drop_old_name(source: HeldFile, moved: HeldFile) -> None:
    if same_entry(source.folder, source.name, moved.folder, moved.name):
        return
    disk.sync_folder(moved.folder)
    source.check()
    disk.unlink(source.folder, source.name)


def _settle_copy(entry: Entry, _: Path) -> Recovered:
    destination = _planned_place(entry)
    with found(destination) as copy, disk.opened_if_there(entry.source.parent) as old:
        if copy and copy.content_hash == entry.content_hash and COPYING in entry.detail:
            notes: list[str] = []
            if old:
                _remove_placeholders(entry, copy.folder, _still_to_go(pairs_of(entry), old))
                notes += sidecars.copy_along(
                    pairs_of(entry), old, copy.folder, entry.id, file_transfer.Transfer()
                )
            return Recovered("done", destination, " ".join(notes), copy.stamp)
    return _roll_back(entry, destination)


def _settle_hardlink(entry: Entry, _: Path) -> Recovered:
    destination = _planned_place(entry)
    with found(entry.source) as source, found(destination) as link:
        if source and link and one_file(source, link):
            return Recovered("done", destination, stamp=link.stamp)
    return _roll_back(entry, destination)


def _settle_symlink(entry: Entry, _: Path) -> Recovered:
    destination = _planned_place(entry)
    with disk.opened_if_there(destination.parent) as folder:
        if folder and disk.link_target(folder, destination.name) == str(entry.source):
            return Recovered("done", destination)
    return _roll_back(entry, destination)


def _settle_tag(entry: Entry, backups: Path) -> Recovered:
    with found(entry.source) as sound:
        if sound and sound.content_hash == entry.detail.get(TAGGED_HASH):
            return Recovered("done", entry.source, stamp=stamp_at(sound.folder, sound.name))
    if not entry.source.parent.exists():
        raise ActionFailed(f"the folder {entry.source.parent} is not there.")
    tags.drop_backup({PATCH_FILE: str(tags.backup_path(backups, entry.id))})
    return _interrupted(entry)


def _leave(entry: Entry, _: Path) -> Recovered:
    return Recovered("done", entry.source)


def _settle_removal(entry: Entry, _: Path) -> Recovered:
    """Finish or roll back an undo that removes what the action made."""
    made, original = entry.source, _planned_place(entry)
    with disk.opened_if_there(made.parent) as folder, disk.opened_if_there(original.parent) as old:
        if folder and disk.status(folder, made.name):
            return _interrupted(entry)
        if folder is None and made.parent not in made_folders(entry):
            raise ActionFailed(f"the folder {made.parent} is not there.")
        notes = sidecars.remove_copies(pairs_of(entry), old, folder) if old and folder else []
    library_folders.remove_empty(made_folders(entry))
    return Recovered("done", original, " ".join(notes))


def _settle_untag(entry: Entry, _: Path) -> Recovered:
    with found(entry.source) as sound:
        if sound and sound.content_hash == entry.content_hash:
            tags.drop_backup(entry.detail)
            return Recovered("done", entry.source, stamp=stamp_at(sound.folder, sound.name))
    return _interrupted(entry)


def _settle_removal_of_folders(entry: Entry, _: Path) -> Recovered:
    """Finish the removal, which loses nothing: a folder that has changed or is not empty stays."""
    removed = empty_folders.remove(removed_folders(entry))
    if removed:
        return Recovered("done", entry.source, detail={FOLDERS: empty_folders.to_text(removed)})
    why = f"Interrupted: the folders in {entry.source} stay."
    return Recovered("failed", entry.source, why)


def _settle_folders_made_again(entry: Entry, _: Path) -> Recovered:
    """Accept the folders if all are there, else remove those that were made."""
    if not empty_folders.missing(record.path for record in removed_folders(entry)):
        return Recovered("done", entry.source)
    library_folders.remove_empty(folders_made_again(entry))
    return Recovered(
        "failed", entry.source, "Interrupted: nothing was made again, and it can be undone again."
    )


_DOING = {
    "move": _settle_move,
    "copy": _settle_copy,
    "hardlink": _settle_hardlink,
    "symlink": _settle_symlink,
    "tag": _settle_tag,
    "leave": _leave,
    REMOVE_FOLDERS: _settle_removal_of_folders,
}
_UNDOING = {
    "move": _settle_move,
    "copy": _settle_removal,
    "hardlink": _settle_removal,
    "symlink": _settle_removal,
    "tag": _settle_untag,
    "leave": _leave,
    REMOVE_FOLDERS: _settle_folders_made_again,
}


def _planned_place(entry: Entry) -> Path:
    return entry.destination or entry.source


def _roll_back(entry: Entry, destination: Path) -> Recovered:
    """Remove all traces of an attempt that brought nothing to the destination."""
    with disk.opened_if_there(destination.parent) as folder:
        if folder:
            if entry.content_hash != disk.new_digest().hexdigest():  # the sound itself is not an empty file
                _remove_placeholders(entry, folder, [destination.name])
            if entry.undoes is not None and LINK in entry.detail:
                leave_link(folder, destination.name, entry.source)
    library_folders.remove_empty(made_folders(entry) if entry.undoes is None else folders_made_again(entry))
    return _interrupted(entry)


def _interrupted(entry: Entry) -> Recovered:
    if not os.path.lexists(entry.source):
        return Recovered("failed", entry.source, f"Interrupted, and {entry.source} is not there any more.")
    again = "will be tried again" if entry.undoes is None else "can be undone again"
    return Recovered("failed", entry.source, f"Interrupted: {entry.source} is as it was, and {again}.")


def _still_to_go(pairs: Iterable[sidecars.Pair], source: Folder) -> list[str]:
    """Return the new names of companions that have content and are still at their old names."""
    there = ((pair.new_name, disk.status(source, pair.name)) for pair in pairs)
    return [new_name for new_name, now in there if now is not None and now.st_size]


def _remove_placeholders(entry: Entry, folder: Folder, names: Iterable[str]) -> None:
    """Remove the empty files that reserve names on some file systems; they are ours if younger than the plan."""
    for name in names:
        now = disk.status(folder, name)
        empty = now is not None and stat.S_ISREG(now.st_mode) and now.st_size == 0
        if empty and now and now.st_mtime >= entry.time - CLOCK_SLACK:
            disk.unlink(folder, name)


def _remove_temps(path: Path, entry_id: int) -> None:
    with disk.opened_if_there(path) as folder:
        if folder:
            file_transfer.remove_temps(folder, entry_id)
