"""Make a symlink to a sound in the library."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.formatting import home_short
from drumwatch.filing import disk, empty_folders, file_transfer, library_folders
from drumwatch.filing.actions import placing, recovery_steps, undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.actions.old_place_link import leads_to
from drumwatch.filing.held_file import same_content
from drumwatch.filing.live_items import At
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.held_file import HeldFile
    from drumwatch.filing.set_aside import AsideSteps


def do(run: ActionRun) -> ActionResult:
    """Make a symlink to the sound under a free name."""
    with run.held() as sound:
        return placing.put_in_library(run, sound, _attempt, is_done=_is_done)


def _is_done(folder: Folder, name: str, sound: HeldFile) -> bool:
    """Return whether the name is a link to the sound already, or a file with the same bytes."""
    return disk.link_target(folder, name) == str(sound.path) or same_content(folder, name, sound)


def _attempt(run: ActionRun, sound: HeldFile, folder: Folder, name: str, detail: EntryDetail) -> ActionResult:
    placing.announce(run, folder / name, detail)
    sound.check()
    disk.symlink(sound.path, folder, name)
    run.transfer.sync(folder)
    return placing.result(folder, name, detail)


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Remove the link; if the user had moved it, put it back at its old place first."""
    return undo_steps.undo_at_destination(entry, run, _remove_link)


def _remove_link(entry: Entry, made_at: Path, run: UndoRun) -> ActionResult:
    with disk.opened(made_at.parent) as folder:
        no_longer = CannotUndo(f"{made_at} is no longer a link to {entry.source}: it was left alone.")
        if disk.link_target(folder, made_at.name) != str(entry.source):
            raise no_longer
        was, steps = entry.detail.link_was, run.transfer.steps(run.undo_id)
        with _link_back(was, entry.source, folder, steps) if was else contextlib.nullcontext():
            if not steps.remove_if(folder, made_at.name, leads_to(entry.source)):
                raise no_longer
        file_transfer.sync_if_possible(folder)
        notes = undo_steps.live_tags_back(entry, At(folder, made_at.name), run)
    library_folders.remove_empty(entry.detail.made or ())
    notes += [f"its link is back at {home_short(was)}"] if was else []
    return ActionResult(entry.source, note=" ".join(notes), detail=entry.detail)


@contextlib.contextmanager
def _link_back(was: Path, target: Path, now_in: Folder, steps: AsideSteps) -> Iterator[None]:
    """Make the link to the sound at its old place, and remove it again if the block fails.

    `now_in` is the folder that the link is in now, on the same disk.
    """
    missing = empty_folders.missing([was.parent])
    if missing and not empty_folders.is_its_disk(was.parent, disk.folder_status(now_in).st_dev, {}):
        raise CannotUndo(f"{was.parent} is not there: connect its disk, or make the folder, and undo again.")
    empty_folders.make_again(missing, {})
    with disk.opened(was.parent) as folder:
        is_there = disk.link_target(folder, was.name) == str(target)  # made by an undo that was interrupted
        try:
            if not is_there:
                disk.symlink(target, folder, was.name)
                file_transfer.sync_if_possible(folder)
            yield
        except FileExistsError:
            raise CannotUndo(f"Something else is at {was} now: move that away first.") from None
        except (OSError, ActionFailed, CannotUndo):
            if not is_there:
                steps.remove_if(folder, was.name, leads_to(target))
            library_folders.remove_empty(missing)
            raise


def recover(entry: Entry, _: Path) -> Recovered:
    """Accept the link if it is there, else roll back."""
    destination = recovery_steps.planned_place(entry)
    with disk.opened_if_there(destination.parent) as folder:
        if folder and disk.link_target(folder, destination.name) == str(entry.source):
            return Recovered("done", destination)
    return recovery_steps.roll_back(entry, destination)


def _is_in_place(entry: Entry, made: Path) -> bool:
    return os.readlink(made) == str(entry.source)


SYMLINK = Handler(
    "symlink",
    Words("would be linked to", "linked to", decided="linked at its usual place", counted="linked"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recovery_steps.finish_removal,
    is_in_place=_is_in_place,
)
