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


class SystemFile(NamedTuple):
    """A file that macOS had left in a folder, such as `.DS_Store`."""

    name: str
    mode: int
    mtime_ns: int
    content: str  # zlib, in base64


class FolderRecord(NamedTuple):
    """A folder as it was before it was removed."""

    path: Path
    mode: int
    owner: int
    group: int
    mtime_ns: int
    device: int
    inode: int
    parent_inode: int  # identifies the disk of a record without a volume after a restart
    volume: str = ""  # identifies the disk whatever its device number; earlier versions did not record it
    files: tuple[SystemFile, ...] = ()  # that were removed with it


class LiveItem(NamedTuple):
    """What Ableton Live knows of a sound, as it stood in its folder's file: the item's text, and the name of the item behind it."""

    block: str
    before: str = ""  # empty: it was the last one


class LiveTags(NamedTuple):
    """What we have done to the keywords of a sound in Ableton Live's file, for the undo."""

    added: tuple[str, ...] = ()
    removed: tuple[tuple[int, str], ...] = ()  # each with its place among the keywords, and its text
    made: str = ""  # "item" or "keywords", if that was not there


class FileTag(NamedTuple):
    """The tag of the file system that was added to a file, and the one that went for it; empty: none."""

    added: str
    removed: str = ""


class _Format(NamedTuple):
    """How the values of a field are written as strings and read again; reading raises ValueError or TypeError."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _read_paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in json.loads(text))


def _read_texts(text: str) -> tuple[str, ...]:
    return tuple(str(one) for one in json.loads(text))


def _read_pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(*pair) for pair in json.loads(text))


def _read_records(text: str) -> tuple[FolderRecord, ...]:
    records = [FolderRecord(Path(path), *attributes) for path, *attributes in json.loads(text)]
    return tuple(one._replace(files=tuple(SystemFile(*file) for file in one.files)) for one in records)


def _read_live_tags(text: str) -> LiveTags:
    added, removed, made = json.loads(text)
    return LiveTags(
        tuple(str(word) for word in added), tuple((int(at), str(block)) for at, block in removed), str(made)
    )


def _as_list(record: FolderRecord) -> list[Any]:
    """Return the values of a record, without those at the end that have their defaults, as earlier versions wrote it."""
    values = [str(record.path), *record[1:]]
    defaults = FolderRecord._field_defaults
    while values[-1] == defaults.get(FolderRecord._fields[len(values) - 1]):
        values.pop()
    return values


_FLAG = _Format(lambda _: "yes", lambda _: True)
_TEXT = _Format(str, str)
_NUMBER = _Format(str, int)
_PATH = _Format(str, Path)
_PATHS = _Format(lambda paths: json.dumps([str(path) for path in paths]), _read_paths)
_TEXTS = _Format(lambda texts: json.dumps(list(texts)), _read_texts)
_PAIRS = _Format(json.dumps, _read_pairs)
_RECORDS = _Format(lambda records: json.dumps([_as_list(record) for record in records]), _read_records)
_LIVE_ITEM = _Format(json.dumps, lambda text: LiveItem(*_read_texts(text)))
_FILE_TAG = _Format(json.dumps, lambda text: FileTag(*_read_texts(text)))
_LIVE_TAGS = _Format(json.dumps, _read_live_tags)
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
    companion_hashes: tuple[str, ...] = ()  # of those that were unpacked with it, in the same order
    # What was done
    link: bool = False  # a symlink is left at the old path
    link_was: Path | None = None  # the path of a link before the user moved it
    copying: bool = False  # a copy is made: what is found there after a crash is ours
    untouched: bool = False  # the action changed nothing on the disk
    twin: Path | None = None  # the path at which the same sound already was
    wanted: Path | None = None  # the place that was decided, if the disk does not take that name
    converted_hash: str = ""  # of the bytes that were written, if a sound was converted
    # Tags
    patch: str = ""  # restores the original bytes from the tagged file
    patch_file: Path | None = None  # of a patch that is too large for the journal
    tagged_hash: str = ""
    written_tags: tuple[tuple[str, str], ...] = ()
    # Tags outside of the sound
    live_item: LiveItem | None = (
        None  # that went with the sound from one folder's file of Ableton Live to another's
    )
    live_tags: LiveTags | None = None  # that were written there; None: not tried yet
    live_hashes: tuple[str, ...] = ()  # of the versions of such files that this entry has replaced or made
    file_tag: FileTag | None = None  # of the file system, which file managers show
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
    # Sounds in folders of the user's own
    lies_in: str = ""  # the folder in the library, relative, which sounds otherwise
    lies_as: str = ""  # the label or type that this folder stands for
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
    "companion_hashes": _TEXTS,
    "link": _FLAG,
    "link_was": _PATH,
    "copying": _FLAG,
    "untouched": _FLAG,
    "twin": _PATH,
    "wanted": _PATH,
    "converted_hash": _TEXT,
    "patch": _TEXT,
    "patch_file": _PATH,
    "tagged_hash": _TEXT,
    "written_tags": _TAGS,
    "live_item": _LIVE_ITEM,
    "live_tags": _LIVE_TAGS,
    "live_hashes": _TEXTS,
    "file_tag": _FILE_TAG,
    "archive": _PATH,
    "archive_hash": _TEXT,
    "archive_name": _TEXT,
    "needed_by": _TEXT,
    "project_kind": _TEXT,
    "project_name": _TEXT,
    "marker": _PATH,
    "sounds": _NUMBER,
    "put_back": _NUMBER,
    "lies_in": _TEXT,
    "lies_as": _TEXT,
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
