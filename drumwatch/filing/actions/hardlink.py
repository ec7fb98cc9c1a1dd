"""Give a sound a second name in the library, by a hard link."""

from __future__ import annotations

import errno
import functools
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.core.os_reasons import NAME_REFUSED, reason
from drumwatch.core.portable_names import portable
from drumwatch.filing import disk
from drumwatch.filing.actions import placing, recovery_steps, undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.held_file import HeldFile, found, one_file
from drumwatch.filing.results import ActionResult, Recovered
from drumwatch.filing.set_aside import is_file_at

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun
    from drumwatch.filing.disk import Folder


def do(run: ActionRun) -> ActionResult:
    """Link the sound under a free name."""
    with run.held() as sound:
        return placing.put_in_library(run, sound, _attempt)


def _attempt(run: ActionRun, sound: HeldFile, folder: Folder, name: str, detail: EntryDetail) -> ActionResult:
    placing.announce(run, folder / name, detail)
    sound.check()
    try:
        disk.link(sound.folder, sound.name, folder, name)
    except OSError as exc:
        is_name = exc.errno in NAME_REFUSED and portable(name) != name
        if is_name or exc.errno not in disk.UNSUPPORTED | {errno.EXDEV}:
            raise
        raise ActionFailed(
            f"No hard link from {sound.path} to {folder.path} is possible ({reason(exc)}): nothing was done."
            ' Use action = "copy" or "symlink" here.'
        ) from exc
    if not sound.is_at(folder, name):
        run.transfer.steps(run.entry_id).remove_if(folder, name, is_file_at(sound))
        raise ActionFailed(f"{sound.path} changed while it was being linked: the link was removed again.")
    run.transfer.sync(folder)
    return placing.result(folder, name, detail)


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Remove the link, if the original is still the same file."""
    step = functools.partial(undo_steps.remove_copy, is_link=True)
    return undo_steps.undo_at_destination(entry, run, step)


def recover(entry: Entry, _: Path) -> Recovered:
    """Accept the link if it is there, else roll back."""
    destination = recovery_steps.planned_place(entry)
    with found(entry.source) as source, found(destination) as link:
        if source and link and one_file(source, link):
            return Recovered("done", destination, stamp=link.stamp)
    return recovery_steps.roll_back(entry, destination)


HARDLINK = Handler(
    "hardlink",
    Words("would be linked to", "linked to", decided="linked at its usual place", counted="linked"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recovery_steps.finish_removal,
    is_in_place=placing.is_same_file,
)
