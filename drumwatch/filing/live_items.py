"""What Ableton Live knows of a sound goes with it: its tags and colours are bound to the bare name, in one file for each folder."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.entry_detail import LiveTags
from drumwatch.core.formatting import printable
from drumwatch.filing import ableton_xmp, disk, folder_info
from drumwatch.filing.folder_info import CannotTag

if TYPE_CHECKING:
    from drumwatch.core.entry_detail import LiveItem
    from drumwatch.filing.ableton_xmp import FolderXmp
    from drumwatch.filing.disk import Folder
    from drumwatch.filing.folder_info import Writer


log = logging.getLogger(__name__)


class At(NamedTuple):
    """A name in an open folder."""

    folder: Folder
    name: str


def beside(sound: At) -> tuple[LiveItem | None, list[str]]:
    """Return what Live knows of a sound, and a note if that cannot be read and names the sound."""
    try:
        return _item_at(sound), []
    except CannotTag as exc:
        return None, [_stayed(sound, exc)] if folder_info.mentions(*sound) else []


def move_along(source: At, target: At, writer: Writer) -> list[str]:
    """Move the item of a sound to the file of its new folder; return a note if it stayed. May be repeated after a crash."""
    try:
        item = _item_at(source)
        if item and ableton_xmp.can_be_named(target.name):
            _move(source, target, ableton_xmp.renamed(item, target.name)._replace(before=""), writer)
    except CannotTag as exc:
        return [_stayed(source, exc)]
    return []


def move_back(source: At, target: At, original: LiveItem, writer: Writer) -> list[str]:
    """Move the item back to where it was, with what the user has changed in it since; return a note if it stayed."""
    try:
        if item := _item_at(source):
            _move(source, target, ableton_xmp.named_like(item, original), writer)
    except CannotTag as exc:
        return [_stayed(source, exc)]
    return []


def without_our_tags(sound: At, tags: LiveTags | None, writer: Writer) -> list[str]:
    """Take back what we have done to the keywords of a sound; return a note if it stayed. May be repeated after a crash."""
    if tags is None or tags == LiveTags():
        return []
    try:
        writer.rewrite(sound.folder, lambda xmp: ableton_xmp.untagged(xmp, sound.name, tags))
    except CannotTag as exc:
        return [f"Its tags in Ableton Live were left alone: {exc}"]
    return []


def _item_at(sound: At) -> LiveItem | None:
    xmp = folder_info.look(sound.folder)
    return ableton_xmp.item_at(xmp, sound.name) if xmp else None


def _move(source: At, target: At, moved: LiveItem, writer: Writer) -> None:
    """Write the item into the new file before it goes from the old one, so that it is in one of them at any moment."""

    def without(xmp: FolderXmp) -> FolderXmp:
        return ableton_xmp.without_item(xmp, source.name)

    def insert(xmp: FolderXmp) -> FolderXmp:
        there = ableton_xmp.item_at(xmp, target.name)
        if there is None:
            return ableton_xmp.with_item(xmp, moved)
        if there.block != moved.block:
            raise CannotTag(
                f"{target.folder / folder_info.FOLDER} has tags for a file called {target.name} already."
            )
        return xmp

    if disk.same_folder(source.folder, target.folder):
        writer.rewrite(source.folder, lambda xmp: ableton_xmp.with_item(without(xmp), moved))
        return
    writer.rewrite(target.folder, insert, make=True)
    writer.rewrite(source.folder, without)


def _stayed(sound: At, exc: CannotTag) -> str:
    sentence = f"The tags of {sound.name} in Ableton Live did not go along: {exc}"
    log.warning("%s", printable(sentence))
    return sentence
