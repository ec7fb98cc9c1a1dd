"""Put something into the library under a free name: the steps that moves, copies and links have in common."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core import portable_names
from drumwatch.core.entry_detail import NO_DETAIL, EntryDetail
from drumwatch.core.errors import ActionFailed
from drumwatch.core.os_reasons import NAME_REFUSED
from drumwatch.filing import disk, free_space, library_folders
from drumwatch.filing.folder_room import FolderRoom, counts
from drumwatch.filing.held_file import same_content, same_entry, stamp_at
from drumwatch.filing.naming import numbered, portable_below, why_too_deep
from drumwatch.filing.results import ActionResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.filing.actions.handler import ActionRun
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.held_file import HeldFile

    Attempt = Callable[[ActionRun, HeldFile, Folder, str, EntryDetail], ActionResult]
    IsDone = Callable[[Folder, str, HeldFile], bool]


def put_in_library(
    run: ActionRun,
    sound: HeldFile,
    attempt: Attempt,
    *,
    is_done: IsDone = same_content,
    detail: EntryDetail = NO_DETAIL,
) -> ActionResult:
    """Make the missing folders, and try names with rising numbers until `attempt` succeeds under a free one.

    `attempt` gets the open folder, the name and the detail so far; it raises FileExistsError if the name was taken meanwhile.
    If a taken name `is_done`, the sound is left where it is. A name that the disk refuses is made portable, and so is every name
    on a disk that other systems read too.
    """
    wanted, portable = run.destination, portable_below(run.library, run.destination)
    if not run.portable:
        try:
            return _put(run, sound, wanted, detail, attempt=attempt, is_done=is_done)
        except OSError as exc:
            if exc.errno not in NAME_REFUSED or portable == wanted:
                raise
            sound.check()
    if portable != wanted:
        detail = replace(detail, wanted=wanted)
    return _put(run, sound, portable, detail, attempt=attempt, is_done=is_done)


def _put(
    run: ActionRun,
    sound: HeldFile,
    place: Path,
    detail: EntryDetail,
    *,
    attempt: Attempt,
    is_done: IsDone,
) -> ActionResult:
    # Folders are opened one by one, so a file could be put where no program can open it by its path
    if sentence := why_too_deep(place):
        raise ActionFailed(sentence)
    steps = library_folders.steps_down(run.library, place)
    with library_folders.opened_library(run.library) as root:
        if run.action.max_per_folder:
            steps = _steps_with_room(run, sound, root, steps, place.name, is_done=is_done)
            split = run.library.joinpath(*steps, place.name)
            detail = replace(detail, wanted=detail.wanted or run.destination) if split != place else detail
            place = split
        made = library_folders.missing(root, steps)
        if made:
            detail = replace(detail, made=tuple(made))
            run.planned(place, detail)
        try:
            with library_folders.opened_down(root, steps) as folder:
                return _under_a_free_name(
                    run, sound, folder, place.name, detail, attempt=attempt, is_done=is_done
                )
        except (OSError, ActionFailed):
            library_folders.remove_empty(made)
            raise


def _steps_with_room(
    run: ActionRun, sound: HeldFile, root: Folder, steps: tuple[str, ...], name: str, *, is_done: IsDone
) -> tuple[str, ...]:
    """Return the steps to the folder that has the sound already, or has room for it."""

    def count(folders: tuple[str, ...]) -> int | None:
        with library_folders.opened_if_there(root, folders) as folder:
            return None if folder is None else sum(_counts(folder, name) for name in disk.names(folder))

    def is_there(folders: tuple[str, ...]) -> bool:
        with library_folders.opened_if_there(root, folders) as folder:
            return folder is not None and _has_sound(run, sound, folder, name, is_done)

    room = FolderRoom(count, run.action.max_per_folder, run.action.name_limit)
    return room.choose(steps, is_there)


def _counts(folder: Folder, name: str) -> bool:
    if counts(name, is_folder=False):
        return True
    found = disk.status(folder, name) if counts(name, is_folder=True) else None
    return found is not None and stat.S_ISDIR(found.st_mode)


def _has_sound(run: ActionRun, sound: HeldFile, folder: Folder, wanted: str, is_done: IsDone) -> bool:
    """Return whether the sound has this name there already, or the name with a number."""
    for number in itertools.count(1):
        name = numbered(wanted, number, run.action.name_limit)
        if disk.status(folder, name) is None:
            return False
        if _is_own_name(sound, folder, name) or is_done(folder, name, sound):
            return True
    raise AssertionError("numbers do not end")


def _under_a_free_name(
    run: ActionRun,
    sound: HeldFile,
    folder: Folder,
    wanted: str,
    detail: EntryDetail,
    *,
    attempt: Attempt,
    is_done: IsDone,
) -> ActionResult:
    for number in itertools.count(1):
        name = numbered(wanted, number, run.action.name_limit)
        if disk.status(folder, name) is None:
            with contextlib.suppress(FileExistsError):  # the name was taken meanwhile: try the next one
                return attempt(run, sound, folder, name, detail)
        elif _is_own_name(sound, folder, name):
            return ActionResult(sound.path, note="already there", detail=EntryDetail(untouched=True))
        elif is_done(folder, name, sound):
            twin = folder / name
            note = f"the same sound is already at {twin}"
            return ActionResult(sound.path, note=note, detail=EntryDetail(untouched=True, twin=twin))
    raise AssertionError("numbers do not end")


def _is_own_name(sound: HeldFile, folder: Folder, name: str) -> bool:
    """Return whether the name is the sound's own, even if the disk stores it in another case or Unicode form."""
    now, own = disk.status(folder, name), disk.status(sound.folder, sound.name)
    same_file = now is not None and own is not None and os.path.samestat(now, own)
    return same_file and same_entry(folder, name, sound.folder, sound.name)


def note_copying(run: ActionRun, sound: HeldFile, folder: Folder, detail: EntryDetail) -> EntryDetail:
    """Return the detail with the note that a copy is written; raises DiskUnavailable if it would leave too little space."""
    free_space.require(sound, folder, run.min_free, run.library)
    return replace(detail, copying=True)


def announce(run: ActionRun, place: Path, detail: EntryDetail) -> None:
    """Have the journal record what it does not know yet about the attempt that begins now."""
    if detail != NO_DETAIL or place != run.destination:
        run.planned(place, detail)


def result(folder: Folder, name: str, detail: EntryDetail, notes: Sequence[str] = ()) -> ActionResult:
    """Return the result of a successful attempt under this name."""
    wanted = detail.wanted
    if (
        wanted
        and portable_names.portable(wanted.name) != wanted.name
        and portable_names.portable(name) == name
    ):
        notes = [f"the name {wanted.name} is not one for this disk.", *notes]
    return ActionResult(folder / name, note=" ".join(notes), detail=detail, stamp=stamp_at(folder, name))


def has_size_of_sound(entry: Entry, made: Path) -> bool:
    """Return whether a plain file of the sound's size is at this path."""
    return _file_of_size(entry, made) is not None


def is_same_file(entry: Entry, made: Path) -> bool:
    """Return whether the file that the entry is about is at this path, with its size."""
    now = _file_of_size(entry, made)
    return now is not None and entry.stamp is not None and now.st_ino == entry.stamp.inode


def _file_of_size(entry: Entry, made: Path) -> os.stat_result | None:
    now = os.lstat(made)
    if entry.stamp is None or not stat.S_ISREG(now.st_mode):
        return None
    return now if now.st_size == entry.stamp.size_bytes else None
