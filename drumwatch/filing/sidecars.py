"""Files that belong to a sound and are beside it (slices, analysis, peaks, XMP): they are moved or copied with it."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import Pair
from drumwatch.core.errors import ActionFailed
from drumwatch.core.os_reasons import reason
from drumwatch.core.side_files import bears_its_name, bears_its_stem, is_sound_name
from drumwatch.filing import disk
from drumwatch.filing.held_file import find, same_content, same_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from drumwatch.core.entry_detail import EntryDetail
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.set_aside import AsideSteps


def beside(folder: Folder, name: str, new_name: str) -> tuple[Pair, ...]:
    """Return the companions of a sound, and their names if the sound is called `new_name`."""
    stem, new_stem = os.path.splitext(name)[0], os.path.splitext(new_name)[0]
    bearers = sorted(other for other in disk.names(folder) if other.startswith(stem + "."))
    whole = [other for other in bearers if bears_its_name(other, name) and _is_file(folder, other)]
    own = [other for other in bearers if bears_its_stem(other, name) and _is_file(folder, other)]
    if any(_is_sister(other, name) for other in bearers):
        own = []  # kick.asd may belong to kick.aif as well as to kick.wav
    return (
        *(Pair(other, new_name + other[len(name) :]) for other in whole),
        *(Pair(other, new_stem + other[len(stem) :]) for other in own if other not in whole),
    )


def move_along(
    pairs: Sequence[Pair], source: Folder, target: Folder, entry_id: int, transfer: Transfer
) -> list[str]:
    """Move each companion if possible; return a note for each that stayed. May be repeated after a crash."""
    return _take(pairs, source, target, entry_id, transfer, drop=True)


def copy_along(
    pairs: Sequence[Pair], source: Folder, target: Folder, entry_id: int, transfer: Transfer
) -> list[str]:
    """Copy each companion if possible; return a note for each that could not be copied."""
    return _take(pairs, source, target, entry_id, transfer, drop=False)


def remove_copies(
    pairs: Sequence[Pair], source: Folder, target: Folder, entry_id: int, transfer: Transfer
) -> list[str]:
    """Remove the copies that still equal their originals; return a note for each that stayed."""
    notes: list[str] = []
    for pair in pairs:
        try:
            notes += _remove_copy(pair, source, target, transfer.steps(entry_id))
        except OSError as exc:
            notes.append(f"{pair.new_name} was left alone, because {reason(exc)}.")
        except ActionFailed as exc:
            notes.append(f"{pair.new_name} was left alone: {exc}")
    return notes


def hashes(pairs: Sequence[Pair], source: Folder) -> tuple[str, ...]:
    """Return the hash of each companion, for `remove_unpacked`; empty for one that cannot be read."""
    return tuple(_hash_of(source, pair.name) for pair in pairs)


def remove_unpacked(detail: EntryDetail, target: Folder, entry_id: int, transfer: Transfer) -> list[str]:
    """Remove the companions that are as they were unpacked; return a note for each that stayed.

    The caller makes sure that the archive still has them. An entry of an earlier version has no hashes: nothing is removed then.
    """
    notes: list[str] = []
    for pair, known in zip(detail.companions, detail.companion_hashes, strict=False):
        with _noting_failure(pair.new_name, notes):
            companion = find(target, pair.new_name)
            if companion and companion.content_hash == known:
                transfer.steps(entry_id).remove(companion)
            elif companion:
                notes.append(f"{pair.new_name} was left alone: it has been changed since.")
    return notes


def turned(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return the pairs in the opposite direction."""
    return tuple(Pair(pair.new_name, pair.name) for pair in pairs)


def _take(
    pairs: Sequence[Pair],
    source: Folder,
    target: Folder,
    entry_id: int,
    transfer: Transfer,
    *,
    drop: bool,
) -> list[str]:
    """Move the companions, or copy them unless `drop`."""
    act = transfer.move if drop else transfer.copy
    notes: list[str] = []
    for pair in pairs:
        with _noting_failure(pair.name, notes):
            companion = find(source, pair.name)
            if companion is None or same_entry(source, pair.name, target, pair.new_name):
                continue
            try:
                if not same_content(target, pair.new_name, companion):
                    act(companion, target, pair.new_name, entry_id)
                elif drop:
                    transfer.steps(entry_id).remove(companion)
            except FileExistsError:
                notes.append(f"{pair.name} was left alone: {pair.new_name} is already there.")
    return notes


@contextlib.contextmanager
def _noting_failure(name: str, notes: list[str]) -> Iterator[None]:
    """Add a note about this companion where the disk, or the file as it is now, does not allow what is done inside."""
    try:
        yield
    except OSError as exc:
        notes.append(f"{name} was left alone, because {reason(exc)}.")
    except ActionFailed as exc:
        notes.append(f"{name} was left alone: {exc}")


def _remove_copy(pair: Pair, source: Folder, target: Folder, steps: AsideSteps) -> list[str]:
    if same_entry(source, pair.name, target, pair.new_name):
        return []
    original, copy = find(source, pair.name), find(target, pair.new_name)
    if original and copy and copy.content_hash == original.content_hash:
        steps.remove(copy)
    elif disk.status(target, pair.new_name):
        return [f"{pair.new_name} was left alone: it is no longer like {pair.name}."]
    return []


def _hash_of(folder: Folder, name: str) -> str:
    try:
        file = find(folder, name)
    except OSError:
        return ""
    return file.content_hash if file else ""


def _is_file(folder: Folder, name: str) -> bool:
    try:
        there = disk.status(folder, name)
    except OSError:  # the name with the ending is too long
        return False
    return there is not None and stat.S_ISREG(there.st_mode)


def _is_sister(other: str, name: str) -> bool:
    """Return whether this is another sound with the same stem."""
    return other != name and os.path.splitext(other)[0] == os.path.splitext(name)[0] and is_sound_name(other)
