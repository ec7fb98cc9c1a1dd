"""Packs under way: which sounds belong together, and what follows them when the last one has its place."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.config import FILING
from drumwatch.core.formatting import home_short
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.intake.pack_names import FEW_SOUNDS, pack_folder
from drumwatch.packs import space_lacking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.empty_folders import EmptyFolders
    from drumwatch.daemon.status import StatusReporter
    from drumwatch.packs import Pack
    from drumwatch.pipeline import FilingResult

log = logging.getLogger(__name__)

# Seconds after a pack's last sound: programs unpack readme and artwork when they like
LATE_LOOKS = (10.0, 60.0, 600.0)
LOOK_AGAIN = 30.0  # seconds: a pack has a thousand sounds, and its size is not asked for with each of them


@dataclass(slots=True)
class OpenPack:
    """A pack whose sounds are being heard and filed."""

    pack: Pack
    sounds: Iterator[Arrival]
    waiting: set[Path] = field(default_factory=set)  # given to the workers
    told_out: bool = False  # every sound in it has been given to the workers
    again: str = ""  # why the archive has to be looked at once more

    def next_sound(self) -> Arrival | None:
        """From now on it counts as given to the workers."""
        if arrival := None if self.told_out else next(self.sounds, None):
            self.waiting.add(arrival.path)
        else:
            self.told_out = True
        return arrival


@dataclass(slots=True)
class CompletePack:
    """A pack that came as a folder and whose sounds have their places: what follows them may come later than they did."""

    name: str
    watch: Watch
    looks: list[float]  # when to look for it


class OpenArchives:
    """Archives that lie unpacked; each is in flight until it has been closed."""

    def __init__(self, context: Context, reporter: StatusReporter, in_flight: set[Path]) -> None:
        self._context = context
        self._reporter = reporter
        self._in_flight = in_flight
        self._open: list[OpenPack] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    @property
    def wait_to_be_heard(self) -> bool:
        """Not all of their sounds have been given to the workers."""
        return any(not one.told_out for one in self._open)

    def begin(self, pack: Pack) -> None:
        log.info("Sorting the pack %s", home_short(pack.archive.path))
        self._in_flight.add(pack.archive.path)
        for entry in (
            *self._context.packs.archives.report_refused(pack),
            *self._context.packs.archives.report_projects(pack),
        ):
            self._reporter.entry(entry)
        self._open.append(OpenPack(pack, self._context.packs.archives.sounds(pack)))
        self._reporter.outdated()

    def next_sound(self) -> tuple[Arrival, Watch] | None:
        """The next one to be heard, in the order in which the packs came."""
        for one in self._open:
            if arrival := one.next_sound():
                return arrival, one.pack.watch
        return None

    def batch_of(self, arrival: Arrival) -> int | None:
        one = self._around(arrival)
        return one.pack.unpacked.batch if one else None

    def conclude(self, arrival: Arrival, filed: FilingResult) -> None:
        """A sound out of an archive is not looked at again by itself: its archive is, and knows what is filed already."""
        if one := self._around(arrival):
            one.waiting.discard(arrival.path)
            one.again = one.again or filed.again

    def close_the_finished(self) -> None:
        """Those whose last sound has been filed."""
        for one in [one for one in self._open if one.told_out and not one.waiting]:
            self._open.remove(one)
            self._close(one)

    def _around(self, arrival: Arrival) -> OpenPack | None:
        if not arrival.origin:
            return None
        return next((one for one in self._open if arrival.path in one.waiting), None)

    def _close(self, one: OpenPack) -> None:
        for entry in self._context.packs.close(one.pack):
            self._reporter.entry(entry)
        archive = one.pack.archive.path
        self._in_flight.discard(archive)
        if one.again:
            self._context.journal.seen.forget(archive)
            self._context.arrivals.retry_later(archive, one.again, time.monotonic(), time.time())
        else:
            self._context.arrivals.done(archive, time.monotonic())


class PackFolders:
    """Packs that came as folders: with the last sound of one, what belongs to it follows."""

    def __init__(self, context: Context, reporter: StatusReporter, empty_folders: EmptyFolders) -> None:
        self._context = context
        self._reporter = reporter
        self._empty_folders = empty_folders
        self._under_way: Counter[Path] = Counter()
        self._complete: dict[Path, CompletePack] = {}
        self._too_large: dict[Path, float] = {}  # and until when that is believed

    def waits_for_room(self, arrival: Arrival, watch: Watch, now: float) -> str:
        """Why the pack that it came in is not begun: it does not fit as a whole. Told once, and looked at again later."""
        folder = _folder_of(arrival)
        if folder is None or folder in self._under_way:
            return ""
        if self._too_large.get(folder, 0.0) <= now:
            self._too_large.pop(folder, None)
            min_free, journal = self._context.config.min_free, self._context.journal
            lack = space_lacking(folder, watch, min_free, is_done=journal.seen.is_seen)
            if not lack:
                return ""
            self._too_large[folder] = now + LOOK_AGAIN
            pack = Arrival(folder, NO_STAMP, watch.folder, arrival.pack)
            for entry in self._context.pipeline.refuse(
                pack, f"{lack}; it will be tried again.", for_good=False
            ):
                self._reporter.entry(entry)
        return f"{folder.name} does not fit"

    def begin(self, arrival: Arrival) -> None:
        if folder := _folder_of(arrival):
            self._under_way[folder] += 1

    def conclude(self, arrival: Arrival, watch: Watch, now: float) -> None:
        folder = _folder_of(arrival)
        if folder is None:
            return
        self._under_way[folder] -= 1
        if self._under_way[folder] <= 0 and not self._context.arrivals.more_of(folder):
            del self._under_way[folder]
            if watch.action in FILING and not self._context.dry_run:
                looks = [now, *(now + seconds for seconds in LATE_LOOKS)]
                self._complete[folder] = CompletePack(arrival.pack, watch, looks)
                self.look_for_late_ones(now)

    def take_up(self, now: float) -> None:
        """Packs that were on their way to the library as a whole when the last run ended: what is left of them follows."""
        kept = self._context.packs.kept
        for watch in () if self._context.dry_run else self._context.config.watches:
            for folder, name, _ in kept.begun_below(watch.folder, watch):
                self._complete[folder] = CompletePack(name, watch, [now, *(now + due for due in LATE_LOOKS)])

    def late_look_due(self) -> float | None:
        """When a pack is worth a look for documents that came after its sounds."""
        return min((pack.looks[0] for pack in self._complete.values()), default=None)

    def look_for_late_ones(self, now: float) -> None:
        for folder, pack in list(self._complete.items()):
            if pack.looks[0] > now:
                continue
            pack.looks = [due for due in pack.looks if due > now]
            if not pack.looks:
                del self._complete[folder]
            self._bring_along(folder, pack)

    def _bring_along(self, folder: Path, pack: CompletePack) -> None:
        """What is new beside the sounds: what was put back there by the user's wish stays."""
        journal = self._context.journal
        is_pack = journal.batches.count_filed(pack.watch.folder, pack.name) >= FEW_SOUNDS
        if folder.is_dir() and (is_pack or self._context.packs.folders.kept_whole(folder, pack.watch)):
            for entry in self._context.packs.folders.file_documents(
                folder, pack.name, pack.watch, known=journal.seen.is_seen
            ):
                self._reporter.entry(entry)
                self._empty_folders.moved([entry], pack.watch, time.monotonic())


def _folder_of(arrival: Arrival) -> Path | None:
    """The folder that came as a pack with this sound in it."""
    is_there = arrival.origin is None and arrival.path.is_relative_to(arrival.watch)
    return pack_folder(arrival.path, arrival.watch) if is_there else None
