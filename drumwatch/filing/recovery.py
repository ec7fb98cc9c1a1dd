"""After a crash: compare what the journal planned with the disk, and finish it or roll it back; may be interrupted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.core.os_reasons import reason
from drumwatch.filing import disk, file_tags, file_transfer, folder_info, set_aside, trash
from drumwatch.filing.actions import recovery_steps
from drumwatch.filing.actions.registry import handler_of
from drumwatch.filing.aside_names import parse
from drumwatch.filing.results import Recovered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Entry


def settle_half_done(entry: Entry, *, backups: Path, claimed: bool = False) -> Recovered:
    """Finish or roll back an entry that is still planned, and remove its temporary files.

    `claimed`: a later entry has put its own file at the destination, so that whatever is there is no result of this one.
    """
    try:
        for path in {entry.source, entry.destination or entry.source}:
            if trash.is_in_system_trash(path):  # nothing of ours is ever made there
                continue
            _settle_folder(entry, path.parent)
            folder_info.settle(entry, path.parent)
        if entry.undoes is not None and entry.action != "leave" and entry.detail.made is None:
            return recovery_steps.interrupted(entry)  # the undo had not begun
        if claimed:
            return recovery_steps.roll_back(entry, recovery_steps.planned_place(entry))
        handler = handler_of(entry.action)
        recover = handler.recover if entry.undoes is None else handler.recover_undo
        settled = recover(entry, backups)
        if entry.undoes is not None and settled.state == "done":
            file_tags.take_back(entry, settled.path)
    except (OSError, ActionFailed) as exc:
        cause = f"{reason(exc)}." if isinstance(exc, OSError) else str(exc)
        why = f"What became of {entry.source.name} cannot be determined now: {cause}"
        return Recovered("planned", entry.destination or entry.source, why)
    return settled


def settle_leftover(path: Path, entry: Entry | None) -> bool:
    """Return whether a leftover is gone now; False while its disk is absent or read-only.

    A temporary copy is removed. A file that `entry` had set aside is put back, or removed if it is a copy.
    """
    if not parse(path.name):
        return file_transfer.remove_leftover(path)
    try:
        if entry and path.parent.name == folder_info.FOLDER:
            folder_info.settle(entry, path.parent.parent)
            return not path.exists()
        with disk.opened(path.parent) as folder:
            if entry and disk.status(folder, path.name):
                set_aside.settle(entry, folder)
            return disk.status(folder, path.name) is None
    except (OSError, ActionFailed):
        return False


def _settle_folder(entry: Entry, path: Path) -> None:
    """Settle what the entry has set aside in the folder, which may be the sound itself, then remove its temporary copies."""
    with disk.opened_if_there(path) as folder:
        if folder:
            set_aside.settle(entry, folder)
            file_transfer.remove_temps(folder, entry.id)
