"""After a crash: compare what the journal planned with the disk, and finish it or roll it back; may be interrupted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk, file_transfer, trash
from drumwatch.filing.actions import recovery_steps
from drumwatch.filing.actions.registry import handler_of
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
            _remove_temps(path.parent, entry.id)
        if entry.undoes is not None and entry.action != "leave" and entry.detail.made is None:
            return recovery_steps.interrupted(entry)  # the undo had not begun
        if claimed:
            return recovery_steps.roll_back(entry, recovery_steps.planned_place(entry))
        handler = handler_of(entry.action)
        return (handler.recover if entry.undoes is None else handler.recover_undo)(entry, backups)
    except (OSError, ActionFailed) as exc:
        why = f"What became of {entry.source.name} cannot be determined now: {exc}"
        return Recovered("planned", entry.destination or entry.source, why)


def _remove_temps(path: Path, entry_id: int) -> None:
    with disk.opened_if_there(path) as folder:
        if folder:
            file_transfer.remove_temps(folder, entry_id)
