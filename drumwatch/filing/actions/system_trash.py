"""Move a file into the trash of macOS, into which no program may look, and take it back from there."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import disk, library_folders, trash
from drumwatch.filing.actions import recovery_steps
from drumwatch.filing.held_file import found
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun


def do(run: ActionRun) -> ActionResult:
    """Have the system put the file into its trash; raises ActionFailed if the file is still where it was."""
    with run.held() as sound:
        sound.check()
        place = trash.ask_system_to_trash(sound.path)
        if disk.status(sound.folder, sound.name) is not None:
            raise ActionFailed(
                f"macOS did not put {sound.name} into the Trash: it is still in {sound.folder.path}."
                ' Put it there yourself, or set after_unpacking to "aside".'
            )
    library_folders.remove_empty(run.leaves)
    return ActionResult(place or run.destination)


def undo_by_hand(entry: Entry) -> ActionResult | None:
    """Return None if the trash may be looked into, and the result if somebody has put the file back.

    Raises CannotUndo, with the steps to take, if it is in the trash and only a person can take it out.
    """
    place = entry.destination
    if place is None or _is_open(entry):
        return None
    with contextlib.suppress(OSError), found(entry.source) as back:
        if back and back.content_hash == entry.content_hash:
            return ActionResult(entry.source, note="it had been put back already", stamp=back.stamp)
    raise CannotUndo(
        f"{place.name} is in the Trash, into which macOS lets no program look: open the Trash, choose Put Back for it, and undo again."
    )


def _is_open(entry: Entry) -> bool:
    if entry.destination is None:
        return True
    try:
        with disk.opened(entry.destination.parent):
            return True
    except PermissionError:
        return False
    except OSError:  # its disk is away, which is said elsewhere
        return True


def recover(entry: Entry) -> Recovered:
    """Tell by the place outside of the trash what became of a move into it, or out of it."""
    place = recovery_steps.planned_place(entry)
    if entry.undoes is not None:
        if os.path.lexists(place):
            return Recovered("done", place)
        return Recovered("failed", entry.source, "Interrupted: it is in the Trash, and can be undone again.")
    if not os.path.lexists(entry.source) and entry.source.parent.is_dir():
        return Recovered("done", place, "It is in the Trash.")
    return recovery_steps.interrupted(entry)
