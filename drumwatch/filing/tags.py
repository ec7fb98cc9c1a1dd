"""Replace a file by its tagged copy, which the worker has written, after checking that the original can be restored."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.containers import NotWhole, difference_outside_tags, payload_span
from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.errors import ActionFailed, DrumwatchError
from drumwatch.filing import disk, file_transfer, tag_patch
from drumwatch.filing.results import ActionResult, Planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.records import FileStamp, Verdict
    from drumwatch.filing.file_transfer import Transfer
    from drumwatch.filing.held_file import HeldFile
    from drumwatch.filing.tag_patch import Patch

MAX_PATCH_IN_JOURNAL = 1 << 16  # characters; a larger patch is kept in its own file

WriteTags = Callable[[Path, Path, str, str, bool], dict[str, str]]
"""Writes tags into `temp`, a copy of `path`: (path, temp, label, machine, overwrite) to the written fields."""

ProveTags = Callable[[Path, Path, str, str, bool], object]
"""Proves that `temp` is `path` with these tags and nothing else changed; raises DrumwatchError. Same parameters as WriteTags."""


@dataclass(frozen=True, slots=True)
class Tagger:
    """What is written into a file, the functions that write and prove it, and the folder for large patches.

    The proof is made by another process than the one that writes, whose word is not taken for it.
    """

    write: WriteTags
    prove: ProveTags
    label: str
    machine: str
    backups: Path


class _TaggedCopy(NamedTuple):
    """A tagged copy: the hash of its bytes, and how the original's bytes are restored from it."""

    content_hash: str
    patch: Patch


def human_text(label: str) -> str:
    """Return the genre that a sample manager shows; a slash would separate two genres in old ID3 tags."""
    return _as_words(label).title()


def keywords_text(label: str, verdict: Verdict | None) -> str:
    """Return what a sample manager shows as tags, in the words and with the separator of Elektroid: kick; one-shot."""
    words = {"hat": "hi-hat", "other": ""}
    shape = verdict.shape if verdict and verdict.shape in ("one-shot", "loop") else ""
    return "; ".join(word for word in (words.get(label, _as_words(label)), shape) if word)


def _as_words(label: str) -> str:
    """Return a label whose folder lies inside another one in words: Drums Toms for Drums/Toms."""
    return label.replace("/", " ")


def tempo_text(verdict: Verdict | None) -> str:
    """Return the tempo of a loop in whole beats per minute; empty for anything else, as a tempo could stretch it."""
    is_loop = verdict is not None and verdict.shape == "loop"
    return f"{verdict.tempo:.0f}" if verdict and is_loop and verdict.tempo else ""


def machine_text(label: str, confidence: float, model: str) -> str:
    """Return the field that drumwatch reads itself; short, and with a version."""
    return f"v1;{label};p={confidence:.2f};model={model}"


def tag(
    sound: HeldFile, tagger: Tagger, *, overwrite: bool, entry_id: int, planned: Planned, transfer: Transfer
) -> ActionResult:
    """Tag the file and record how to restore its exact bytes.

    Raises ActionFailed if the file was not tagged; it is then unchanged.
    """
    _refuse_other_names(sound)
    temp = file_transfer.temp_name(entry_id, sound.name)
    with transfer.removed_on_failure(sound.folder, temp):
        file_transfer.fill(sound, sound.folder, temp, finish=False)
        request = (sound.path, sound.folder / temp, tagger.label, tagger.machine, overwrite)
        with _reason_for(sound):
            fields = tagger.write(*request)
        tagged = _compared(sound, temp)
        with _reason_for(sound):
            tagger.prove(*request)
        detail = _finished(sound, temp, tagged, backup_path(tagger.backups, entry_id), transfer)
        if detail is None:
            disk.unlink(sound.folder, temp)
            return ActionResult(
                sound.path, note="it has these tags already", detail=EntryDetail(untouched=True)
            )
        detail = replace(detail, written_tags=tuple(fields.items()))
        with _backup_dropped_on_failure(detail):
            planned(sound.path, detail)
            stamp = transfer.steps(entry_id).replace_by(sound, temp, detail.tagged_hash)
    transfer.sync(sound.folder)
    return ActionResult(sound.path, detail=detail, stamp=stamp)


def restore(
    sound: HeldFile, patch: Patch, original_hash: str, entry_id: int, transfer: Transfer
) -> FileStamp:
    """Replace the tagged file by the original's exact bytes and return its stamp; raises ActionFailed if the patch does not give them."""
    temp = file_transfer.temp_name(entry_id)
    with transfer.removed_on_failure(sound.folder, temp):
        with disk.opened_file(sound.folder, sound.name) as tagged, disk.created(sound.folder, temp) as target:
            for piece in tag_patch.pieces(patch, tagged):
                disk.write(target, piece)
            if disk.hash_of(target) != original_hash:
                raise ActionFailed(
                    f"The bytes that {sound.path} had before it was tagged cannot be restored from it."
                )
            disk.copy_attributes(tagged, target)
            disk.sync_file(target)
        stamp = transfer.steps(entry_id).replace_by(sound, temp, original_hash)
    transfer.sync(sound.folder)
    return stamp


def read_patch(detail: EntryDetail) -> Patch:
    """Return the patch in an entry's detail or in its file; raises OSError or ValueError if it is missing or damaged."""
    if detail.patch_file and not detail.patch:
        return tag_patch.from_text(detail.patch_file.read_text(encoding="ascii"))
    return tag_patch.from_text(detail.patch)


def drop_backup(patch_file: Path | None) -> None:
    """Remove the patch file, which is no longer needed."""
    if patch_file:
        patch_file.unlink(missing_ok=True)


def backup_path(backups: Path, entry_id: int) -> Path:
    """Return the path of an entry's patch file."""
    return backups / f"{entry_id}.patch"


def _refuse_other_names(sound: HeldFile) -> None:
    now = disk.status(sound.folder, sound.name)
    if now is not None and now.st_nlink > 1:
        raise ActionFailed(
            f"{sound.path} has more names on this disk (hard links), which tagging would change too, or separate from it:"
            ' it was left alone. Use action = "copy" for this folder.'
        )


@contextlib.contextmanager
def _reason_for(sound: HeldFile) -> Iterator[None]:
    """Turn an error of a worker into the reason why the sound was not tagged."""
    try:
        yield
    except DrumwatchError as exc:
        raise _not_tagged(sound, str(exc)) from exc


def _not_tagged(sound: HeldFile, why: str) -> ActionFailed:
    return ActionFailed(f"{sound.path} was not tagged: {why}")


def _finished(
    sound: HeldFile, temp: str, copy: _TaggedCopy | None, backup: Path, transfer: Transfer
) -> EntryDetail | None:
    """Complete the tagged copy and return the patch for the journal, or None if the bytes do not differ."""
    if copy is None:
        return None
    with (
        disk.opened_file(sound.folder, sound.name) as original,
        disk.opened_file(sound.folder, temp, writable=True) as tagged,
    ):
        if disk.hash_of(tagged) != copy.content_hash:
            raise _not_tagged(sound, "its tagged copy changed while it was being checked")
        disk.copy_attributes(original, tagged)
        disk.sync_file(tagged)
    return replace(_stored(tag_patch.to_text(copy.patch), backup, transfer), tagged_hash=copy.content_hash)


def _compared(sound: HeldFile, temp: str) -> _TaggedCopy | None:
    """Return the hash of the copy and a patch that has been tested: it restores the exact original.

    Returns None if the bytes do not differ. Raises ActionFailed if anything but the tags differs.
    """
    with (
        disk.opened_file(sound.folder, sound.name) as original,
        disk.opened_file(sound.folder, temp) as tagged,
    ):
        content_hash = disk.hash_of(tagged)
        if content_hash == sound.content_hash:
            return None
        try:
            spans = payload_span(sound.path), payload_span(sound.folder / temp)
        except NotWhole as exc:
            raise _not_tagged(sound, str(exc)) from exc
        patch = tag_patch.between(original, tagged, *spans)
        if patch is None:
            raise ActionFailed(
                f"{sound.path} is too large to be tagged in a way that can be undone: it was left alone."
            )
        if tag_patch.original_hash(patch, tagged) != sound.content_hash:
            raise ActionFailed(f"{sound.path} changed while it was being tagged: it was left alone.")
        _require_same_outside_tags(sound, original, tagged)
        return _TaggedCopy(content_hash, patch)


def _require_same_outside_tags(sound: HeldFile, original: int, tagged: int) -> None:
    """Raise ActionFailed if a byte outside the tags differs, whatever the process that wrote them says."""
    with (
        open(original, "rb", closefd=False) as one,
        open(tagged, "rb", closefd=False) as other,
    ):
        try:
            what = difference_outside_tags(one, other, sound.name)
        except NotWhole as exc:
            raise _not_tagged(sound, str(exc)) from exc
    if what:
        raise _not_tagged(sound, f"the copy with the tags differs from it in {what}; it was left alone")


def _stored(patch: str, backup: Path, transfer: Transfer) -> EntryDetail:
    """Return where the patch is stored: in the journal if it is small, else in a file."""
    if len(patch) <= MAX_PATCH_IN_JOURNAL:
        return EntryDetail(patch=patch)
    backup.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with disk.opened(backup.parent) as folder, transfer.removed_on_failure(folder, backup.name):
        with disk.created(folder, backup.name) as fd:
            disk.write(fd, patch.encode("ascii"))
            disk.sync_file(fd)
        disk.sync_folder(folder)
    return EntryDetail(patch_file=backup)


@contextlib.contextmanager
def _backup_dropped_on_failure(detail: EntryDetail) -> Iterator[None]:
    try:
        yield
    except Exception:
        with contextlib.suppress(OSError):
            drop_backup(detail.patch_file)
        raise
