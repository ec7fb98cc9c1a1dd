"""Tags of the file system, which file managers show: ours stands beside those of the user, and goes again by undo.

They are no part of a file's bytes and do not change its time. On Linux they are a list with commas in `user.xdg.tags`, on macOS a
property list of names, each with the number of its colour behind it.
"""

from __future__ import annotations

import plistlib
import sys
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError

from drumwatch.core.entry_detail import FileTag
from drumwatch.core.os_reasons import reason
from drumwatch.filing import disk
from drumwatch.filing.os_errors import mount_point

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry

ON_MAC = sys.platform == "darwin"
LINUX_NAME, MAC_NAME = "user.xdg.tags", "com.apple.metadata:_kMDItemUserTags"
TAGGED = frozenset({"move", "copy", "hardlink", "tag"})  # the kinds of actions that leave a file to be tagged
NO_COLOUR = "\n0"


class CannotKeepTags(Exception):  # noqa: N818  named after the state
    """The file has the tags that it had; `whole_disk` says that no file of its disk can have any."""

    def __init__(self, sentence: str, *, whole_disk: bool) -> None:
        super().__init__(sentence)
        self.whole_disk = whole_disk


def exchanged(tags: Sequence[str], gone: str, new: str) -> list[str]:
    """Return the tags with the new one in the place of the one that goes; either may be empty, or be there or not."""
    place = next((at for at, tag in enumerate(tags) if gone and _name(tag) == gone), None)
    has_new = any(_name(tag).casefold() == new.casefold() for tag in tags)
    changed = list(tags)
    if place is not None:
        changed[place : place + 1] = [new] if new and not has_new else []
    elif new and not has_new:
        changed.append(new)
    return changed


def planned(path: Path, gone: str, new: str) -> FileTag | None:
    """Return what exchanging these tags would change, or None for nothing; raises CannotKeepTags."""
    with _Told(path), disk.opened(path.parent) as folder, disk.opened_file(folder, path.name) as fd:
        before = _read(fd)
        after = exchanged(before, gone, new)
    added = new if len(after) > len(before) or (new in after and new not in before) else ""
    removed = gone if any(_name(tag) == gone for tag in before) else ""
    return FileTag(added, removed) if after != before else None


def exchange(path: Path, gone: str, new: str) -> None:
    """Exchange our tags of a file; those of the user stay. Raises CannotKeepTags."""
    with _Told(path), disk.opened(path.parent) as folder, disk.opened_file(folder, path.name) as fd:
        before = _read(fd)
        after = exchanged(before, gone, new)
        if after == before:
            return
        if after:
            disk.set_attribute(fd, _NAME, _packed(after))
        else:
            disk.remove_attribute(fd, _NAME)


def take_back(entry: Entry, path: Path) -> str:
    """Take back what an entry has done to the tags of the file that is at this path now; return a note if they stayed."""
    tag = entry.detail.file_tag
    if (
        tag is None or entry.action not in TAGGED - {"copy"} or entry.detail.archive
    ):  # a copy goes with its tags
        return ""
    try:
        exchange(path, tag.added, tag.removed)
    except CannotKeepTags as exc:
        return str(exc)
    return ""


class _Told:
    """Turns what prevents a change into a sentence for the user."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, exc: object, __: object) -> None:
        if isinstance(exc, OSError):
            if exc.errno in disk.UNSUPPORTED:
                sentence = f"The disk {mount_point(self._path.parent)} keeps no tags of files: file managers show none there."
                raise CannotKeepTags(sentence, whole_disk=True) from exc
            raise CannotKeepTags(
                f"The tags of {self._path.name} were left alone, because {reason(exc)}.", whole_disk=False
            ) from exc
        if isinstance(exc, ValueError | ExpatError):
            raise CannotKeepTags(
                f"The tags of {self._path.name} were left alone, because they cannot be read.",
                whole_disk=False,
            ) from exc


def _name(tag: str) -> str:
    """Return a tag without the number of its colour."""
    return tag.partition("\n")[0]


# The two forms ----------------------------------------------------------------------------------------------------


def from_list(value: bytes) -> list[str]:
    """Return the tags in the form of Linux, each as it stands there."""
    return value.decode().split(",") if value else []


def as_list(tags: Sequence[str]) -> bytes:
    """Return tags in the form of Linux."""
    return ",".join(tags).encode()


def from_property_list(value: bytes) -> list[str]:
    """Return the tags in the form of macOS, with their colours; raises ValueError if there are other things in it."""
    tags = plistlib.loads(value, fmt=plistlib.FMT_BINARY) if value else []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise ValueError("not a list of names")
    return tags


def as_property_list(tags: Sequence[str]) -> bytes:
    """Return tags in the form of macOS; one without a colour gets the number that says so."""
    named = [tag if "\n" in tag else tag + NO_COLOUR for tag in tags]
    return plistlib.dumps(named, fmt=plistlib.FMT_BINARY)


_NAME = MAC_NAME if ON_MAC else LINUX_NAME
_unpacked: Callable[[bytes], list[str]] = from_property_list if ON_MAC else from_list
_packed: Callable[[Sequence[str]], bytes] = as_property_list if ON_MAC else as_list


def _read(fd: int) -> list[str]:
    return _unpacked(disk.attribute(fd, _NAME))
