"""What an action records in its journal entry beside the columns, so that it can be undone and recovered.

The journal stores it as a JSON object of strings. Keys that this version does not know are kept and written back unchanged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Pair(NamedTuple):
    """A companion's name beside the sound, and its name beside the sound's new place."""

    name: str
    new_name: str


class FolderRecord(NamedTuple):
    """A folder as it was before it was removed."""

    path: Path
    mode: int
    owner: int
    group: int
    mtime_ns: int
    device: int
    inode: int
    parent_inode: int  # identifies the disk when the device number has changed after a restart


class _Format(NamedTuple):
    """How the values of a field are written as strings and read again; reading raises ValueError or TypeError."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _read_paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in json.loads(text))


def _read_pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(*pair) for pair in json.loads(text))


def _read_records(text: str) -> tuple[FolderRecord, ...]:
    return tuple(FolderRecord(Path(path), *attributes) for path, *attributes in json.loads(text))


_FLAG = _Format(lambda _: "yes", lambda _: True)
_TEXT = _Format(str, str)
_NUMBER = _Format(str, int)
_PATH = _Format(str, Path)
_PATHS = _Format(lambda paths: json.dumps([str(path) for path in paths]), _read_paths)
_PAIRS = _Format(json.dumps, _read_pairs)
_RECORDS = _Format(
    lambda records: json.dumps([(str(path), *attributes) for path, *attributes in records]), _read_records
)
_TAGS = _Format(lambda tags: json.dumps(dict(tags)), lambda text: tuple(dict(json.loads(text)).items()))


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """The detail of one entry; a field with its default value is not stored."""

    # Folders and names
    made: tuple[Path, ...] | None = None  # made by the action, outermost first
    made_again: tuple[Path, ...] = ()  # removed ones that an undo makes again
    left: tuple[Path, ...] = ()  # ours that a sound is moved out of
    folders: tuple[FolderRecord, ...] = ()  # that the entry has removed
    companions: tuple[Pair, ...] = ()  # that go along with the sound
    # What was done
    link: bool = False  # a symlink is left at the old path
    link_was: Path | None = None  # the path of a link before the user moved it
    copying: bool = False  # a copy is made: what is found there after a crash is ours
    untouched: bool = False  # the action changed nothing on the disk
    twin: Path | None = None  # the path at which the same sound already was
    wanted: Path | None = None  # the place that was decided, if the disk does not take that name
    # Tags
    patch: str = ""  # restores the original bytes from the tagged file
    patch_file: Path | None = None  # of a patch that is too large for the journal
    tagged_hash: str = ""
    written_tags: tuple[tuple[str, str], ...] = ()
    # Packs and archives
    archive: Path | None = None  # that the sound came in
    archive_hash: str = ""
    archive_name: str = ""  # the name in the archive, where the unpacked file has another one
    needed_by: str = ""  # the document that needs the file in its pack
    # Projects that were left whole
    project_kind: str = ""
    project_name: str = ""
    marker: Path | None = None
    sounds: int | None = None
    put_back: int | None = None
    # Other entries
    stands_for: int | None = None  # the earlier entry that this one repeats
    instead_of: int | None = None  # the link or tag that this one replaces
    follows: int | None = None  # the entry by which the user named a neighbor, whereupon this one was done
    # Keys and values that this version does not understand
    unknown: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_stored(cls, stored: Mapping[str, str]) -> EntryDetail:
        """Return the detail in an entry's JSON object; a value that cannot be read is kept as unknown."""
        if not stored:
            return NO_DETAIL
        values: dict[str, Any] = {}
        unknown: list[tuple[str, str]] = []
        for key, text in stored.items():
            name, form = _FIELDS.get(key, ("", _TEXT))
            try:
                if name:
                    values[name] = form.read(text)
            except (ValueError, TypeError):
                name = ""
            if not name:
                unknown.append((key, text))
        return cls(**values, unknown=tuple(unknown))

    def stored(self) -> dict[str, str]:
        """Return the JSON object for the journal."""
        known = {
            key: form.write(value)
            for key, (name, form) in _FIELDS.items()
            if (value := getattr(self, name)) != _DEFAULTS[name]
        }
        return known | dict(self.unknown)

    def updated(self, other: EntryDetail) -> EntryDetail:
        """Return this detail with all that the other one has recorded."""
        recorded = {name: value for name in _DEFAULTS if (value := getattr(other, name)) != _DEFAULTS[name]}
        unknown = tuple((dict(self.unknown) | dict(other.unknown)).items())
        return replace(self, **recorded, unknown=unknown)


_FORMATS: dict[str, _Format] = {
    "made": _PATHS,
    "made_again": _PATHS,
    "left": _PATHS,
    "folders": _RECORDS,
    "companions": _PAIRS,
    "link": _FLAG,
    "link_was": _PATH,
    "copying": _FLAG,
    "untouched": _FLAG,
    "twin": _PATH,
    "wanted": _PATH,
    "patch": _TEXT,
    "patch_file": _PATH,
    "tagged_hash": _TEXT,
    "written_tags": _TAGS,
    "archive": _PATH,
    "archive_hash": _TEXT,
    "archive_name": _TEXT,
    "needed_by": _TEXT,
    "project_kind": _TEXT,
    "project_name": _TEXT,
    "marker": _PATH,
    "sounds": _NUMBER,
    "put_back": _NUMBER,
    "stands_for": _NUMBER,
    "instead_of": _NUMBER,
    "follows": _NUMBER,
}
_KEYS = {
    "made_again": "made again",
    "written_tags": "fields",
    "archive_name": "name in archive",
}  # in the journal, where they differ from the fields' names
_FIELDS = {_KEYS.get(name, name): (name, form) for name, form in _FORMATS.items()}
_DEFAULTS = {one.name: one.default for one in fields(EntryDetail) if one.name in _FORMATS}
NO_DETAIL = EntryDetail()
