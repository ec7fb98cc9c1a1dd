"""Keeps track of packs in progress, and brings along what belongs to a pack when its last sound is filed."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.core.formatting import home_short
from drumwatch.core.records import FILING, NO_STAMP, Arrival
from drumwatch.daemon.judge_together import folder_of
from drumwatch.intake.pack_names import FEW_SOUNDS
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

# Seconds after a pack's last sound: programs may unpack the readme and the artwork later
LATE_CHECKS = (10.0, 60.0, 600.0)
SIZE_HOLDS_SECONDS = 30.0  # a pack has a thousand sounds, and its size is not measured for each of them


@dataclass(slots=True)
class OpenArchive:
    """An unpacked archive whose sounds are being analyzed and filed."""

    pack: Pack
    sounds: Iterator[Arrival]
    waiting: set[Path] = field(default_factory=set)  # sounds that were given to the workers
    all_submitted: bool = False  # every sound has been given to the workers
    retry_reason: str = ""  # why the archive has to be handled once more

    def next_sound(self) -> Arrival | None:
        """Give the next sound; from now on it counts as given to the workers."""
        if arrival := None if self.all_submitted else next(self.sounds, None):
            self.waiting.add(arrival.path)
        else:
            self.all_submitted = True
        return arrival


@dataclass(slots=True)
class CompletePack:
    """A pack that came as a folder and whose sounds are filed; more files of it may still come."""

    name: str
    watch: Watch
    checks: list[float]  # the times at which to look for more files


class OpenArchives:
    """The unpacked archives; the path of each stays in flight until it is closed."""

    def __init__(self, context: Context, reporter: StatusReporter, in_flight: set[Path]) -> None:
        self._context = context
        self._session = context.session
        self._reporter = reporter
        self._in_flight = in_flight
        self._open: list[OpenArchive] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    @property
    def have_unsubmitted(self) -> bool:
        """Whether some of their sounds have not been given to the workers yet."""
        return any(not opened.all_submitted for opened in self._open)

    def add(self, pack: Pack) -> None:
        """Report what was not unpacked of an archive, and start on its sounds."""
        log.info("Sorting the pack %s", home_short(pack.archive.path))
        self._in_flight.add(pack.archive.path)
        for entry in (
            *self._session.packs.archives.report_refused(pack),
            *self._session.packs.archives.report_projects(pack),
        ):
            self._reporter.report_entry(entry)
        packs = self._session.packs
        sounds = packs.archives.sounds(pack, packs.outcomes.decided_before(pack))
        self._open.append(OpenArchive(pack, sounds))
        self._reporter.mark_stale()

    def next_sound(self) -> tuple[Arrival, Watch] | None:
        """Give the next sound to analyze, in the order in which the packs came."""
        for opened in self._open:
            if arrival := opened.next_sound():
                return arrival, opened.pack.watch
        return None

    def has_more_of(self, arrival: Arrival) -> bool:
        """Whether sounds of the archive that this sound is in have not been given to the workers yet."""
        opened = self._archive_of(arrival)
        return opened is not None and not opened.all_submitted

    def batch_of(self, arrival: Arrival) -> int | None:
        """The batch of the archive that the sound is in; None for any other sound."""
        opened = self._archive_of(arrival)
        return opened.pack.unpacked.batch if opened else None

    def sound_done(self, arrival: Arrival, filed: FilingResult, why: str = "") -> None:
        """Note the result of a sound; instead of the sound, its archive is tried again, and knows what is filed already.

        `why` says why the sound could not be analyzed.
        """
        if opened := self._archive_of(arrival):
            self._session.packs.outcomes.sound_done(arrival, filed.entries, why or filed.again)
            opened.waiting.discard(arrival.path)
            opened.retry_reason = opened.retry_reason or filed.again

    def close_finished(self) -> None:
        """Close the archives whose last sound has been filed."""
        for opened in [one for one in self._open if one.all_submitted and not one.waiting]:
            self._open.remove(opened)
            self._close(opened)

    def _archive_of(self, arrival: Arrival) -> OpenArchive | None:
        if not arrival.origin:
            return None
        return next((one for one in self._open if arrival.path in one.waiting), None)

    def _close(self, opened: OpenArchive) -> None:
        entries, conclusion = self._session.packs.close(opened.pack)
        for entry in entries:
            self._reporter.report_entry(entry)
        self._reporter.report_pack_done(opened.pack.unpacked.pack)
        self._reporter.report_archive(conclusion)
        archive = opened.pack.archive.path
        self._in_flight.discard(archive)
        if opened.retry_reason:
            self._session.journal.seen.forget(archive)
            self._context.arrivals.retry_later(archive, opened.retry_reason, time.monotonic(), time.time())
        else:
            self._context.arrivals.done(archive, time.monotonic())


class PackFolders:
    """Brings along what belongs to a pack that came as a folder, after its last sound."""

    def __init__(self, context: Context, reporter: StatusReporter, empty_folders: EmptyFolders) -> None:
        self._context = context
        self._session = context.session
        self._reporter = reporter
        self._empty_folders = empty_folders
        self._under_way: Counter[Path] = Counter()
        self._complete: dict[Path, CompletePack] = {}
        self._too_large: dict[Path, float] = {}  # and until when the measured size counts

    def lacks_space(self, arrival: Arrival, watch: Watch, now: float) -> str:
        """Return why the pack of this sound is not begun, as it does not fit as a whole; "" where it fits.

        The lack of space is reported once, and checked again later.
        """
        folder = folder_of(arrival)
        if folder is None or folder in self._under_way:
            return ""
        if self._too_large.get(folder, 0.0) <= now:
            self._too_large.pop(folder, None)
            min_free, journal = self._session.config.min_free, self._session.journal
            lack = space_lacking(folder, watch, min_free, is_done=journal.seen.is_seen)
            if not lack:
                return ""
            self._too_large[folder] = now + SIZE_HOLDS_SECONDS
            pack = Arrival(folder, NO_STAMP, watch.folder, arrival.pack)
            for entry in self._session.pipeline.refuse(
                pack, f"{lack}; it will be tried again.", for_good=False
            ):
                self._reporter.report_entry(entry)
        return f"{folder.name} does not fit"

    def sound_submitted(self, arrival: Arrival) -> None:
        """Count a sound that was given to the workers."""
        if folder := folder_of(arrival):
            self._under_way[folder] += 1

    def sound_done(self, arrival: Arrival, watch: Watch, now: float) -> None:
        """Count a sound that is filed or stays; with the last one, the rest of its pack follows."""
        folder = folder_of(arrival)
        if folder is None:
            return
        self._under_way[folder] -= 1
        if self._under_way[folder] <= 0 and not self._context.arrivals.more_of(folder):
            del self._under_way[folder]
            if watch.action in FILING and not self._session.dry_run:
                checks = [now, *(now + seconds for seconds in LATE_CHECKS)]
                self._complete[folder] = CompletePack(arrival.pack, watch, checks)
                self.bring_late_files(now)
            self._reporter.report_pack_done(arrival.pack)

    def resume(self, now: float) -> None:
        """Continue packs that were being kept whole when the last run ended."""
        kept = self._session.packs.kept
        for watch in () if self._session.dry_run else self._session.config.watches:
            for folder, name, _ in kept.begun_below(watch.folder, watch):
                self._complete[folder] = CompletePack(name, watch, [now, *(now + due for due in LATE_CHECKS)])

    def next_due(self) -> float | None:
        """The time of the next look for more files of a pack; None where there is none."""
        return min((pack.checks[0] for pack in self._complete.values()), default=None)

    def bring_late_files(self, now: float) -> None:
        """Bring along what has come to packs whose sounds are filed already."""
        for folder, pack in list(self._complete.items()):
            if pack.checks[0] > now:
                continue
            pack.checks = [due for due in pack.checks if due > now]
            if not pack.checks:
                del self._complete[folder]
            self._bring_along(folder, pack)

    def _bring_along(self, folder: Path, pack: CompletePack) -> None:
        """Bring along the new files beside the sounds; what the user put back there stays."""
        journal = self._session.journal
        is_pack = journal.batches.count_filed(pack.watch.folder, pack.name) >= FEW_SOUNDS
        # Unlike pathlib, it does not raise where a folder above may not be entered
        if os.path.isdir(folder) and (is_pack or self._session.packs.folders.kept_whole(folder, pack.watch)):
            for entry in self._session.packs.folders.file_documents(
                folder, pack.name, pack.watch, known=journal.seen.is_seen
            ):
                self._reporter.report_entry(entry)
                self._empty_folders.files_moved([entry], pack.watch, time.monotonic())
