"""Remove folders that our own moves have emptied; they are recorded, so that an undo makes them again as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.formatting import home_short, printable
from drumwatch.core.records import REMOVE_FOLDERS
from drumwatch.filing import disk, empty_folders, library_folders, os_errors
from drumwatch.filing.actions import undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun


def do(run: ActionRun) -> NoReturn:
    """Raise ValueError: this is no action on one sound; `empty_folders.remove` carries it out for a whole batch."""
    raise ValueError(f"{run.action.kind} is carried out for a whole batch, and not for a sound")


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Make all folders again or none; an existing one is not changed."""
    try:
        missing = empty_folders.missing(record.path for record in entry.detail.folders)
        return _make_again(undo_steps.announce(entry, run, missing), run)
    except ActionFailed as exc:
        raise CannotUndo(str(exc)) from exc
    except OSError as exc:
        raise CannotUndo(os_errors.folder_sentence(exc, entry.source)) from exc


def _make_again(entry: Entry, run: UndoRun) -> ActionResult:
    removed = entry.detail.folders
    in_the_way = next((one.path for one in removed if one.path.exists() and not one.path.is_dir()), None)
    if in_the_way:
        raise CannotUndo(f"{in_the_way} is a file now: move that away first, and undo again.")
    records = {**run.records(entry.source), **{one.path: one for one in removed}}
    with undo_steps.folders_restored(entry, records):
        return ActionResult(entry.source, detail=entry.detail)


def recover(entry: Entry, _: Path) -> Recovered:
    """Finish the removal, which loses nothing: a folder that has changed or is not empty stays.

    Raises OSError where it cannot be seen now what is there.
    """
    for record in entry.detail.folders:
        with disk.opened_if_there(record.path.parent):
            pass
    removed = empty_folders.remove(entry.detail.folders)
    if removed:
        return Recovered("done", entry.source, detail=EntryDetail(folders=tuple(removed)))
    why = f"Interrupted: the folders in {entry.source} were not removed."
    return Recovered("failed", entry.source, why)


def recover_undo(entry: Entry, _: Path) -> Recovered:
    """Accept the folders if all are there, else remove those that were made."""
    if not empty_folders.missing(record.path for record in entry.detail.folders):
        return Recovered("done", entry.source)
    library_folders.remove_empty(entry.detail.made_again)
    return Recovered(
        "failed", entry.source, "Interrupted: nothing was made again, and it can be undone again."
    )


def describe(entry: Entry) -> str:
    """Return a sentence like: 12 emptied folders of Dusty Vol 3 removed."""
    count = len(entry.detail.folders)
    is_undo = entry.undoes is not None
    done = "there again" if is_undo else "removed"
    fate = {"done": done, "undone": done, "failed": "not there again" if is_undo else "not removed"}
    what = f"{'' if is_undo else 'emptied '}folder"
    if count == 1 and not entry.pack:
        named = f"{what} {home_short(entry.source)}"
    else:
        whose = f"of {printable(entry.pack)}" if entry.pack else f"in {home_short(entry.source)}"
        named = f"{count} {what}{'s' * (count != 1)} {whose}"
    return f"{named} {fate.get(entry.state, 'to be removed')}"


REMOVE = Handler(
    REMOVE_FOLDERS,
    Words("to be removed", "removed"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recover_undo,
    describe=describe,
)
