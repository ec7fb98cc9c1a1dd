"""Ableton Live's tags for filed sounds: written once for each folder, and noted in the entry of each sound before.

While Live runs nothing is written, so a sound is filed first and gets its tags later; its entry says whether it has them.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from drumwatch.core.entry_detail import LiveTags
from drumwatch.filing import ableton_xmp, disk, folder_info, live_items
from drumwatch.filing.file_transfer import Transfer
from drumwatch.filing.folder_info import CannotTag, Writer, nothing_noted
from drumwatch.filing.live_items import At
from drumwatch.filing.live_keywords import keywords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from drumwatch.core.records import Entry
    from drumwatch.filing.ableton_xmp import FolderXmp
    from drumwatch.journal import Journal

LIVE = ("Ableton Live", "Ableton Index")  # programs that write the same files
FROM, OPEN = "live_tags_from", "live_tags_open"  # in the journal's state


@dataclass(slots=True)
class Outcome:
    """What became of some sounds: how many were written, in how many folders, and what was left alone, in sentences."""

    sounds: int = 0
    folders: int = 0
    problems: list[str] = field(default_factory=list)


class LiveTagger:
    """Writes and removes keywords for the sounds that the journal knows."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def begin(self) -> None:
        """Let the sounds that are filed from now on get tags, unless that has begun earlier."""
        if FROM not in self._journal.state.get():
            self._journal.state.set(**{FROM: self._journal.entries.newest_id()})

    def end(self) -> None:
        """Let no sound get tags by itself any more, because the user has turned that off."""
        if FROM in self._journal.state.get():
            self._journal.state.set(**{FROM: None})

    def pending(self) -> list[Entry]:
        """Return the sounds that were filed since it began and were not tagged yet."""
        since = self._journal.state.get().get(FROM)
        return [] if since is None else self.untagged(int(since))

    def untagged(self, after: int = 0) -> list[Entry]:
        """Return the sounds in the library that have no tags yet, with an id higher than this."""
        return list(self._journal.entries.without_live_tags(after))

    def tagged(self) -> list[Entry]:
        """Return the sounds in the library that have been given tags."""
        return [entry for entry in self._journal.entries.with_live_tags() if self._written(entry)]

    def write(self, entries: Iterable[Entry], labels: Mapping[str, str], *, keys: bool = False) -> Outcome:
        """Give these sounds their keywords, with `keys` also their root notes, as far as these were found.

        What is not understood whole is left alone, and tried again another time.
        """
        return self._by_folder(entries, lambda folder, some: self._write(folder, some, labels, keys=keys))

    def remove(self, entries: Iterable[Entry]) -> Outcome:
        """Take our keywords from these sounds, as far as they still stand; others stay."""
        outcome = self._by_folder(entries, self._remove)
        if FROM in self._journal.state.get():
            self._journal.state.set(**{FROM: self._journal.entries.newest_id()})
        return outcome

    def settle(self) -> None:
        """Settle what a crash has interrupted: sounds whose keywords were noted, and are not in the file, get them again."""
        ids = self._journal.state.get().get(OPEN)
        if not ids:
            return
        entries = [entry for number in ids if (entry := self._journal.entries.lookup(number))]
        for entry in entries[:1]:
            folder_info.settle(entry, entry.result_path.parent)
        with self._journal.transaction():
            for entry in entries:
                written = entry.detail.live_tags
                if written and not _stands(entry, written):
                    self._note(entry, None)
            self._journal.state.set(**{OPEN: None})

    # One folder

    def _by_folder(self, entries: Iterable[Entry], act: Callable[[disk.Folder, list[Entry]], int]) -> Outcome:
        outcome = Outcome()
        ordered = sorted(entries, key=lambda entry: (entry.result_path.parent, entry.id))
        for path, some in groupby(ordered, key=lambda entry: entry.result_path.parent):
            with self._journal.acting():
                there = [now for entry in some if (now := self._still_there(entry))]
                try:
                    with disk.opened_if_there(path) as folder:
                        done = act(folder, there) if folder and there else 0
                except CannotTag as exc:
                    outcome.problems.append(str(exc))
                except OSError:
                    outcome.problems.append(f"{path} cannot be read now: its sounds get their tags later.")
                else:
                    outcome.sounds, outcome.folders = outcome.sounds + done, outcome.folders + bool(done)
        return outcome

    def _still_there(self, entry: Entry) -> Entry | None:
        """Return the entry as it is now, or None if it was taken back meanwhile, or its sound is not there."""
        now = self._journal.entries.lookup(entry.id)
        return now if now and now.state == "done" and os.path.lexists(now.result_path) else None

    def _write(
        self, folder: disk.Folder, entries: Sequence[Entry], labels: Mapping[str, str], *, keys: bool
    ) -> int:
        self._bring_items(folder, entries)
        entries = [self._journal.entries.get(entry.id) for entry in entries]
        ours = {entry.id: self._ours_before(entry) for entry in entries}
        done: dict[int, LiveTags] = {}

        def change(xmp: FolderXmp) -> FolderXmp:
            for entry in entries:
                name, wanted = entry.result_path.name, _wanted(entry, labels, keys=keys)
                if ableton_xmp.can_be_named(name):
                    xmp, done[entry.id] = ableton_xmp.tagged(xmp, name, wanted, ours[entry.id])
            return xmp

        with self._noted(entries, done) as writer:
            writer.rewrite(folder, change, make=True)
        return sum(tags != LiveTags() for tags in done.values())

    def _remove(self, folder: disk.Folder, entries: Sequence[Entry]) -> int:
        chains = {entry.id: [entry, *self._earlier(entry)] for entry in entries}

        def change(xmp: FolderXmp) -> FolderXmp:
            for entry in entries:
                for one in chains[entry.id]:
                    if one.detail.live_tags:
                        xmp = ableton_xmp.untagged(xmp, entry.result_path.name, one.detail.live_tags)
            return xmp

        Writer(entries[0].id, Transfer(), nothing_noted).rewrite(folder, change)
        with self._journal.transaction():
            for chain in chains.values():
                for one in chain:
                    self._note(one, None)
        return len(entries)

    @contextlib.contextmanager
    def _noted(self, entries: Sequence[Entry], done: Mapping[int, LiveTags]) -> Iterator[Writer]:
        """Note in each entry what is written, before it is, and take the notes back if nothing was."""
        ids = [entry.id for entry in entries]

        def announce(hashes: tuple[str, ...]) -> None:
            with self._journal.transaction():
                for entry in entries:
                    self._note(entry, done.get(entry.id, LiveTags()), hashes if entry.id == ids[0] else ())
                self._journal.state.set(**{OPEN: ids})

        transfer = Transfer()
        try:
            yield Writer(ids[0], transfer, announce)
        except (CannotTag, OSError):
            with self._journal.transaction():
                for entry in entries:
                    self._note(entry, None)
                self._journal.state.set(**{OPEN: None})
            raise
        finally:
            self._journal.state.note_leftovers(transfer.leftovers)
        with self._journal.transaction():
            for entry in entries:
                self._note(entry, done.get(entry.id, LiveTags()))
            self._journal.state.set(**{OPEN: None})

    def _note(self, entry: Entry, tags: LiveTags | None, hashes: tuple[str, ...] = ()) -> None:
        detail = self._journal.entries.get(entry.id).detail
        self._journal.entries.finish(
            entry.id,
            "done",
            reason="",
            error=entry.error,
            detail=replace(detail, live_tags=tags, live_hashes=hashes),
        )

    def _bring_items(self, folder: disk.Folder, entries: Sequence[Entry]) -> None:
        """Bring along what Live knows of sounds that the user has moved here without Live."""
        for entry in entries:
            old, new = entry.source, entry.result_path
            if (
                entry.action != "move"
                or entry.detail.live_item
                or os.path.lexists(old)
                or old.parent == new.parent
            ):
                continue
            with disk.opened_if_there(old.parent) as old_folder:
                if old_folder is None:
                    continue
                item, _ = live_items.beside(At(old_folder, old.name))
                if item is None:
                    continue
                detail = replace(entry.detail, live_item=item)
                self._journal.entries.finish(entry.id, "done", error=entry.error, detail=detail)
                writer = Writer(entry.id, Transfer(), nothing_noted)
                live_items.move_along(At(old_folder, old.name), At(folder, new.name), writer)

    # What we have written before

    def _earlier(self, entry: Entry) -> Iterator[Entry]:
        """Yield the entries by which the sound came to where this one has found it, the latest first."""
        while before := self._journal.entries.latest_into(entry.source, before=entry.id):
            yield before
            entry = before

    def _ours_before(self, entry: Entry) -> tuple[str, ...]:
        ours: list[str] = []
        for one in reversed(list(self._earlier(entry))):
            if tags := one.detail.live_tags:
                gone = {ableton_xmp.word_of(block) for _, block in tags.removed}
                ours = [word for word in ours if word not in gone] + list(tags.added)
        return tuple(ours)

    def _written(self, entry: Entry) -> bool:
        chain = (entry, *self._earlier(entry))
        return any(one.detail.live_tags not in (None, LiveTags()) for one in chain)


def running_sentence(count: int) -> str:
    """Return what to say while Live runs and this many sounds wait for their tags."""
    sounds = "1 sound gets its tags" if count == 1 else f"{count:,} sounds get their tags"
    return f"Ableton Live is running: {sounds} when it has ended."


def written_sentence(outcome: Outcome) -> str:
    """Return what was written, for the log."""
    sounds = "1 sound has" if outcome.sounds == 1 else f"{outcome.sounds:,} sounds have"
    where = "1 folder" if outcome.folders == 1 else f"{outcome.folders:,} folders"
    return f"{sounds} tags in Ableton Live now, in {where}."


def _wanted(entry: Entry, labels: Mapping[str, str], *, keys: bool) -> tuple[str, ...]:
    if entry.verdict is None:
        return ()
    return keywords(entry.label, entry.type, entry.confidence, entry.verdict, labels, keys=keys)


def _stands(entry: Entry, tags: LiveTags) -> bool:
    """Return whether what was noted is in the file."""
    try:
        with disk.opened_if_there(entry.result_path.parent) as folder:
            xmp = folder_info.look(folder) if folder else None
    except (CannotTag, OSError):
        return True
    there = ableton_xmp.keywords_of(xmp, entry.result_path.name) if xmp else ()
    return set(tags.added) <= set(there)
