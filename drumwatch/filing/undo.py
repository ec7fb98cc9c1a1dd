"""Undo an action: exactly, or not at all with the reason."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, CannotUndo
from drumwatch.core.formatting import home_short
from drumwatch.core.records import ARCHIVE, ARCHIVE_HASH, FOLDERS, REMOVE_FOLDERS
from drumwatch.filing import disk, empty_folders, file_transfer, library_folders, os_errors, sidecars, tags
from drumwatch.filing.held_file import HeldFile, content_hash, found, one_file, same_entry, stamp_at
from drumwatch.filing.results import (
    COMPANIONS,
    LEFT,
    LINK,
    LINK_WAS,
    MADE,
    MADE_AGAIN,
    TAGGED_HASH,
    UNTOUCHED,
    ActionResult,
    Planned,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.core.records import Entry, FileStamp
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.empty_folders import FolderRecord
    from drumwatch.filing.file_transfer import Transfer


Records = Callable[[Path], "Mapping[Path, FolderRecord]"]


def reverse(
    entry: Entry,
    *,
    undo_id: int,
    planned: Planned,
    transfer: Transfer,
    made: Sequence[Path] | None = None,
    records: Records = lambda _: {},
) -> ActionResult:
    """Undo a done entry, or raise CannotUndo with everything unchanged.

    `undo_id` is the number of the undo's own entry: the same action and content hash, source and destination exchanged.
    `planned` is told what recovery needs to know if the power fails now. `made` are our folders around the filed sound, outermost
    first, which are removed if they are empty then; without it, those that this action made. `records` returns for a missing folder
    how it and its parents were when they were removed.
    """
    if entry.state != "done":
        raise CannotUndo(f"Entry {entry.id} is {entry.state}, not done: there is nothing to take back.")
    if UNTOUCHED in entry.detail or entry.action == "leave":
        return ActionResult(entry.source, note="nothing had been changed", detail={UNTOUCHED: "yes"})
    made_at = entry.source if entry.action == REMOVE_FOLDERS else _destination(entry)
    if entry.action != REMOVE_FOLDERS and not os.path.lexists(made_at):
        raise CannotUndo(_not_there(made_at))
    try:
        entry = replace(entry, detail=_with_folders(entry, made))
        planned(entry.source, dict(entry.detail))
        return _way_back(entry, made_at, undo_id, records, transfer)
    except ActionFailed as exc:
        raise CannotUndo(str(exc)) from exc
    except OSError as exc:
        if entry.action == REMOVE_FOLDERS:
            raise CannotUndo(os_errors.folder_sentence(exc, entry.source)) from exc
        raise CannotUndo(os_errors.sentence(exc, made_at, entry.source)) from exc


def _way_back(
    entry: Entry, made_at: Path, undo_id: int, records: Records, transfer: Transfer
) -> ActionResult:
    if entry.action == REMOVE_FOLDERS:
        return _make_folders_again(entry, records)
    if ARCHIVE in entry.detail:
        return _put_back_in_archive(entry, made_at)
    if entry.action == "move":
        return _move_back(entry, made_at, undo_id, records, transfer)
    if entry.action == "tag":
        return _untag(entry, made_at, undo_id, transfer)
    return _remove_symlink(entry, made_at) if entry.action == "symlink" else _remove_copy(entry, made_at)


def _with_folders(entry: Entry, made: Sequence[Path] | None) -> dict[str, str]:
    """Return the entry's detail with the folders to remove and to make again."""
    detail = {key: value for key, value in entry.detail.items() if key != LEFT}
    detail[MADE] = json.dumps([str(path) for path in (made_folders(entry) if made is None else made)])
    if entry.action == REMOVE_FOLDERS:
        again = empty_folders.missing(record.path for record in removed_folders(entry))
    else:
        again = empty_folders.missing([entry.source.parent]) if entry.action == "move" else []
    if again:
        detail[MADE_AGAIN] = json.dumps([str(path) for path in again])
    return detail


def _destination(entry: Entry) -> Path:
    if entry.destination is None:
        raise CannotUndo(
            f"Entry {entry.id} does not say where {entry.source.name} went: it cannot be taken back."
        )
    return entry.destination


def _move_back(
    entry: Entry, made_at: Path, undo_id: int, records: Records, transfer: Transfer
) -> ActionResult:
    with found(made_at) as there:
        sound = _unchanged(there, made_at, entry.content_hash)
        with _old_folder(entry, records) as old_folder:
            notes = _move_into(entry, old_folder, sound, undo_id, transfer)
            fingerprint = stamp_at(old_folder, entry.source.name)
    library_folders.remove_empty(made_folders(entry))
    return ActionResult(entry.source, note=" ".join(notes), detail=dict(entry.detail), stamp=fingerprint)


def _move_into(
    entry: Entry, old_folder: Folder, sound: HeldFile, undo_id: int, transfer: Transfer
) -> list[str]:
    """Move the sound and its companions back to their old names."""
    name, made_at = entry.source.name, sound.path
    with _without_our_link(entry, old_folder, made_at):
        try:
            transfer.move(sound, old_folder, name, undo_id)
        except FileExistsError as exc:
            raise CannotUndo(
                f"Something else is at {entry.source} now: move that away first. {made_at.name} stays in {made_at.parent}."
            ) from exc
    return sidecars.move_along(returning(entry), sound.folder, old_folder, undo_id, transfer)


def _make_folders_again(entry: Entry, records: Records) -> ActionResult:
    """Make all folders again or none; an existing one is not changed."""
    removed = removed_folders(entry)
    in_the_way = next((one.path for one in removed if one.path.exists() and not one.path.is_dir()), None)
    if in_the_way:
        raise CannotUndo(f"{in_the_way} is a file now: move that away first, and undo again.")
    with _made_again(entry, {**records(entry.source), **{one.path: one for one in removed}}):
        return ActionResult(entry.source, detail=dict(entry.detail))


def _remove_copy(entry: Entry, made_at: Path) -> ActionResult:
    """Remove the copy, unless it is the last one."""
    with found(made_at) as there, found(entry.source) as original:
        copy = _unchanged(there, made_at, entry.content_hash)
        if original is None or original.content_hash != entry.content_hash:
            raise CannotUndo(
                f"{entry.source} is gone or has changed, so {made_at} is the only copy left: it stays."
            )
        if same_entry(copy.folder, copy.name, original.folder, original.name):
            raise CannotUndo(f"{made_at} and {entry.source} are one and the same file by now: it stays.")
        if entry.action == "hardlink" and not one_file(copy, original):
            raise CannotUndo(f"{made_at} is no longer a hard link to {entry.source}: it stays.")
        copy.check()
        disk.unlink(copy.folder, copy.name)
        file_transfer.sync_if_possible(copy.folder)
        notes = sidecars.remove_copies(pairs_of(entry), original.folder, copy.folder)
    library_folders.remove_empty(made_folders(entry))
    return ActionResult(entry.source, note=" ".join(notes), detail=dict(entry.detail))


def _put_back_in_archive(entry: Entry, made_at: Path) -> ActionResult:
    """Remove an unpacked sound if its archive is still there and unchanged, because it can be unpacked again."""
    archive = Path(entry.detail[ARCHIVE])
    if _hash_of_archive(archive) != entry.detail.get(ARCHIVE_HASH):
        raise CannotUndo(
            f"{archive} is not there, or has changed, so {made_at} may be the only copy left: it stays."
            " Put the archive back, and undo again."
        )
    with found(made_at) as there:
        copy = _unchanged(there, made_at, entry.content_hash)
        copy.check()
        disk.unlink(copy.folder, copy.name)
        file_transfer.sync_if_possible(copy.folder)
    library_folders.remove_empty(made_folders(entry))
    return ActionResult(entry.source, note=f"it is still in {archive.name}", detail=dict(entry.detail))


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


def _remove_symlink(entry: Entry, made_at: Path) -> ActionResult:
    """The link goes; where the user had moved it, it is back at its old place first."""
    with disk.opened(made_at.parent) as folder:
        if disk.link_target(folder, made_at.name) != str(entry.source):
            raise CannotUndo(f"{made_at} is no longer a link to {entry.source}: it stays.")
        was = entry.detail.get(LINK_WAS)
        with _link_back(Path(was), entry.source, folder) if was else contextlib.nullcontext():
            disk.unlink(folder, made_at.name)
        file_transfer.sync_if_possible(folder)
    library_folders.remove_empty(made_folders(entry))
    note = f"its link is back at {home_short(Path(was))}" if was else ""
    return ActionResult(entry.source, note=note, detail=dict(entry.detail))


@contextlib.contextmanager
def _link_back(was: Path, target: Path, now_in: Folder) -> Iterator[None]:
    """A link to this sound is at its old place; gone again if what follows fails. `now_in`: where it is now, on the same disk."""
    missing = empty_folders.missing([was.parent])
    if missing and not empty_folders.is_its_disk(was.parent, disk.folder_status(now_in).st_dev, {}):
        raise CannotUndo(f"{was.parent} is not there: connect its disk, or make the folder, and undo again.")
    empty_folders.make_again(missing, {})
    with disk.opened(was.parent) as folder:
        is_there = disk.link_target(folder, was.name) == str(target)  # an undo that was cut off has made it
        try:
            if not is_there:
                disk.symlink(target, folder, was.name)
                file_transfer.sync_if_possible(folder)
            yield
        except FileExistsError:
            raise CannotUndo(f"Something else is at {was} now: move that away first.") from None
        except (OSError, ActionFailed, CannotUndo):
            if not is_there:
                disk.unlink(folder, was.name)
            library_folders.remove_empty(missing)
            raise


def _untag(entry: Entry, made_at: Path, undo_id: int, transfer: Transfer) -> ActionResult:
    with found(made_at) as there:
        if there is not None and there.content_hash == entry.content_hash:
            return ActionResult(made_at, note="it has its original bytes already", detail=dict(entry.detail))
        sound = _unchanged(there, made_at, entry.detail.get(TAGGED_HASH, ""))
        try:
            patch = tags.read_patch(entry.detail)
        except (OSError, ValueError, KeyError) as exc:
            raise CannotUndo(f"The way back for the tags of {made_at} is missing or damaged: {exc}.") from exc
        tags.restore(sound, patch, entry.content_hash, undo_id, transfer)
        fingerprint = stamp_at(sound.folder, sound.name)
    with contextlib.suppress(OSError):
        tags.drop_backup(entry.detail)
    return ActionResult(made_at, detail=dict(entry.detail), stamp=fingerprint)


def made_folders(entry: Entry) -> list[Path]:
    """Return the folders that the action made."""
    return [Path(path) for path in json.loads(entry.detail.get(MADE, "[]"))]


def folders_left(entry: Entry) -> list[Path]:
    """Return our folders that the action moved the sound out of."""
    return [Path(path) for path in json.loads(entry.detail.get(LEFT, "[]"))]


def folders_made_again(entry: Entry) -> list[Path]:
    """Return the folders that an undo has to make again."""
    return [Path(path) for path in json.loads(entry.detail.get(MADE_AGAIN, "[]"))]


def removed_folders(entry: Entry) -> list[FolderRecord]:
    """Return the folders that an entry of this kind has removed."""
    return empty_folders.from_text(entry.detail.get(FOLDERS, "[]"))


def pairs_of(entry: Entry) -> tuple[sidecars.Pair, ...]:
    """Return the companions that the action moved or copied."""
    return sidecars.from_text(entry.detail.get(COMPANIONS, "[]"))


def returning(entry: Entry) -> tuple[sidecars.Pair, ...]:
    """Return the companions in the opposite direction."""
    return sidecars.turned(pairs_of(entry))


def _not_there(path: Path) -> str:
    return f"{path} is not there any more: whoever moved or removed it knows where it is."


def _unchanged(there: HeldFile | None, path: Path, content_hash: str) -> HeldFile:
    if there is None:
        raise CannotUndo(_not_there(path))
    if there.content_hash != content_hash:
        raise CannotUndo(f"{path} has been changed since: it stays, so that the change is not lost.")
    return there


@contextlib.contextmanager
def _old_folder(entry: Entry, records: Records) -> Iterator[Folder]:
    """Open the folder that the sound came from; make it again if it was removed, but never on another disk."""
    folder = entry.source.parent
    known = records(folder) if folders_made_again(entry) else {}
    with _made_again(entry, known), disk.opened(folder) as opened:
        yield opened


@contextlib.contextmanager
def _made_again(entry: Entry, records: Mapping[Path, FolderRecord]) -> Iterator[None]:
    """Make the missing folders, and remove them again if the block fails."""
    paths = folders_made_again(entry)
    if paths:
        _require_its_disk(entry, paths, records)
    try:
        empty_folders.make_again(paths, records)
        yield
    except (OSError, ActionFailed, CannotUndo):
        library_folders.remove_empty(paths)
        raise


def _require_its_disk(entry: Entry, paths: Sequence[Path], records: Mapping[Path, FolderRecord]) -> None:
    removed = removed_folders(entry)
    of_file = entry.stamp.device if entry.stamp else None
    device = removed[0].device if removed else of_file
    if not empty_folders.is_its_disk(paths[-1], device, records):
        raise CannotUndo(f"{paths[-1]} is not there: connect its disk, or make the folder, and undo again.")


@contextlib.contextmanager
def _without_our_link(entry: Entry, folder: Folder, target: Path) -> Iterator[None]:
    """Remove the link that a move left, and restore it if the block fails."""
    name = entry.source.name
    ours = LINK in entry.detail and disk.link_target(folder, name) == str(target)
    if ours:
        disk.unlink(folder, name)
    try:
        yield
    except (OSError, ActionFailed, CannotUndo):
        if ours:
            with contextlib.suppress(OSError):
                disk.symlink(target, folder, name)
        raise
