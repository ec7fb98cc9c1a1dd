"""Carry out a decided action: journaled first, never over an existing file, with a complete copy of the sound at every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.filing.actions.handler import ActionRun
from drumwatch.filing.actions.registry import handler_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Action, FileStamp
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.results import ActionResult, Planned
    from drumwatch.filing.tags import Tagger


def carry_out(
    action: Action,
    source: Path,
    stamp: FileStamp,
    content_hash: str,
    *,
    entry_id: int,
    library: Path,
    planned: Planned,
    transfer: Transfer,
    tagger: Tagger | None = None,
    min_free: int = 0,
    leaves: Sequence[Path] = (),
) -> ActionResult:
    """Carry out the action, or raise ActionFailed with the sound unchanged where it was.

    `planned` is called before each attempt about which the journal needs more than the action itself, so that recovery can
    determine after a crash what belongs to it. `transfer` is that of the group which the action belongs to. Nothing is written
    to a disk that would have less than `min_free` bytes left; a rename writes nothing. `leaves` are drumwatch's own folders
    around the sound, outermost first; those that a move empties are removed.
    """
    run = ActionRun(
        action,
        source,
        stamp,
        content_hash,
        entry_id=entry_id,
        library=library,
        planned=planned,
        transfer=transfer,
        tagger=tagger,
        min_free=min_free,
        leaves=leaves,
    )
    return handler_of(action.kind).do(run)
