"""Decide by its content whether a folder is a pack, and which of its documents may be filed with the sounds; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from drumwatch.intake.ignore import is_ignored_name
from drumwatch.intake.pack_documents import (
    holds_presets,
    is_usual_folder,
    kind_of,
    may_be_filed_with,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import PurePath

MOST_DOCUMENTS = 200
MOST_BYTES = 200_000_000


class FileInside(NamedTuple):
    """A file by its path relative to the folder."""

    path: PurePath
    size_bytes: int = 0


class PackEvidence(NamedTuple):
    """Whether a folder is a pack, and its documents in the order in which they may be filed."""

    is_pack: bool
    why_not: str = ""
    documents: tuple[FileInside, ...] = ()


def pack_evidence(inside: Iterable[FileInside], pack: str, gone: Iterable[PurePath] = ()) -> PackEvidence:
    """Return whether most files are sounds and the folder has no other purpose.

    `gone` are the files that have been filed from there; they count as if they were still there.
    """
    files = {one.path: one for one in inside if not is_ignored_name(one.path.name) or _is_work(one.path)}
    every = files.keys() | set(gone)
    counted = [path for path in every if kind_of(path.name) != "sidecar"]
    sounds = [path for path in counted if kind_of(path.name) == "sound"]
    others = sorted(path for path in counted if kind_of(path.name) != "sound")
    if why_not := _why_no_pack(sounds, others):
        return PackEvidence(is_pack=False, why_not=why_not)
    is_flat = all(len(path.parts) == 1 for path in counted)
    return PackEvidence(is_pack=True, documents=tuple(_documents(files, pack, is_flat=is_flat)))


def within_limits(
    documents: Iterable[FileInside], taken: Iterable[FileInside] = ()
) -> tuple[list[FileInside], list[FileInside]]:
    """Return the documents that may be filed, and those beyond the limits; `taken` were filed before."""
    before = list(taken)
    count, size = len(before), sum(one.size_bytes for one in before)
    go, stay = [], []
    for one in documents:
        if count < MOST_DOCUMENTS and size + one.size_bytes <= MOST_BYTES:
            count, size = count + 1, size + one.size_bytes
            go.append(one)
        else:
            stay.append(one)
    return go, stay


def too_many(stay: Sequence[FileInside], go: int, pack: str, where: str) -> str:
    """Return the message about documents that stay because of the limits; `go` is the number of those that are filed."""
    what = f"{len(stay)} documents" if len(stay) > 1 else "a document"
    limit = f"{MOST_DOCUMENTS} files" if go >= MOST_DOCUMENTS else f"{MOST_BYTES // 1_000_000} MB"
    return f"{what} of {pack} left alone in {where}: more than {limit}"


def _why_no_pack(sounds: Sequence[PurePath], others: Sequence[PurePath]) -> str:
    """Return why the folder is no pack, or an empty string if it is one."""
    if 2 * len(sounds) <= len(sounds) + len(others):
        return f"only {len(sounds)} of {len(sounds) + len(others)} files in it are sounds"
    with_sounds = {parent for path in sounds for parent in path.parents}
    for path in others:
        if _is_work(path):
            return f"{path.name} is in it, which comes with no sample pack"
        if unusual := _unusual_folder(path, with_sounds):
            return f"its folder {unusual} holds no sounds"
    packs = next((folder for folder in with_sounds if folder.name.casefold() == "packs"), None)
    return f"its folder {packs} holds packs" if packs else ""


def _unusual_folder(path: PurePath, with_sounds: set[PurePath]) -> PurePath | None:
    """Return the folder around this file that no pack has, or None."""
    presets = False
    for folder in reversed(path.parents[:-1]):
        if folder in with_sounds:
            continue
        if not is_usual_folder(folder.name) and not (presets and kind_of(path.name) in {"midi", "preset"}):
            return folder
        presets |= holds_presets(folder.name)
    return None


def _documents(files: dict[PurePath, FileInside], pack: str, *, is_flat: bool) -> list[FileInside]:
    """Return the documents, licence and readme first, so that the limits do not exclude them."""
    texts = [path for path in files if kind_of(path.name) in {"text", "office"}]
    only_text = len(texts) == 1
    found = [
        one
        for path, one in files.items()
        if may_be_filed_with(path.name, pack, only_text=only_text, is_flat=is_flat)
    ]
    return sorted(found, key=lambda one: (kind_of(one.path.name) != "text", one.path))


def _is_work(path: PurePath) -> bool:
    return kind_of(path.name) == "work"
