"""The folder as teacher: a filed sound that the user has dragged into another label's folder is a word of theirs."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import folder_of
from drumwatch.core.entry_detail import EntryDetail
from drumwatch.core.formatting import home_short
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, OWN_LABEL_PATTERN, PACKS
from drumwatch.filing.describe import as_sentence
from drumwatch.filing.held_file import content_hash
from drumwatch.intake.stability import stamp_of
from drumwatch.journal import Confirmation, Plan
from drumwatch.learning.folder_mtimes import FolderMtimes
from drumwatch.learning.training_request import ENOUGH_FOR_A_CLASS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from drumwatch.config import Config
    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal

BY_YOU = "moved by you"
LOOKS = 3  # what is still missing after so many is gone for us: libraries are searched again when something else is missing
MANY = 4  # sounds that went the same way are told in one line


class Moved(NamedTuple):
    """A sound that is not where the journal has it, and where it was found."""

    entry: Entry
    path: Path


class FolderCorrections:
    """Looks where filed sounds have gone, and follows them; remembers only what it has looked for in vain."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._stillness = FolderMtimes()
        self._in_vain: set[int] = set()
        self._looks = LOOKS

    def learn(self, journal: Journal, config: Config) -> list[Entry]:
        """Corrects the journal where the user has moved filed sounds; returns an entry for each, which can be undone.

        Another label's folder is a confirmed label, and a folder that twenty sounds were moved into is a class of the user's own. A
        rename within a label teaches nothing, and neither does a folder that stands for none, or what is gone.
        """
        if self._looks >= LOOKS and self._stillness.holds(journal):
            return []
        with journal.acting():
            placed = self._stillness.seen(journal, journal.entries.placed())
            missing = [journal.entries.get(number) for number, path in placed if not os.path.lexists(path)]
            if not self._worth_a_search({entry.id for entry in missing}):
                return []
            moved = list(_found_again(missing, journal, config))
            meaning = Meaning(
                config, {word.label for word in journal.confirmations.all()} | _classes(moved, config)
            )
            with journal.transaction():
                return [_write_down(one, meaning, journal, self._clock()) for one in moved]

    def _worth_a_search(self, missing: set[int]) -> bool:
        """A drag to another disk takes a while, so one look is not enough; but what was deleted is not looked for for ever."""
        self._looks = self._looks + 1 if missing <= self._in_vain else 1
        self._in_vain = missing
        return bool(missing) and self._looks <= LOOKS


class Meaning:
    """Which label a place in a library stands for, by the name of the folder that the layout gives to labels."""

    def __init__(self, config: Config, said: set[str]) -> None:
        words = [*LABELS, *LABEL_OF_TYPE, *config.labels.values(), *said]
        self._labels = {folder_of(word, config.labels).casefold(): word for word in reversed(words)}
        self._depths = {
            library: sorted({_depth_of_label(layout) for at, layout in _layouts(config) if at == library})
            for library in _libraries(config)
        }

    def of(self, path: Path) -> str:
        """The label, or nothing: outside of the libraries, and in folders of other kinds."""
        for library, depths in self._depths.items():
            if path.is_relative_to(library / PACKS):
                return ""
            if path.is_relative_to(library):
                folders = path.relative_to(library).parts[:-1]
                found = (self._labels.get(folders[at].casefold(), "") for at in depths if at < len(folders))
                return next((label for label in found if label), "")
        return ""


def _classes(moved: Sequence[Moved], config: Config) -> set[str]:
    """Folders of the library's own top that many sounds were gathered in; one that was only renamed leaves none behind."""
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
    """What was learned, for the log: a folder that was renamed is one line, however much is in it."""
    for (old, new, reason), group in groupby(sorted(entries, key=_way), key=_way):
        some = list(group)
        if len(some) < MANY:
            yield from map(as_sentence, some)
        else:
            yield f"{len(some)} sounds went from {home_short(old)} to {home_short(new)} ({reason})"


def _way(entry: Entry) -> tuple[Path, Path, str]:
    return *_renamed(entry.source.parent, entry.result_path.parent), entry.reason


def _renamed(old: Path, new: Path) -> tuple[Path, Path]:
    """What was moved, where all that lay below it came along: percussion/Pack to Perc/Pack is percussion to Perc."""
    while old.name == new.name and old.parent != new.parent:
        old, new = old.parent, new.parent
    return old, new


def _libraries(config: Config) -> list[Path]:
    return sorted({config.library, *(watch.library for watch in config.watches)})


def _layouts(config: Config) -> Iterator[tuple[Path, str]]:
    yield config.library, config.layout
    yield from ((watch.library, watch.layout) for watch in config.watches)


def _depth_of_label(layout: str) -> int:
    """How deep below the library the label's folder lies: 0 for {label}/{pack}/{name}."""
    parts = layout.split("/")
    return next((at for at, part in enumerate(parts) if part in ("{label}", "{type}")), 0)


def _found_again(missing: Sequence[Entry], journal: Journal, config: Config) -> Iterator[Moved]:
    """Each missing sound at its new place, known by its bytes; what may be either of two is nobody's word."""
    sizes = {entry.stamp.size_bytes for entry in missing if entry.stamp}
    lost: dict[str, list[Entry]] = {}
    for entry in missing:
        lost.setdefault(_mark_of(entry), []).append(entry)
    found: dict[str, list[Path]] = {}
    for path in _files(config):
        if (mark := _mark_at(path, sizes)) in lost and not journal.entries.has_placed(path):
            found.setdefault(mark, []).append(path)
    for mark, places in found.items():
        if len(places) == len(lost[mark]):
            by_name = zip(sorted(lost[mark], key=lambda one: one.location.name), sorted(places), strict=True)
            yield from (Moved(entry, path) for entry, path in by_name)


def _files(config: Config) -> Iterator[Path]:
    """Every file and link of the libraries, but for packs that lie there whole; hidden folders are ours or the system's."""
    for library in _libraries(config):
        for folder, subfolders, files in os.walk(library):
            subfolders[:] = [
                name
                for name in subfolders
                if not name.startswith(".") and Path(folder) / name != library / PACKS
            ]
            yield from (Path(folder) / file for file in files)


def _mark_of(entry: Entry) -> str:
    """By what it is known again: its bytes, or, of a link, what it points to."""
    return f"-> {entry.source}" if entry.action == "symlink" else entry.content_hash


def _mark_at(path: Path, sizes: set[int]) -> str:
    """The same of what lies there; only what has the size of a missing sound is read."""
    if path.is_symlink():
        return f"-> {os.readlink(path)}"
    mark = stamp_of(path)
    return content_hash(path) if mark and mark.size_bytes in sizes else ""


def _write_down(moved: Moved, meaning: Meaning, journal: Journal, now: float) -> Entry:
    """A link stays a link to the same sound; anything else is a move by the user."""
    entry, path = moved
    is_link = entry.action == "symlink"
    old = entry.result_path
    label, teaches, why = _lesson(
        entry, meaning.of(old), meaning.of(path), _renamed(old.parent, path.parent)[1].name
    )
    plan = Plan(
        entry.batch,
        entry.source if is_link else old,
        path,
        "symlink" if is_link else "move",
        BY_YOU,
        why,
        label=label,
        type=entry.type if label == entry.label else label,
        confidence=1.0 if teaches else entry.confidence,
        verdict=entry.verdict,
        content_hash=entry.content_hash,
        stamp=entry.stamp if is_link else stamp_of(path),
        state="done",
    )
    number = journal.entries.plan(plan, now)
    if is_link:
        journal.entries.finish(number, "done", detail=EntryDetail(link_was=old))
    if teaches:
        said = entry.verdict.label if entry.verdict else ""
        journal.confirmations.add(
            Confirmation(now, entry.content_hash, label, "folder", path, said, entry.pack, number)
        )
    return journal.entries.get(number)


def _lesson(entry: Entry, old: str, new: str, folder: str) -> tuple[str, bool, str]:
    """The label from now on, whether that is a word of the user's, and what happened in words.

    `old` and `new` are what the folders stand for. A folder that is renamed there and back again has said nothing.
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
    return entry.label, False, "you gave it another place in the same label"
