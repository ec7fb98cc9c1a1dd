"""Carry out a decided action: journaled first, never over an existing file, with a complete copy of the sound at every moment."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed
from drumwatch.filing import disk, free_space, library_folders, os_errors, sidecars, tags
from drumwatch.filing.held_file import hold, same_content, same_entry, stamp_at
from drumwatch.filing.naming import why_too_deep
from drumwatch.filing.results import (
    COMPANIONS,
    COPYING,
    LEFT,
    LINK,
    MADE,
    TWIN,
    UNTOUCHED,
    ActionResult,
    Planned,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.core.records import Action, FileStamp
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.held_file import HeldFile
    from drumwatch.filing.tags import Tagger

MAX_NAME_BYTES = 255
MAX_ENDING_BYTES = 20  # a longer one is part of the name


def carry_out(
    action: Action,
    source: Path,
    fingerprint: FileStamp,
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

    `planned` is called before each attempt about which the journal needs more than the action itself, so that recovery can tell
    after a crash what belongs to it. `transfer` is that of the group which the action belongs to. Nothing is written to a disk that
    would have less than `min_free` bytes left; a rename writes nothing. `leaves` are drumwatch's own folders around the sound,
    outermost first; those that a move empties are removed.
    """
    if action.kind == "leave":
        return ActionResult(source, note="left where it is", detail={UNTOUCHED: "yes"})
    with _explained(source, action.destination, library), hold(source, fingerprint, content_hash) as sound:
        if action.kind == "tag":
            if tagger is None:
                raise ValueError("a tag action needs a tagger")
            free_space.require(sound, sound.folder, min_free, os_errors.mount_point(source.parent))
            return tags.tag(
                sound,
                tagger,
                overwrite=action.overwrite_tags,
                entry_id=entry_id,
                planned=planned,
                transfer=transfer,
            )
        detail = (
            {LEFT: json.dumps([str(path) for path in leaves])} if leaves and action.kind == "move" else {}
        )
        outcome = _place(_ActionRun(action, sound, entry_id, library, planned, transfer, min_free, detail))
    if UNTOUCHED not in outcome.detail and detail:
        library_folders.remove_empty(leaves)
    return outcome


@dataclass(slots=True)
class _ActionRun:
    """One sound and the action to carry out on it."""

    action: Action
    sound: HeldFile
    entry_id: int
    library: Path
    planned: Planned
    transfer: Transfer
    min_free: int
    detail: dict[str, str] = field(default_factory=dict)

    @property
    def wish(self) -> Path:
        if self.action.destination is None:
            raise ValueError(f"{self.action.kind} needs a destination")
        return self.action.destination


def numbered(name: str, number: int) -> str:
    """Return the name with a number: `kick.wav`, `kick 2.wav`, `kick 3.wav`; the stem is shortened to fit 255 bytes."""
    if number == 1:
        return name
    stem, ending = os.path.splitext(name)
    if len(os.fsencode(ending)) > MAX_ENDING_BYTES:
        stem, ending = name, ""
    tail = f" {number}{ending}"
    while len(os.fsencode(stem + tail)) > MAX_NAME_BYTES:
        stem = stem[:-1]
    return stem + tail


def _place(errand: _ActionRun) -> ActionResult:
    # Folders are opened one by one, so a file could be put where no program can open it by its path
    if sentence := why_too_deep(errand.wish):
        raise ActionFailed(sentence)
    steps = library_folders.steps_down(errand.library, errand.wish)
    with library_folders.opened_library(errand.library) as root:
        made = library_folders.missing(root, steps)
        if made:
            errand.detail[MADE] = json.dumps([str(path) for path in made])
            errand.planned(errand.wish, dict(errand.detail))
        try:
            with library_folders.opened_down(root, steps) as folder:
                return _under_a_free_name(errand, folder)
        except (OSError, ActionFailed):
            library_folders.remove_empty(made)
            raise


def _under_a_free_name(errand: _ActionRun, folder: Folder) -> ActionResult:
    for number in itertools.count(1):
        name = numbered(errand.wish.name, number)
        if disk.status(folder, name) is None:
            with contextlib.suppress(FileExistsError):  # the name was taken meanwhile: try the next one
                return _under(errand, folder, name)
        elif _is_home(errand.sound, folder, name):
            return ActionResult(errand.sound.path, note="already there", detail={UNTOUCHED: "yes"})
        elif _is_done(errand, folder, name):
            twin = folder / name
            note = f"the same sound is already at {twin}: this one was left where it is"
            return ActionResult(errand.sound.path, note=note, detail={UNTOUCHED: "yes", TWIN: str(twin)})
    raise AssertionError("numbers do not end")


def _is_home(sound: HeldFile, folder: Folder, name: str) -> bool:
    """Return whether the name is the sound's own, even if the disk stores it in another case or Unicode form."""
    now, own = disk.status(folder, name), disk.status(sound.folder, sound.name)
    same_file = now is not None and own is not None and os.path.samestat(now, own)
    return same_file and same_entry(folder, name, sound.folder, sound.name)


def _is_done(errand: _ActionRun, folder: Folder, name: str) -> bool:
    """Return whether the result of the action is already there: the same bytes, or a link to the sound."""
    if errand.action.kind == "symlink" and disk.link_target(folder, name) == str(errand.sound.path):
        return True
    return same_content(folder, name, errand.sound)


def _under(errand: _ActionRun, folder: Folder, name: str) -> ActionResult:
    """Carry out the action under this name; raises FileExistsError if the name was taken meanwhile."""
    sound, kind = errand.sound, errand.action.kind
    pairs = sidecars.beside(sound.folder, sound.name, name) if kind in {"move", "copy"} else ()
    detail = dict(errand.detail)
    if pairs:
        detail[COMPANIONS] = sidecars.to_text(pairs)
    if kind == "move" and errand.action.leave_link:
        detail[LINK] = "yes"
    if kind == "copy" or (kind == "move" and disk.device(folder) != disk.device(sound.folder)):
        free_space.require(sound, folder, errand.min_free, errand.library)
        detail[COPYING] = "yes"
    if detail or folder / name != errand.wish:
        errand.planned(folder / name, detail)
    notes = _ACTS[kind](errand, folder, name, pairs)
    return ActionResult(folder / name, note=" ".join(notes), detail=detail, stamp=stamp_at(folder, name))


def _move(errand: _ActionRun, folder: Folder, name: str, pairs: tuple[sidecars.Pair, ...]) -> list[str]:
    sound = errand.sound
    errand.transfer.move(sound, folder, name, errand.entry_id)
    notes = sidecars.move_along(pairs, sound.folder, folder, errand.entry_id, errand.transfer)
    return notes + (leave_link(sound.folder, sound.name, folder / name) if errand.action.leave_link else [])


def leave_link(folder: Folder, name: str, target: Path) -> list[str]:
    """Leave a symlink at the old place for projects that refer to it; return a note if that is not possible."""
    try:
        disk.symlink(target, folder, name)
    except FileExistsError:
        return []  # our own link, or a new file under this name
    except OSError as exc:
        return [f"No link was left at {folder / name}: {exc.strerror}."]
    return []


def _copy(errand: _ActionRun, folder: Folder, name: str, pairs: tuple[sidecars.Pair, ...]) -> list[str]:
    errand.transfer.copy(errand.sound, folder, name, errand.entry_id)
    return sidecars.copy_along(pairs, errand.sound.folder, folder, errand.entry_id, errand.transfer)


def _hardlink(errand: _ActionRun, folder: Folder, name: str, _: tuple[sidecars.Pair, ...]) -> list[str]:
    sound = errand.sound
    sound.check()
    try:
        disk.link(sound.folder, sound.name, folder, name)
    except OSError as exc:
        if exc.errno not in disk.UNSUPPORTED | {errno.EXDEV}:
            raise
        raise ActionFailed(
            f"No hard link from {sound.path} to {folder.path} is possible ({exc.strerror}): nothing was done."
            ' Use action = "copy" or "symlink" here.'
        ) from exc
    if not sound.is_at(folder, name):
        disk.unlink(folder, name)
        raise ActionFailed(f"{sound.path} changed while it was being linked: the link was taken back.")
    errand.transfer.sync(folder)
    return []


def _symlink(errand: _ActionRun, folder: Folder, name: str, _: tuple[sidecars.Pair, ...]) -> list[str]:
    errand.sound.check()
    disk.symlink(errand.sound.path, folder, name)
    errand.transfer.sync(folder)
    return []


_ACTS = {"move": _move, "copy": _copy, "hardlink": _hardlink, "symlink": _symlink}


@contextlib.contextmanager
def _explained(source: Path, destination: Path | None, library: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise os_errors.failure(exc, source, destination, library) from exc
