"""The settings as the rest of the program uses them: frozen and checked, with absolute paths, each watch complete.

A field here is the key of the same name in the configuration file. `schema` derives the shape of the file from the
annotations of `Config` and `Watch`, which is why they are evaluated at run time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from drumwatch.config.value_types import (
    Count,
    EntryCount,
    Event,
    Length,
    Load,
    NameLimit,
    Part,
    Quiet,
    Rescan,
    Share,
    Size,
    Texts,
    Workers,
)
from drumwatch.core.errors import ConfigError
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, ActionKind

Names = Literal["hint", "ignore"]
Archives = Literal["unpack", "ignore"]
Poll = Literal["auto", "always", "never"]
Projects = Literal["leave", "copy", "sort"]
Duplicates = Literal["keep", "skip", "link"]
AfterUnpacking = Literal["keep", "aside", "trash"]
OnBattery = Literal["go", "slow", "pause"]

LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Match:
    """The conditions of a rule: each one that is given must hold, and one value of each list is enough."""

    label: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    pack: tuple[str, ...] = ()
    folder: tuple[Path, ...] = ()
    format: tuple[str, ...] = ()
    min_confidence: float | None = None
    max_confidence: float | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    note: tuple[str, ...] = ()  # in the spelling of `core.root_notes.NOTES`
    min_bpm: float | None = None
    max_bpm: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the user; what it does not say is as the watch has it."""

    name: str
    match: Match
    action: ActionKind | None = None
    to: str | None = None
    portable_names: bool | None = None
    name_limit: int | None = None
    max_per_folder: int | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """A program of the user that is run after certain events."""

    on: tuple[Event, ...]
    run: tuple[str, ...]  # the program and its arguments, with fields such as {path}
    name: str
    time_limit: float = 30.0  # seconds, after which it is ended


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """What the top level of the configuration sets for all watches, and each watch may set for itself.

    A new key of this kind is one field here, one line in config.example.toml, and its row in docs/configuration.md.
    """

    action: ActionKind = "move"
    layout: str = "{label}/{pack}/{name}"
    max_wrong: Share = 0.05
    unsure: str = LEAVE
    names: Names = "hint"
    context: bool = (
        True  # what the neighbors of a sound sound like is further evidence; their names say who they are
    )
    leave_link: bool = False
    projects: Projects = "leave"  # what to do with sounds inside a song, an instrument or a program
    portable_names: bool = False
    name_limit: NameLimit = 0  # bytes of a name in the library; 0: only what the disk takes
    max_per_folder: Count = 0  # sounds and folders in a folder of the library; 0: no limit


SHARED_KEYS: tuple[str, ...] = tuple(one.name for one in fields(FolderSettings))


@dataclass(frozen=True, slots=True)
class Watch(FolderSettings):
    """One watched folder with all settings that apply there: no caller needs the top level of the configuration."""

    folder: Path
    library: Path
    recursive: bool = True
    max_seconds: Length = 20.0
    archives: Archives = "unpack"
    exclude: Texts = ()
    poll: Poll = "auto"


@dataclass(frozen=True, slots=True)
class Ableton:
    """What is done for Ableton Live: the table `[ableton]`."""

    tags: bool = False  # Live's browser shows the labels of the sounds in the library
    keys: bool = False  # with `tags`: also the root notes of what rings


@dataclass(frozen=True, slots=True)
class Config(FolderSettings):
    """All settings of the user. `notes` are no mistakes, but worth a line at the start."""

    library: Path
    watches: tuple[Watch, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # label or type → folder
    rules: tuple[Rule, ...] = ()
    hooks: tuple[Hook, ...] = ()
    ableton: Ableton = Ableton()
    quiet: Quiet = 2.0  # seconds without a change before a file is complete
    rescan: Rescan = 60.0  # seconds between two scans of the whole tree
    workers: Workers = 0  # maximum of worker processes; 0: one less than there are cores
    max_share: Part = 1.0  # of the processors, on average
    disk_rate: Size = 50_000_000  # bytes per second for bulk work; 0: no limit
    min_free: Size = 1_000_000_000  # bytes that stay free on the library's disk
    duplicates: Duplicates = "keep"
    after_unpacking: AfterUnpacking = "keep"
    archive_files: EntryCount = 20_000  # an archive with more entries is left alone
    archive_size: Size = 20_000_000_000  # an archive with more bytes in it is left alone
    archive_ratio: EntryCount = 200  # an archive that would grow by more than this factor is left alone
    overwrite_tags: bool = False
    file_tags: bool = False  # file managers show the label of a filed sound
    keep_empty_folders: bool = False  # else a folder that a move has emptied is removed
    pause_while: Texts = ()  # while one of these programs runs, arrivals wait
    on_battery: OnBattery = "go"
    max_load: Load = 0.0  # load of other programs per core above which arrivals wait; 0: no limit
    learn_after: Count = 20  # new corrections before a model is trained; 0: only by command
    notify: bool = False  # a desktop notification for each batch
    notes: tuple[str, ...] = ()


def folder_settings(record: FolderSettings) -> dict[str, Any]:
    """Return the settings that a configuration and a watch both have, by name."""
    return {name: getattr(record, name) for name in SHARED_KEYS}


def require_watches(config: Config) -> tuple[Watch, ...]:
    """Return the watches; raises ConfigError if there are none, because `run` needs at least one."""
    if not config.watches:
        raise ConfigError(
            [
                'nothing to watch: add a [[watch]] with folder = "~/Downloads" to the configuration, or use `drumwatch sort`'
            ]
        )
    return config.watches


def watch_around(config: Config, path: Path) -> Watch | None:
    """Return the innermost watch that this file or folder is in, or None."""
    around = [watch for watch in config.watches if path.is_relative_to(watch.folder)]
    return max(around, key=lambda watch: len(watch.folder.parts), default=None)


def watch_for(
    config: Config, folder: Path, *, action: ActionKind | None = None, library: Path | None = None
) -> Watch:
    """Return the settings for a folder given to `sort`: those of the innermost watch around it, else of the top level."""
    if around := watch_around(config, folder):
        watch = replace(around, folder=folder, exclude=())
    else:
        watch = Watch(folder, config.library, **folder_settings(config))
    return replace(watch, action=action or watch.action, library=library or watch.library)


def needs_note(config: Config, watch: Watch) -> bool:
    """Return whether the place of a sound from this watch may depend on its root note."""
    layouts = [watch.layout, *(rule.to for rule in config.rules if rule.to)]
    return any(rule.match.note for rule in config.rules) or any("{note}" in layout for layout in layouts)


def label_for(kind: str, labels: Mapping[str, str]) -> str:
    """Return the label of a type, which the user may have changed: clap → snare, tom → toms."""
    if kind in LABELS or kind not in LABEL_OF_TYPE:
        return kind
    return labels.get(kind, LABEL_OF_TYPE[kind])


def folder_of(label: str, labels: Mapping[str, str]) -> str:
    """Return a label's folder in the library, which the user may have changed: kick → Drums/Kicks."""
    return label if label in LABEL_OF_TYPE and label not in LABELS else labels.get(label, label)
