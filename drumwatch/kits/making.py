"""Put the chosen sounds into the folder of a kit: each file is journaled before it is made, and `drumwatch undo` takes it out again."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.core.errors import ActionFailed, DiskUnavailable
from drumwatch.core.records import CONVERT, KIT, Action
from drumwatch.filing.actions.handler import ActionRun
from drumwatch.filing.actions.registry import handler_of
from drumwatch.filing.disk import folder_status, opened
from drumwatch.filing.file_transfer import Transfer
from drumwatch.journal import Plan
from drumwatch.pipeline.portable_disks import PortableDisks
from drumwatch.pipeline.seen import HANDLED, note_folders, remember_unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.kits.library_sounds import FileNow, LibrarySound
    from drumwatch.kits.places import KitPlace


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file to make."""

    sound: LibrarySound
    now: FileNow
    name: str
    content: bytes = b""  # what to write, if the sound was converted


@dataclass(frozen=True, slots=True)
class MadeKit:
    """What was made: the entries, and a sentence for each file that could not be made."""

    folder: Path
    batch: int
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]


class KitMaker:
    """Makes the files of one kit, as hard links where that is possible, else as copies."""

    def __init__(self, journal: Journal, place: KitPlace, *, links: bool, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._place = place
        self._links = links
        self._clock = clock
        self._transfer = Transfer()
        self._portable = PortableDisks().holds(place.base)
        self._batch = 0

    def make(self, files: Sequence[KitFile]) -> MadeKit:
        """Make one file after the other; what cannot be made is left out, and a disk that is full or away ends it."""
        entries: list[Entry] = []
        problems: list[str] = []
        with self._journal.acting(), self._transfer.synced_together():
            name = f"{self._place.folder.name} (kit)"
            self._batch = self._journal.batches.new(self._place.library, name, self._clock())
            for file in files:
                try:
                    entries.append(self._make(file))
                except DiskUnavailable as exc:
                    problems.append(str(exc))
                    break
                except ActionFailed as exc:
                    problems.append(str(exc))
            self._journal.state.note_leftovers(self._transfer.leftovers)
        return MadeKit(self._place.folder, self._batch, tuple(entries), tuple(problems))

    def _make(self, file: KitFile) -> Entry:
        if file.content:
            return self._act(file, CONVERT)
        if self._links and file.now.stamp.device == self._device():
            try:
                return self._act(file, "hardlink")
            except DiskUnavailable:
                raise
            except ActionFailed:  # a disk that has no hard links
                self._links = False
        return self._act(file, "copy")

    def _device(self) -> int:
        try:
            with opened(self._place.base) as base:
                return folder_status(base).st_dev
        except OSError:  # the action itself says what is wrong
            return -1

    def _act(self, file: KitFile, kind: str) -> Entry:
        journal, destination = self._journal, self._place.folder / file.name
        journal.require_in_place()
        entry_id = journal.entries.plan(self._plan(file, kind, destination), self._clock())
        run = ActionRun(
            Action("copy", destination),
            file.sound.path,
            file.now.stamp,
            file.now.content_hash,
            entry_id=entry_id,
            library=self._place.base,
            planned=functools.partial(journal.entries.replan, entry_id),
            transfer=self._transfer,
            min_free=self._place.min_free,
            portable=self._portable,
            content=file.content,
        )
        try:
            result = handler_of(kind).do(run)
        except ActionFailed as exc:
            if kind == "hardlink":  # it is copied instead
                journal.entries.withdraw(entry_id)
            else:
                journal.entries.finish(entry_id, "failed", error=str(exc))
            raise
        with journal.transaction():
            is_there_already = result.detail.untouched  # somebody else has put the same file there just now
            journal.entries.finish(
                entry_id,
                "done",
                action="leave" if is_there_already else "",
                destination=None if is_there_already else result.path,
                detail=result.detail,
            )
            if not is_there_already:
                remember_unchanged(journal, result.path, result.stamp, HANDLED)
            note_folders(journal, journal.entries.get(entry_id))
        return journal.entries.get(entry_id)

    def _plan(self, file: KitFile, kind: str, destination: Path) -> Plan:
        filed = file.sound.entry
        return Plan(
            self._batch,
            file.sound.path,
            destination,
            kind,
            KIT,
            f"in the kit {self._place.folder.name}",
            label=filed.label,
            type=filed.type,
            confidence=filed.confidence,
            content_hash=file.now.content_hash,
            stamp=file.now.stamp,
        )
