"""Learn from moves in the library: a filed sound that the user moved into another label's folder is a correction."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.formatting import home_short
from drumwatch.core.records import (
    KITS,
    LABEL_OF_TYPE,
    LABELS,
    MOVED_BY_USER,
    OWN_LABEL_PATTERN,
    PACKS,
    WRONG_FOLDER,
)
from drumwatch.filing.describe import as_sentence
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.naming import limited, without_number
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Confirmation, Plan
from drumwatch.learning.folder_mtimes import FolderMtimes
from drumwatch.learning.training_request import ENOUGH_FOR_A_CLASS, label_to_keep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from drumwatch.config import Config
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal

MOST_SEARCHES = (
    3  # for the same missing sounds; then the libraries are searched again only if other sounds are missing
)
MANY = 4  # sounds with the same move are summarized in one line


class Moved(NamedTuple):
    """A sound that is not at its path in the journal, and the path at which it was found."""

    entry: Entry
    path: Path


class FolderCorrections:
    """Finds filed sounds that the user has moved, and records the moves in the journal; missing sounds are searched a few times."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._mtimes = FolderMtimes()
        self._not_found: set[int] = set()
        self._searches = MOST_SEARCHES

    def learn(self, journal: Journal, config: Config) -> list[Entry]:
        """Record the user's moves of filed sounds in the journal; return an entry for each, which can be undone.

        A move into another label's folder is a correction, and a folder with twenty moved sounds becomes a class of the user's own. Nothing
        is learned from a rename within a label, a move to a folder without a label, or a deleted sound.
        """
        if self._searches >= MOST_SEARCHES and self._mtimes.unchanged(journal):
            return []
        with journal.acting():
            placed = self._mtimes.record(journal, journal.entries.placed())
            missing = [journal.entries.get(number) for number, path in placed if not os.path.lexists(path)]
            if not self._worth_a_search({entry.id for entry in missing}):
                return []
            moved = list(_located(missing, journal, config))
            named = {one.label for one in journal.confirmations.all()} | journal.adopted.labels()
            known = FolderLabels(config, named)
            own = {name for name in _classes(moved, config) if not known.label_named((name,))}
            labels = FolderLabels(config, named | own)
            with journal.transaction():
                return [_record(one, labels, journal, config, self._clock()) for one in moved]

    def _worth_a_search(self, missing: set[int]) -> bool:
        """Return whether to search for these sounds: several times, because a move to another disk takes time, but not without end."""
        self._searches = self._searches + 1 if missing <= self._not_found else 1
        self._not_found = missing
        return bool(missing) and self._searches <= MOST_SEARCHES


class FolderLabels:
    """The labels of the folders in the libraries, by the layout and the folder names."""

    def __init__(self, config: Config, confirmed: set[str]) -> None:
        renamed = (label_for(kind, config.labels) for kind in config.labels)
        labels = [*LABELS, *LABEL_OF_TYPE, *renamed, *confirmed]
        self._labels = {
            tuple(
                limited(name, limit).casefold() for name in folder_of(label, config.labels).split("/")
            ): label
            for limit in _name_limits(config)
            for label in reversed(labels)
        }
        self._longest = max(map(len, self._labels))  # folders in the path of one label
        self._depths = {
            library: sorted({_depth_of_label(layout) for at, layout in _layouts(config) if at == library})
            for library in _libraries(config)
        }

    def label_of(self, path: Path) -> str:
        """Return the label of the folder around a path; empty outside of the libraries and in other folders."""
        for library, depths in self._depths.items():
            if any(path.is_relative_to(library / folder) for folder in (PACKS, KITS)):
                return ""
            if path.is_relative_to(library):
                folders = path.relative_to(library).parts[:-1]
                found = (self.label_named(folders[at:]) for at in depths if at < len(folders))
                return next((label for label in found if label), "")
        return ""

    def label_named(self, folders: tuple[str, ...]) -> str:
        """Return the label of the deepest folder that these begin with: of Hats/Closed before that of Hats.

        `kick 2` is kick, where a full folder was followed by another.
        """
        whole = tuple(name.casefold() for name in folders)
        without_numbers = tuple(without_number(name).casefold() for name in folders)
        depths = range(self._longest, 0, -1)
        beginnings = (names[:depth] for depth in depths for names in (whole, without_numbers))
        return next((self._labels[names] for names in beginnings if names in self._labels), "")


def _classes(moved: Sequence[Moved], config: Config) -> set[str]:
    """Return the names of top folders of a library into which many sounds were moved; a renamed folder does not count."""
    gathered = Counter(
        path.relative_to(library).parts[0]
        for entry, path in moved
        for library in _libraries(config)
        if path.is_relative_to(library) and path.parent != library and entry.location.parent.is_dir()
    )
    unsure = {config.unsure, *(watch.unsure for watch in config.watches)}
    return {
        name
        for name, count in gathered.items()
        if count >= ENOUGH_FOR_A_CLASS
        and re.fullmatch(OWN_LABEL_PATTERN, name)
        and name[0] != "_"
        and name not in unsure
    }


def summaries(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the log lines about these moves; a renamed folder is one line, however many sounds are in it."""
    for (old, new, reason), group in groupby(sorted(entries, key=_movement), key=_movement):
        some = list(group)
        if len(some) < MANY:
            yield from map(as_sentence, some)
        else:
            yield f"{len(some)} sounds went from {home_short(old)} to {home_short(new)} ({reason})"


def _movement(entry: Entry) -> tuple[Path, Path, str]:
    return *_renamed(entry.source.parent, entry.result_path.parent), entry.reason


def _renamed(old: Path, new: Path) -> tuple[Path, Path]:
    """Return the topmost renamed folder, old and new: percussion/Pack to Perc/Pack is percussion to Perc."""
    while old.name == new.name and old.parent != new.parent:
        old, new = old.parent, new.parent
    return old, new


def _libraries(config: Config) -> list[Path]:
    return sorted({config.library, *(watch.library for watch in config.watches)})


def _layouts(config: Config) -> Iterator[tuple[Path, str]]:
    yield config.library, config.layout
    yield from ((watch.library, watch.layout) for watch in config.watches)


def _name_limits(config: Config) -> list[int]:
    """Return the limits that a label's folder may have been cut to; the last is none, whose names have precedence."""
    limits = {config.name_limit, *(watch.name_limit for watch in config.watches)}
    limits |= {rule.name_limit or 0 for rule in config.rules}
    return [*sorted(limits - {0}), 0]


def _depth_of_label(layout: str) -> int:
    """Return the depth of the label's folder in the layout: 0 for {label}/{pack}/{name}."""
    parts = layout.split("/")
    return next((at for at, part in enumerate(parts) if part in ("{label}", "{type}")), 0)


def _located(missing: Sequence[Entry], journal: Journal, config: Config) -> Iterator[Moved]:
    """Yield each missing sound with its new path, identified by its bytes; sounds with several possible paths are left out."""
    sizes = {entry.stamp.size_bytes for entry in missing if entry.stamp}
    lost: dict[str, list[Entry]] = {}
    for entry in missing:
        lost.setdefault(_identity_of(entry), []).append(entry)
    found: dict[str, list[Path]] = {}
    for path in _files(config):
        if (identity := _identity_at(path, sizes)) in lost and not journal.entries.has_placed(path):
            found.setdefault(identity, []).append(path)
    for identity, places in found.items():
        if len(places) == len(lost[identity]):
            by_name = zip(
                sorted(lost[identity], key=lambda one: one.location.name), sorted(places), strict=True
            )
            yield from (Moved(entry, path) for entry, path in by_name)


def _files(config: Config) -> Iterator[Path]:
    """Yield every file and link of the libraries, except in packs that are kept whole, in kits and in hidden folders."""
    for library in _libraries(config):
        for folder, subfolders, files in os.walk(library):
            subfolders[:] = [
                name
                for name in subfolders
                if not name.startswith(".") and Path(folder) / name not in (library / PACKS, library / KITS)
            ]
            yield from (Path(folder) / file for file in files)


def _identity_of(entry: Entry) -> str:
    """Return what identifies a filed sound: the hash of its bytes or, for a link, its target."""
    return f"-> {entry.source}" if entry.action == "symlink" else entry.content_hash


def _identity_at(path: Path, sizes: set[int]) -> str:
    """Return the identity of the file at this path; it is only read if it has the size of a missing sound."""
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    stamp = stamp_of(path)
    return content_hash(path) if stamp and stamp.size_bytes in sizes else ""


def _record(moved: Moved, labels: FolderLabels, journal: Journal, config: Config, now: float) -> Entry:
    """Record a move by the user in the journal, with its confirmation; a moved link stays a link to the same sound."""
    entry, path = moved
    is_link = entry.action == "symlink"
    old = entry.result_path
    label, is_correction, why = _interpretation(
        entry, labels.label_of(old), labels.label_of(path), _renamed(old.parent, path.parent)[1].name
    )
    plan = Plan(
        entry.batch,
        entry.source if is_link else old,
        path,
        "symlink" if is_link else "move",
        MOVED_BY_USER,
        why,
        label=label,
        type=entry.type if label == entry.label else label,
        confidence=1.0 if is_correction else entry.confidence,
        verdict=entry.verdict,
        content_hash=entry.content_hash,
        stamp=entry.stamp if is_link else stamp_of(path),
        state="done",
    )
    number = journal.entries.plan(plan, now)
    if is_link:
        journal.entries.finish(number, "done", detail=EntryDetail(link_was=old))
    if is_correction:
        predicted = entry.verdict.label if entry.verdict else ""
        kept = label_to_keep(label, config.labels)
        journal.confirmations.add(
            Confirmation(now, entry.content_hash, kept, "folder", path, predicted, entry.pack, number)
        )
    return journal.entries.get(number)


def _interpretation(entry: Entry, old: str, new: str, folder: str) -> tuple[str, bool, str]:
    """Return the label from now on, whether the move is a correction, and the reason for the journal.

    `old` and `new` are the labels of the folders. A folder that is renamed and renamed back is no correction.
    """
    if not new:
        return (
            entry.label,
            False,
            f"you moved it to {folder}, which stands for no label: nothing was learned",
        )
    back_again = not old and new == entry.label and entry.action != "leave"
    if entry.rule == "unsure" or (new != old and not back_again):
        return new, True, f"you put it into {new}"
    label = new if entry.rule == WRONG_FOLDER else entry.label  # which is only what such a sound seemed to be
    return label, False, "you gave it another place in the same label"
