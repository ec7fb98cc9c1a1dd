"""The steps that the undos of several kinds have in common."""

from __future__ import annotations

import contextlib
import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.filing import (
    disk,
    empty_folders,
    file_transfer,
    library_folders,
    live_items,
    os_errors,
    sidecars,
)
from drumwatch.filing.folder_info import Writer, hashes_noted
from drumwatch.filing.held_file import HeldFile, content_hash, found, one_file, same_entry
from drumwatch.filing.live_items import At
from drumwatch.filing.results import ActionResult
from drumwatch.filing.set_aside import is_file_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from drumwatch.core.entry_detail import FolderRecord
    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.filing.actions.handler import UndoRun

    UndoStep = Callable[[Entry, Path, UndoRun], ActionResult]


def undo_at_destination(
    entry: Entry, run: UndoRun, step: UndoStep, *, needed: Sequence[Path] = ()
) -> ActionResult:
    """Carry out `step` on the entry's result, or raise CannotUndo with everything unchanged.

    `needed` are folders that the step needs; those that are missing are noted first, for the step to make again. A sound that was
    unpacked goes back by removing it, as it is still in its archive.
    """
    made_at = _destination(entry)
    if not os.path.lexists(made_at):
        raise CannotUndo(
            f"{made_at} is not there any more: it was moved or removed by hand, or by another program."
        )
    try:
        entry = announce(entry, run, empty_folders.missing(needed))
        return (remove_unpacked if entry.detail.archive else step)(entry, made_at, run)
    except ActionFailed as exc:
        raise CannotUndo(str(exc)) from exc
    except OSError as exc:
        raise CannotUndo(os_errors.sentence(exc, made_at, entry.source)) from exc


def _destination(entry: Entry) -> Path:
    if entry.destination is None:
        raise CannotUndo(
            f"Entry {entry.id} has no record of where {entry.source.name} went: it cannot be undone."
        )
    return entry.destination


def announce(entry: Entry, run: UndoRun, again: Sequence[Path]) -> Entry:
    """Have the journal record the folders to remove and to make again; return the entry with these."""
    made = entry.detail.made or () if run.made is None else tuple(run.made)
    detail = replace(entry.detail, made=made, left=(), made_again=tuple(again) or entry.detail.made_again)
    run.planned(entry.source, detail)
    return replace(entry, detail=detail)


def require_unchanged(there: HeldFile | None, path: Path, content_hash: str) -> HeldFile:
    """Return the file that was found, or raise CannotUndo if it is gone or has other content."""
    if there is None:
        raise CannotUndo(
            f"{path} is not there any more: it was moved or removed by hand, or by another program."
        )
    if there.content_hash != content_hash:
        raise CannotUndo(f"{path} has been changed since: it was left alone, so that the change is not lost.")
    return there


def remove_copy(entry: Entry, made_at: Path, run: UndoRun, *, is_link: bool = False) -> ActionResult:
    """Remove the copy or hard link, unless it is the last one."""
    last_one = (
        f"{entry.source} is gone or has changed, so {made_at} is the only copy left: it was left alone."
    )
    with found(made_at) as there, found(entry.source) as original:
        copy = require_unchanged(there, made_at, entry.content_hash)
        if original is None or original.content_hash != entry.content_hash:
            raise CannotUndo(last_one)
        if same_entry(copy.folder, copy.name, original.folder, original.name):
            raise CannotUndo(
                f"{made_at} and {entry.source} are one and the same file by now: it was left alone."
            )
        if is_link and not one_file(copy, original):
            raise CannotUndo(f"{made_at} is no longer a hard link to {entry.source}: it was left alone.")
        if is_link:
            _remove_link(copy, original, run, last_one)
        else:
            _remove(copy, run, functools.partial(_require_still_there, original, last_one))
        notes = sidecars.remove_copies(
            entry.detail.companions, original.folder, copy.folder, run.undo_id, run.transfer
        )
        notes += live_tags_back(entry, At(copy.folder, copy.name), run)
    library_folders.remove_empty(entry.detail.made or ())
    return ActionResult(entry.source, note=" ".join(notes), detail=entry.detail)


def remove_unpacked(entry: Entry, made_at: Path, run: UndoRun) -> ActionResult:
    """Remove an unpacked sound if its archive is still there and unchanged, because it can be unpacked again."""
    archive = entry.detail.archive
    if archive is None or _hash_of_archive(archive) != (entry.detail.archive_hash or None):
        raise CannotUndo(
            f"{archive} is not there, or has changed, so {made_at} may be the only copy left: it was left alone."
            " Put the archive back, and undo again."
        )
    with found(made_at) as there:
        sound = require_unchanged(there, made_at, entry.content_hash)
        _remove(sound, run)
        notes = sidecars.remove_unpacked(entry.detail, sound.folder, run.undo_id, run.transfer)
        notes += live_tags_back(entry, At(sound.folder, sound.name), run)
    library_folders.remove_empty(entry.detail.made or ())
    note = " ".join([f"it is still in {archive.name}", *notes])
    return ActionResult(entry.source, note=note, detail=entry.detail)


def live_tags_back(entry: Entry, sound: At, run: UndoRun) -> list[str]:
    """Take our tags out of Ableton Live's file about the folder; return a note if they stayed."""
    note = hashes_noted(run.planned, entry.source, entry.detail)
    writer = Writer(run.undo_id, run.transfer, note)
    return live_items.without_our_tags(sound, entry.detail.live_tags, writer)


def _remove(copy: HeldFile, run: UndoRun, last_look: Callable[[], None] | None = None) -> None:
    run.transfer.steps(run.undo_id).remove(copy, last_look)
    file_transfer.sync_if_possible(copy.folder)


def _remove_link(link: HeldFile, original: HeldFile, run: UndoRun, last_one: str) -> None:
    """Remove one of two names of a file: whoever writes into it keeps what was written, under the other name."""
    if not run.transfer.steps(run.undo_id).remove_if(link.folder, link.name, is_file_at(original)):
        raise CannotUndo(last_one)
    file_transfer.sync_if_possible(link.folder)


def _require_still_there(original: HeldFile, sentence: str) -> None:
    now = disk.status(original.folder, original.name)
    if now is None or disk.stamp(now) != original.stamp:
        raise CannotUndo(sentence)


def _hash_of_archive(archive: Path) -> str:
    try:
        with disk.opened(archive.parent) as folder:
            status = disk.status(folder, archive.name)
        return _hash_of_unchanged(archive, disk.stamp(status)) if status else ""
    except OSError:
        return ""


@functools.lru_cache(maxsize=8)
def _hash_of_unchanged(archive: Path, _: FileStamp) -> str:
    """Return the archive's hash, read once for a whole pack and again if it changes."""
    return content_hash(archive)


@contextlib.contextmanager
def folders_restored(entry: Entry, records: Mapping[Path, FolderRecord]) -> Iterator[None]:
    """Make the missing folders again, but never on another disk; remove them again if the block fails."""
    paths = entry.detail.made_again
    if paths:
        _require_same_disk(entry, paths, records)
    try:
        empty_folders.make_again(paths, records)
        yield
    except (OSError, ActionFailed, CannotUndo):
        library_folders.remove_empty(paths)
        raise


def _require_same_disk(entry: Entry, paths: Sequence[Path], records: Mapping[Path, FolderRecord]) -> None:
    removed = entry.detail.folders
    was = removed[0] if removed else entry.stamp
    device, volume = (was.device, was.volume) if was else (None, "")
    if not empty_folders.is_its_disk(paths[-1], device, records, volume=volume):
        raise CannotUndo(f"{paths[-1]} is not there: connect its disk, or make the folder, and undo again.")
