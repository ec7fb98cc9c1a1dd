"""Write tags into a sound where it is."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import free_space, os_errors, tags
from drumwatch.filing.actions import recovery_steps, undo_steps
from drumwatch.filing.actions.handler import Handler, Words
from drumwatch.filing.held_file import found, stamp_at
from drumwatch.filing.results import ActionResult, Recovered

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun, UndoRun


def do(run: ActionRun) -> ActionResult:
    """Replace the sound by its tagged copy, after recording how to restore its exact bytes."""
    with run.held() as sound:
        if run.tagger is None:
            raise ValueError("a tag action needs a tagger")
        free_space.require(sound, sound.folder, run.min_free, os_errors.mount_point(run.source.parent))
        return tags.tag(
            sound,
            run.tagger,
            overwrite=run.action.overwrite_tags,
            entry_id=run.entry_id,
            planned=run.planned,
            transfer=run.transfer,
        )


def undo(entry: Entry, run: UndoRun) -> ActionResult:
    """Restore the exact bytes that the sound had before."""
    return undo_steps.undo_at_destination(entry, run, _restore)


def _restore(entry: Entry, made_at: Path, run: UndoRun) -> ActionResult:
    with found(made_at) as there:
        if there is not None and there.content_hash == entry.content_hash:
            return ActionResult(made_at, note="it has its original bytes already", detail=entry.detail)
        sound = undo_steps.require_unchanged(there, made_at, entry.detail.tagged_hash)
        try:
            patch = tags.read_patch(entry.detail)
        except (OSError, ValueError) as exc:
            raise CannotUndo(
                f"The original bytes of {made_at} cannot be restored, because the record of them is missing or damaged:"
                " it was left alone."
            ) from exc
        stamp = tags.restore(sound, patch, entry.content_hash, run.undo_id, run.transfer)
    with contextlib.suppress(OSError):
        tags.drop_backup(entry.detail.patch_file)
    return ActionResult(made_at, detail=entry.detail, stamp=stamp)


def recover(entry: Entry, backups: Path) -> Recovered:
    """Accept the tagged sound if it is in place, else drop what was kept for its undo."""
    with found(entry.source) as sound:
        if sound and sound.content_hash == entry.detail.tagged_hash:
            return Recovered("done", entry.source, stamp=stamp_at(sound.folder, sound.name))
    if not entry.source.parent.exists():
        raise ActionFailed(f"the folder {entry.source.parent} is not there.")
    tags.drop_backup(tags.backup_path(backups, entry.id))
    return recovery_steps.interrupted(entry)


def recover_undo(entry: Entry, _: Path) -> Recovered:
    """Accept the sound if it has its original bytes again; else it is as it was."""
    with found(entry.source) as sound:
        if sound and sound.content_hash == entry.content_hash:
            tags.drop_backup(entry.detail.patch_file)
            return Recovered("done", entry.source, stamp=stamp_at(sound.folder, sound.name))
    return recovery_steps.interrupted(entry)


TAG = Handler(
    "tag",
    Words("would be tagged in", "tagged in", decided="tagged where it is", counted="tagged"),
    do=do,
    undo=undo,
    recover=recover,
    recover_undo=recover_undo,
)
