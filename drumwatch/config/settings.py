"""The settings as the rest of the program meets them: frozen, absolute, each watch complete in itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from drumwatch.core.errors import ConfigError
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, ActionKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
    """What a rule asks of a file: every key that is given must hold, and one word of each list is enough."""

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


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the user's; without `action` or `to` the watch's own action and layout hold."""

    name: str
    match: Match
    action: ActionKind | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """One watched folder with everything that holds there: nobody needs to look at the top level any more."""

    folder: Path
    library: Path
    recursive: bool = True
    max_seconds: float = 20.0
    archives: Archives = "unpack"
    exclude: tuple[str, ...] = ()
    poll: Poll = "auto"
    action: ActionKind = "move"
    layout: str = "{label}/{pack}/{name}"
    max_wrong: float = 0.05
    unsure: str = LEAVE
    names: Names = "hint"
    leave_link: bool = False
    projects: Projects = "leave"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the user settled. `notes` are not mistakes, but worth a line at the start."""

    library: Path
    action: ActionKind = "move"
    layout: str = "{label}/{pack}/{name}"
    max_wrong: float = 0.05
    unsure: str = LEAVE
    names: Names = "hint"
    leave_link: bool = False
    projects: Projects = (
        "leave"  # what becomes of sounds that belong to somebody's song, instrument or program
    )
    watches: tuple[Watch, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # label or type → folder
    rules: tuple[Rule, ...] = ()
    quiet: float = 2.0  # seconds without a change before a file counts as whole
    rescan: float = 60.0  # seconds between two looks at the whole tree
    workers: int = 0  # worker processes at most; 0: one less than there are cores
    max_share: float = 1.0  # of the processors, on the average
    disk_rate: int = 50_000_000  # bytes per second for bulk work; 0: as fast as it goes
    min_free: int = 1_000_000_000  # bytes that stay free on the library's disk
    duplicates: Duplicates = "keep"
    after_unpacking: AfterUnpacking = "keep"
    archive_files: int = 20_000  # an archive with more entries is left alone
    archive_size: int = 20_000_000_000  # and one that holds more bytes
    archive_ratio: int = 200  # and one that swells to more than so many times its size
    overwrite_tags: bool = False
    portable_names: bool = False
    keep_empty_folders: bool = False  # else a folder that our own move has emptied is removed
    pause_while: tuple[str, ...] = ()  # programs that arrivals wait for
    on_battery: OnBattery = "go"
    max_load: float = 0.0  # load of others per core above which arrivals wait; 0: never mind
    learn_after: int = 20  # newly named sounds that are worth a new model; 0: only when asked
    notify: bool = False  # a word on the desktop for each batch
    notes: tuple[str, ...] = ()


def require_watches(config: Config) -> tuple[Watch, ...]:
    """The watches, of which `run` needs at least one."""
    if not config.watches:
        raise ConfigError(
            [
                'nothing to watch: add a [[watch]] with folder = "~/Downloads" to the configuration, or use `drumwatch sort`'
            ]
        )
    return config.watches


def watch_around(config: Config, path: Path) -> Watch | None:
    """The nearest watch that this file or folder is in."""
    around = [watch for watch in config.watches if path.is_relative_to(watch.folder)]
    return max(around, key=lambda watch: len(watch.folder.parts), default=None)


def watch_for(
    config: Config, folder: Path, *, action: ActionKind | None = None, library: Path | None = None
) -> Watch:
    """The settings for a folder given to `sort`: those of the nearest watch around it, else the top level's."""
    if around := watch_around(config, folder):
        watch = replace(around, folder=folder, exclude=())
    else:
        watch = Watch(
            folder=folder,
            library=config.library,
            action=config.action,
            layout=config.layout,
            max_wrong=config.max_wrong,
            unsure=config.unsure,
            names=config.names,
            leave_link=config.leave_link,
            projects=config.projects,
        )
    return replace(watch, action=action or watch.action, library=library or watch.library)


def label_for(kind: str, labels: Mapping[str, str]) -> str:
    """The label that a type counts for, where the user may have sent it: clap → snare, tom → toms."""
    if kind in LABELS:
        return kind
    return labels.get(kind, LABEL_OF_TYPE.get(kind, kind))


def folder_of(label: str, labels: Mapping[str, str]) -> str:
    """The folder's name for a label, which the user may have renamed: kick → Kicks."""
    return labels.get(label, label) if label in LABELS else label
