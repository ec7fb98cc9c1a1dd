"""An action is taken back: exactly, or not at all, with the reason."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from drumwatch.errors import ActionFailed, CannotUndo
from drumwatch.filing import companions, copies, disk, folders, tags, trouble
from drumwatch.filing.outcomes import COMPANIONS, LINK, MADE, TAGGED_HASH, UNTOUCHED, Outcome, Planned
from drumwatch.filing.sounds import Sound, content_hash, found, mark_at, one_file, same_entry
from drumwatch.records import ARCHIVE, ARCHIVE_HASH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.filing.disk import Folder
    from drumwatch.records import Entry, Fingerprint


def reverse(entry: Entry, *, undo_id: int, planned: Planned) -> Outcome:
    """Take back a done entry, or raise CannotUndo with everything as it is.

    `undo_id` is the number of the undo's own entry: the same action and content hash, source and destination exchanged.
    `planned` is told what recovery needs to know if the power goes now.
    """
    if entry.state != "done":
        raise CannotUndo(f"Entry {entry.id} is {entry.state}, not done: there is nothing to take back.")
    if UNTOUCHED in entry.detail or entry.action == "leave":
        return Outcome(entry.source, note="nothing had been changed", detail={UNTOUCHED: "yes"})
    planned(entry.source, dict(entry.detail))
    made_at = _destination(entry)
    try:
        way = _put_back_in_archive if ARCHIVE in entry.detail else _WAYS[entry.action]
        return way(entry, made_at, undo_id)
    except ActionFailed as exc:
        raise CannotUndo(str(exc)) from exc
    except OSError as exc:
        raise CannotUndo(trouble.sentence(exc, made_at, entry.source)) from exc


def _destination(entry: Entry) -> Path:
    if entry.destination is None:
        raise CannotUndo(
            f"Entry {entry.id} does not say where {entry.source.name} went: it cannot be taken back."
        )
    return entry.destination


def _move_back(entry: Entry, made_at: Path, undo_id: int) -> Outcome:
    with found(made_at) as there, _old_folder(entry) as old_folder:
        sound = _unchanged(there, made_at, entry.content_hash)
        name = entry.source.name
        with _without_our_link(entry, old_folder, made_at):
            try:
                copies.move(sound, old_folder, name, undo_id)
            except FileExistsError as exc:
                raise CannotUndo(
                    f"Something else is at {entry.source} now: move that away first. {made_at.name} stays in {made_at.parent}."
                ) from exc
        notes = companions.move_along(returning(entry), sound.folder, old_folder, undo_id)
        fingerprint = mark_at(old_folder, name)
    folders.remove_empty(made_folders(entry))
    return Outcome(entry.source, note=" ".join(notes), detail=dict(entry.detail), fingerprint=fingerprint)


def _remove_copy(entry: Entry, made_at: Path, _: int) -> Outcome:
    """The last whole copy is never removed, whoever made it."""
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
        copies.sync_if_possible(copy.folder)
        notes = companions.remove_copies(pairs_of(entry), original.folder, copy.folder)
    folders.remove_empty(made_folders(entry))
    return Outcome(entry.source, note=" ".join(notes), detail=dict(entry.detail))


def _put_back_in_archive(entry: Entry, made_at: Path, _: int) -> Outcome:
    """A sound out of an archive may go where the archive still is, whole: there it can be had again."""
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
        copies.sync_if_possible(copy.folder)
    folders.remove_empty(made_folders(entry))
    return Outcome(entry.source, note=f"it is still in {archive.name}", detail=dict(entry.detail))


def _hash_of_archive(archive: Path) -> str:
    try:
        with disk.opened(archive.parent) as folder:
            status = disk.status(folder, archive.name)
        return _hash_of_unchanged(archive, disk.mark(status)) if status else ""
    except OSError:
        return ""


@functools.lru_cache(maxsize=8)
def _hash_of_unchanged(archive: Path, _: Fingerprint) -> str:
    """Read once for a whole pack, and again when it changes."""
    return content_hash(archive)


def _remove_symlink(entry: Entry, made_at: Path, _: int) -> Outcome:
    with disk.opened(made_at.parent) as folder:
        if disk.link_target(folder, made_at.name) != str(entry.source):
            raise CannotUndo(f"{made_at} is no longer a link to {entry.source}: it stays.")
        disk.unlink(folder, made_at.name)
        copies.sync_if_possible(folder)
    folders.remove_empty(made_folders(entry))
    return Outcome(entry.source, detail=dict(entry.detail))


def _untag(entry: Entry, made_at: Path, undo_id: int) -> Outcome:
    with found(made_at) as there:
        if there is not None and there.content_hash == entry.content_hash:
            return Outcome(made_at, note="it has its original bytes already", detail=dict(entry.detail))
        sound = _unchanged(there, made_at, entry.detail.get(TAGGED_HASH, ""))
        try:
            patch = tags.read_patch(entry.detail)
        except (OSError, ValueError, KeyError) as exc:
            raise CannotUndo(f"The way back for the tags of {made_at} is missing or damaged: {exc}.") from exc
        tags.restore(sound, patch, entry.content_hash, undo_id)
        fingerprint = mark_at(sound.folder, sound.name)
    with contextlib.suppress(OSError):
        tags.drop_backup(entry.detail)
    return Outcome(made_at, detail=dict(entry.detail), fingerprint=fingerprint)


_WAYS = {
    "move": _move_back,
    "copy": _remove_copy,
    "hardlink": _remove_copy,
    "symlink": _remove_symlink,
    "tag": _untag,
}


def made_folders(entry: Entry) -> list[Path]:
    """Folders that the action had to make."""
    return [Path(path) for path in json.loads(entry.detail.get(MADE, "[]"))]


def pairs_of(entry: Entry) -> tuple[companions.Pair, ...]:
    """Companions that the action took along."""
    return companions.from_text(entry.detail.get(COMPANIONS, "[]"))


def returning(entry: Entry) -> tuple[companions.Pair, ...]:
    """The same on their way back."""
    return companions.turned(pairs_of(entry))


def _unchanged(there: Sound | None, path: Path, content_hash: str) -> Sound:
    if there is None:
        raise CannotUndo(f"{path} is not there any more: whoever moved or removed it knows where it is.")
    if there.content_hash != content_hash:
        raise CannotUndo(f"{path} has been changed since: it stays, so that the change is not lost.")
    return there


@contextlib.contextmanager
def _old_folder(entry: Entry) -> Iterator[Folder]:
    """Where the sound came from; made again if it has been removed, but not on another disk than it was on."""
    folder = entry.source.parent
    if not folder.exists():
        ancestor = next(path for path in folder.parents if path.exists())
        if entry.fingerprint is None or os.stat(ancestor).st_dev != entry.fingerprint.device:
            raise CannotUndo(f"{folder} is not there: connect its disk, or make the folder, and undo again.")
        disk.make_folders(folder)
    with disk.opened(folder) as opened:
        yield opened


@contextlib.contextmanager
def _without_our_link(entry: Entry, folder: Folder, target: Path) -> Iterator[None]:
    """The link that a move left goes, and comes back if the way back fails."""
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
