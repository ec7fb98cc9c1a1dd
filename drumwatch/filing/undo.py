"""Undo an action: exactly, or not at all with the reason."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import file_tags
from drumwatch.filing.actions.handler import FolderRecords, UndoRun
from drumwatch.filing.actions.leave import LEAVE
from drumwatch.filing.actions.registry import handler_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.results import ActionResult, Planned


def reverse(
    entry: Entry,
    *,
    undo_id: int,
    planned: Planned,
    transfer: Transfer,
    made: Sequence[Path] | None = None,
    records: FolderRecords = lambda _: {},
) -> ActionResult:
    """Undo a done entry, or raise CannotUndo with everything unchanged.

    `undo_id` is the number of the undo's own entry: the same action and content hash, source and destination exchanged.
    `planned` is called with what recovery needs to know if the power fails now. `made` are our folders around the filed sound,
    outermost first, which are removed if they are empty then; without it, those that this action made. `records` returns for a
    missing folder how it and its parents were when they were removed.
    """
    if entry.state != "done":
        raise CannotUndo(f"Entry {entry.id} is {entry.state}, not done: there is nothing to take back.")
    run = UndoRun(undo_id, planned, transfer, records, made)
    if entry.detail.untouched:
        return LEAVE.undo(entry, run)
    try:
        handler = handler_of(entry.action)
    except ActionFailed as exc:
        raise CannotUndo(str(exc)) from exc
    result = handler.undo(entry, run)
    note = file_tags.take_back(entry, result.path)
    return dataclasses.replace(result, note=f"{result.note} {note}".strip()) if note else result
