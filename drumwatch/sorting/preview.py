"""Shows what `sort` would do: the plan that it asks about, and for `--dry-run` also the tree of the files in their places."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import click

from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.core.outcomes import UNSURE_RULE, why_alone
from drumwatch.core.records import FILING, LABELS
from drumwatch.core.screen_width import fit
from drumwatch.filing.actions.registry import HANDLERS
from drumwatch.intake.arrivals import is_archive
from drumwatch.packs.projects import shown_count
from drumwatch.pipeline import WITH_PACK
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.planner import LEFT_WHOLE
from drumwatch.sorting.tree import Trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.sorting.planner import Item
    from drumwatch.sorting.sorter import Done, LeftWhole

MANY_FILES = 200  # the most files that are moved without a question
MANY_PACKS = 1
PACKS_SHOWN = 10
PROJECTS_SHOWN = 5
LIBRARIES_NAMED = 2
ALONG = "beside the sounds: documents, artwork, presets"
KEPT = "with a pack that is kept whole, for the instruments in it"
CANNOT_BE_UNPACKED, NO_SOUND = "cannot be unpacked", "no sound in it"
CANNOT_BE_ANALYZED = "could not be heard"
ARCHIVES = "archives, put away when they are empty"
VERBS = {kind: handler.words.counted for kind, handler in HANDLERS.items() if handler.words.counted}


class Plan:
    """Counts what a dry run would do; its memory grows with the number of packs and folders, not of files."""

    def __init__(self) -> None:
        self._verbs: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._staying: Counter[str] = Counter()
        self._packs: Counter[tuple[int, str]] = Counter()  # by batch and name; single files have no name
        self._moving_packs: set[int] = set()
        self._folders: set[int] = set()  # hashes of the folders that something is moved out of
        self._libraries: set[Path] = set()
        self._left_whole: list[LeftWhole] = []

    @property
    def moves(self) -> int:
        """How many files would be moved."""
        return self._verbs["moved"]

    @property
    def packs(self) -> int:
        """How many packs would have files moved out of them."""
        return len(self._moving_packs)

    @property
    def is_much(self) -> bool:
        """Whether so much would be moved that the user is asked first."""
        return self.moves > MANY_FILES or self.packs > MANY_PACKS

    @property
    def to_move(self) -> str:
        """The number of files and packs, as in "2,312 files of 41 packs"."""
        return count_of(self.moves, "file") + (f" of {count_of(self.packs, 'pack')}" if self.packs else "")

    @property
    def libraries(self) -> str:
        """The libraries that the files would go to, by name where they are few."""
        if len(self._libraries) > LIBRARIES_NAMED:
            return f"{len(self._libraries)} libraries"
        return " and ".join(sorted(home_short(library) for library in self._libraries))

    def add(self, done: Done) -> None:
        """Count one result; projects and what is in them are listed by name, apart from other files."""
        self._left_whole += done.left_whole
        if isinstance(done.result, Left):
            if done.result.why != LEFT_WHOLE:
                self._staying[done.result.why] += 1  # an entry beside it would be about the whole pack
            return
        if done.archive and not done.item.closes:
            self._staying[CANNOT_BE_UNPACKED if done.archive.has_sounds else NO_SOUND] += 1
            return
        for entry in done.entries:
            if entry.is_project:
                continue
            if entry.state == "failed" or entry.action not in VERBS:
                self._staying[_why_it_stays(entry, done.item)] += 1
            else:
                self._add_sorted(entry, done.item)
        if not (done.entries or done.item.closes):
            self._staying[CANNOT_BE_ANALYZED] += 1  # an earlier entry has the reason

    def _add_sorted(self, entry: Entry, item: Item) -> None:
        self._verbs[VERBS[entry.action]] += 1
        self._labels[_goes_to(entry, item)] += 1
        self._packs[entry.batch, entry.pack] += 1
        if entry.action in FILING:
            self._libraries.add(item.watch.library)
        if entry.action == "move":
            self._folders.add(hash(str(entry.source.parent)))
            if entry.pack:
                self._moving_packs.add(entry.batch)

    def lines(self, width: int = 80) -> Iterator[str]:
        """Give the lines of the plan for a terminal of this width."""
        yield self._headline()
        yield from _rows(self._in_order(), width)
        if named := [(name, count) for (_, name), count in self._packs.most_common() if name]:
            single = sum(self._packs.values()) - sum(count for _, count in named)
            besides = f" and {count_of(single, 'single file')}" if single else ""
            yield f"From {count_of(len(named), 'pack')}{besides}:"
            yield from _rows(_largest(named), width)
        if self._staying:
            yield "Not filed:"
            yield from _rows(self._staying.most_common(), width)
        if self._left_whole:
            yield "Left whole:"
            yield from (f"  {fit(line, width - 2)}" for line in _projects(self._left_whole))

    def show(self, *, err: bool = False) -> None:
        """Print the plan."""
        for line in self.lines(shutil.get_terminal_size().columns):
            click.echo(line, err=err)

    def _headline(self) -> str:
        if not self._verbs:
            return "Nothing would be moved or copied."
        parts: list[str] = []
        for verb in dict.fromkeys(VERBS.values()):
            if count := self._verbs[verb]:
                part = f"{count:,} {verb}" if parts else f"{count_of(count, 'file')} would be {verb}"
                parts.append(part + (f" out of {count_of(len(self._folders), 'folder')}" * (verb == "moved")))
        into = f" into {self.libraries}" if self._libraries else " in place"
        return f"{', '.join(parts)}{into}:"

    def _in_order(self) -> Iterator[tuple[str, int]]:
        last = (KEPT, ALONG, ARCHIVES)
        own = sorted(self._labels.keys() - {*LABELS, *last})
        return ((label, self._labels[label]) for label in (*LABELS, *own, *last) if self._labels[label])


class Preview:
    """The plan, and the tree of the files in their new places: folded, unless it is to be shown open."""

    def __init__(self, *, is_open: bool = True) -> None:
        self._plan, self._trees, self._is_open = Plan(), Trees(), is_open

    def add(self, done: Done) -> None:
        """Count one result."""
        self._plan.add(done)
        for entry in done.entries:
            if entry.state != "failed" and entry.action != "leave" and entry.destination:
                self._trees.add(done.item.watch.library, entry.destination, entry.pack)

    def lines(self, width: int = 80) -> Iterator[str]:
        """Give the lines of both, the plan first."""
        yield from self._plan.lines(width)
        yield ""
        if self._is_open:
            yield from self._trees.lines()
        elif folded := list(self._trees.folded(width)):
            yield from folded
            yield "`-v` shows the folders and files."

    def show(self) -> None:
        """Print both."""
        for line in self.lines(shutil.get_terminal_size().columns):
            click.echo(line)


def _goes_to(entry: Entry, item: Item) -> str:
    if entry.is_kept_whole:
        return KEPT
    if entry.rule == WITH_PACK:
        return ARCHIVES if entry.source == item.arrival.path else ALONG
    return "unsure" if entry.rule == "unsure" else entry.label


def _why_it_stays(entry: Entry, item: Item) -> str:
    if entry.state == "failed":
        if item.closes:
            return "cannot be taken out of an archive"
        return CANNOT_BE_UNPACKED if is_archive(entry.source.name) else CANNOT_BE_ANALYZED
    if entry.rule == "too long":
        return f"left alone: longer than {item.watch.max_seconds:g} s"
    return "unsure" if entry.rule == UNSURE_RULE else f"left alone: {why_alone(entry.rule)}"


def _largest(packs: Sequence[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The packs with the most files; the others in one row."""
    shown = packs if len(packs) <= PACKS_SHOWN else packs[: PACKS_SHOWN - 1]
    yield from shown
    if others := [count for _, count in packs[len(shown) :]]:
        yield f"… and {count_of(len(others), 'more pack')}", sum(others)


def _projects(left_whole: Sequence[LeftWhole]) -> Iterator[str]:
    """The projects with the most sounds; the others in one line."""
    ordered = sorted(left_whole, key=lambda one: (-one.sounds, one.place))
    shown = ordered if len(ordered) <= PROJECTS_SHOWN else ordered[: PROJECTS_SHOWN - 1]
    for one in shown:
        yield printable(f"{one.place.name} ({one.name}, {shown_count(one.sounds)})")
    if others := ordered[len(shown) :]:
        sounds = sum(one.sounds for one in others)
        yield f"… and {len(others):,} more, with {count_of(sounds, 'sound')}"


def _rows(counts: Iterable[tuple[str, int]], width: int) -> Iterator[str]:
    rows = [(f"{count:,}", printable(what)) for what, count in counts]
    wide = max((len(count) for count, _ in rows), default=0)
    for count, what in rows:
        yield f"  {count:>{wide}}  {fit(what, width - wide - 4)}"
