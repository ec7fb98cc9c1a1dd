"""Leave a sound where it is: nothing is done, and nothing has to be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import EntryDetail
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun


def do(run: ActionRun) -> ActionResult:
    """Return that nothing was changed."""
    return ActionResult(run.source, note="left alone", detail=EntryDetail(untouched=True))


def undo(entry: Entry, _: UndoRun) -> ActionResult:
    """Return that nothing had been changed."""
    return ActionResult(entry.source, note="nothing had been changed", detail=EntryDetail(untouched=True))


def recover(entry: Entry, _: Path) -> Recovered:
    """Return that there was nothing to interrupt."""
    return Recovered("done", entry.source)


LEAVE = Handler(
    "leave",
    Words("would be left alone in", "left alone in", decided="as the configuration says"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recover,
)
