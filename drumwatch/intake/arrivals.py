"""The front desk: hints come in, files that are new and have come to rest go out, each once.

What is new is decided by the journal, what is at rest by the settler and a last look. Nothing here reads a sound.
Two clocks: `now` never jumps (quiet times); `wall` is the calendar (what must survive a restart).
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import FILING, excluded
from drumwatch.core.records import NO_STAMP, Arrival, EventKind, FileEvent, FileStamp
from drumwatch.filing.naming import pack_name
from drumwatch.intake import stability
from drumwatch.intake.debounce import Candidate, Debouncer
from drumwatch.intake.debounce import Retry as Delay
from drumwatch.intake.ignore import is_archive_name, is_audio_name, is_ignored_folder, is_package, is_wanted
from drumwatch.intake.pack_debounce import PackDebouncer
from drumwatch.intake.pack_names import named_after, pack_folder
from drumwatch.intake.packages import Packages, tree_state
from drumwatch.intake.scan import Scanner
from drumwatch.journal import BASELINE, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.journal import Journal

log = logging.getLogger(__name__)

PACKAGE = "package"  # why a folder is nothing new: it was told of, or has nothing to be told
AT_ONCE = 64  # arrivals handed out in one go: events want to be read in between


def pack_of(path: Path, root: Path, *, whole: bool = False) -> str:
    """The name, cleaned, of the pack a file came in; empty for a single file. `whole`: the root is one pack.

    "Kicks" or "One Shots" name no pack, and neither do "Samples" or "New Folder".
    """
    folder = named_after(path, root, whole=whole)
    return pack_name(folder.name) if folder else ""


def is_sound(name: str) -> bool:
    """Return whether a file of this name may be a sample."""
    return is_audio_name(name) and is_wanted(name)


def is_archive(name: str) -> bool:
    """Return whether a file of this name may be an archive of samples."""
    return is_archive_name(name) and is_wanted(name)


def wanted_in(watch: Watch) -> Callable[[str], bool]:
    """Which names are looked at in this watch: sounds, and archives where what is in them can be filed."""
    return is_wanted if watch.archives == "unpack" and watch.action in FILING else is_sound


class Refused(NamedTuple):
    """A file that came to rest but cannot be heard as it is: why, and whether it is looked at again by itself."""

    arrival: Arrival
    watch: Watch
    why: str
    for_good: bool  # until it changes; else it is tried again by itself


class Arrivals:
    """Every watched folder's newcomers."""

    def __init__(
        self, config: Config, journal: Journal, *, polled: Callable[[Path], bool] = lambda _: False
    ) -> None:
        self._journal = journal
        self._polled = polled
        self._settler = Debouncer(config.quiet)
        self._gathering: PackDebouncer[Candidate] = PackDebouncer(config.quiet)
        self._packages = Packages(config.quiet, tree_state)
        self._found_packages: list[tuple[Path, Path]] = []  # by a scan, each with its watch
        self._watches = {watch.folder: watch for watch in config.watches}
        self._scanners = {watch.folder: self._scanner(watch) for watch in config.watches}
        self._oddities: list[tuple[Path, str, Watch]] = []
        self._later: set[Path] = set()

    def _scanner(self, watch: Watch) -> Scanner:
        return Scanner(
            watch.folder,
            recursive=watch.recursive,
            excluded=lambda path: excluded(watch, path),
            wanted=wanted_in(watch),
            on_problem=lambda path, why: self._oddities.append((path, why, watch)),
            on_package=lambda path: self._found_packages.append((path, watch.folder)),
        )

    # Coming in

    def begin(self, now: float, wall: float, *, everything: bool = False) -> dict[Path, int]:
        """Take up where the last run ended.

        In a folder that is watched for the first time whatever is there is not new, and stays so; returns how many files that is,
        by folder. With `everything`, whatever is there and was not handled yet is new, also what stayed when it was watched first.
        """
        for retry in self._journal.state.retries():
            self._settler.restore(Delay(retry.path, retry.attempts, retry.due - wall, retry.reason), now)
            self._later.add(retry.path)
        old = {}
        for folder, watch in self._watches.items():
            if everything:
                self._journal.seen.forget_baseline(folder)
            elif self._journal.seen.watched_since(folder) is None and folder.is_dir():
                old[folder] = self._journal.seen.note_baseline(folder, self._there(watch), wall)
                self._note_old_packages()
        self.rescan(now, wall)
        for path in self._settler.pop_unclaimed():
            self._journal.state.drop_retry(path)
        return old

    def old(self) -> int:
        """How many files were there before their folders were watched, and lie there untouched."""
        return sum(
            self._is_watched(path) and _is_as_it_was(path, mark)
            for path, mark in self._journal.seen.baseline()
        )

    def _is_watched(self, path: Path) -> bool:
        watches = self._watches.values()
        return any(path.is_relative_to(watch.folder) and not excluded(watch, path) for watch in watches)

    def notice(self, event: FileEvent, now: float, wall: float) -> None:
        """An event is only a hint: look at what is there."""
        watch = self._watches.get(event.watch)
        if watch is None or event.kind is EventKind.MARKER:
            return
        if event.kind is EventKind.OVERFLOW:
            self.rescan(now, wall, only=watch.folder)
        elif event.kind is EventKind.FOLDER:
            self._look_into(event.path, watch, now, wall)
        elif event.kind is EventKind.GONE and not os.path.lexists(event.path):  # the hint may be late
            self._gone(event.path)
        elif wanted_in(watch)(event.path.name) and not excluded(watch, event.path):
            self._look_at(event.path, watch, now, wall, closed=event.kind is EventKind.CLOSED)

    def rescan(self, now: float, wall: float, *, full: bool = True, only: Path | None = None) -> None:
        """The truth about every watched folder, or about one. Without `full`, unchanged folders are skipped."""
        for folder, scanner in self._scanners.items():
            if only is None or folder == only:
                watch = self._watches[folder]
                if self._journal.seen.watched_since(folder) is None:
                    self._first_seen(watch, wall)
                for path, status in scanner.scan(full=full):
                    self._observe(path, status, watch, now, wall)
        self._notice_packages(now)

    def _first_seen(self, watch: Watch, wall: float) -> None:
        """A folder that was missing when we started has appeared: what comes with it is new."""
        if watch.folder.is_dir():
            self._journal.seen.note_baseline(watch.folder, (), wall)

    def _there(self, watch: Watch) -> Iterator[tuple[Path, FileStamp]]:
        for path, status in self._scanner(watch).scan():
            if mark := stability.stamp_from(status):
                yield path, mark

    def _look_into(self, folder: Path, watch: Watch, now: float, wall: float) -> None:
        """A folder came: with all that is in it, whether or not the system tells of each file."""
        if folder == watch.folder:
            self.rescan(now, wall, only=folder)
            return
        inside = Scanner(
            folder,
            recursive=watch.recursive,
            excluded=lambda path: excluded(watch, path),
            wanted=wanted_in(watch),
            on_package=lambda path: self._found_packages.append((path, watch.folder)),
        )
        *around, name = folder.relative_to(watch.folder).parts
        if excluded(watch, folder) or any(is_ignored_folder(part) for part in around):
            return
        if not is_ignored_folder(name):
            for path, status in inside.scan():
                self._observe(path, status, watch, now, wall)
        elif is_package(name) and watch.recursive:
            self._found_packages.append((folder, watch.folder))
        self._notice_packages(now)

    def _look_at(self, path: Path, watch: Watch, now: float, wall: float, *, closed: bool) -> None:
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            self._gone(path)
            return
        self._observe(path, status, watch, now, wall, closed=closed)

    def _observe(
        self,
        path: Path,
        status: os.stat_result,
        watch: Watch,
        now: float,
        wall: float,
        *,
        closed: bool = False,
    ) -> None:
        mark = stability.stamp_from(status)
        known = path in self._settler
        if mark is None or (not known and self._is_old(path, mark)):
            return
        if folder := None if known and not closed else pack_folder(path, watch.folder):
            self._gathering.noticed(folder, now)
        age = stability.untouched_for(status, wall)
        self._settler.observe(
            path, mark, now, watch=watch.folder, closed=closed, polled=self._polled(watch.folder), age=age
        )

    def _is_old(self, path: Path, mark: FileStamp) -> bool:
        """Known; an old file with a new name is known by that from now on, as its old name will be forgotten."""
        name = self._journal.seen.known_path(path, mark)
        if name is not None and name != path:
            self._journal.seen.note_renamed(path, mark, name)
        return name is not None

    def _note_old_packages(self) -> None:
        """Those that were there before their folder was watched are nothing new, as its sounds are not."""
        for path, _ in self._found_packages:
            if mark := _mark_of_folder(path):
                self._journal.seen.note(path, mark, BASELINE)
        self._found_packages.clear()

    def _notice_packages(self, now: float) -> None:
        for path, watch in self._found_packages:
            mark = _mark_of_folder(path)
            if mark and not self._journal.seen.is_seen(path, mark):
                self._packages.noticed(path, watch, now)
        self._found_packages.clear()

    def _gone(self, path: Path) -> None:
        """Whatever comes to this path next is new, be it byte for byte the same."""
        self._packages.forget(path)
        self._settler.forget(path)
        self._journal.seen.forget(path)

    # Going out

    def next_due(self) -> float | None:
        """When `settled` is worth asking again."""
        due = (self._settler.next_due(), self._gathering.next_due(), self._packages.next_due())
        return min((time for time in due if time is not None), default=None)

    def more_of(self, folder: Path) -> bool:
        """Whether a part of the pack in this folder is still to be handed out."""
        return self._gathering.holding(folder)

    def settled(self, now: float, wall: float) -> Iterator[tuple[Arrival, Watch] | Refused]:
        """What has come to rest: to be heard, or refused with the reason. Answer each with `done` or `again`."""
        for candidate in self._at_rest(now):
            if answered := self._last_look(candidate, now, wall):
                yield answered
        for report in self._settler.pop_reports():
            arrival = Arrival(report.path, report.stamp, report.watch, pack_of(report.path, report.watch))
            yield Refused(arrival, self._watches[report.watch], report.reason, for_good=False)
        while self._oddities:
            yield self._refused_oddity(*self._oddities.pop())

    def packages(self, now: float) -> Iterator[tuple[Path, Watch]]:
        """Packages of macOS that have come to rest, each told once: nothing in them is ever handed out."""
        for path, folder in self._packages.at_rest(now):
            if mark := _mark_of_folder(path):
                self._journal.seen.note(path, mark, PACKAGE)
                yield path, self._watches[folder]

    def _at_rest(self, now: float) -> Iterator[Candidate]:
        """What has come to rest, and, where it is part of a pack, with it the pack."""
        for candidate in self._settler.pop_settled(now, AT_ONCE):
            folder = pack_folder(candidate.path, candidate.watch)
            if folder is None or not self._gathering.holds(folder, candidate, now):
                yield candidate
        yield from self._gathering.released(now, AT_ONCE)

    def _refused_oddity(self, path: Path, why: str, watch: Watch) -> Refused:
        """A pipe, a folder called x.wav, a folder that cannot be read: found by a scan, told once."""
        return Refused(Arrival(path, NO_STAMP, watch.folder), watch, why, for_good=False)

    def _last_look(
        self, candidate: Candidate, now: float, wall: float
    ) -> tuple[Arrival, Watch] | Refused | None:
        path, watch = candidate.path, self._watches[candidate.watch]
        arrival = Arrival(path, candidate.stamp, watch.folder, pack_of(path, watch.folder))
        match stability.check_stable(path, candidate.stamp):
            case None if self._journal.seen.is_seen(path, candidate.stamp):
                self.done(path, now)
                return None
            case None:
                return arrival, watch
            case stability.Gone():
                self._settler.done(path, now)
                self._gone(path)
                return None
            case stability.NotASample(reason):
                self.done(path, now)
                return Refused(arrival, watch, reason, for_good=True)
            case stability.NotStable(reason, changed, incomplete):
                told = self.again(path, reason, now, wall, changed) and incomplete
                return Refused(arrival, watch, reason, for_good=False) if told else None

    def done(self, path: Path, now: float) -> None:
        """Filed, or refused for good: it is not looked at again until it changes."""
        self._settler.done(path, now)
        if path in self._later:
            self._later.discard(path)
            self._journal.state.drop_retry(path)

    def again(
        self,
        path: Path,
        reason: str,
        now: float,
        wall: float,
        changed: FileStamp | None = None,
        *,
        patient: bool = False,
    ) -> bool:
        """To be tried again after a growing delay, over restarts too; true where that is because of `reason`, not of a change.

        `patient`: for as long as it takes.
        """
        delay = self._settler.put_back(path, now, reason, changed, patient=patient)
        if delay is None:
            self._journal.state.drop_retry(path)
            return False
        self._later.add(path)
        self._journal.state.note_retry(Retry(path, delay.attempts, wall + delay.delay, reason))
        return True

    def hurry(self, now: float) -> None:
        """Whatever is to be tried again is tried now."""
        self._settler.hurry(now)

    def settling(self) -> int:
        """How many files are on their way to rest; those that wait for another try or for a change do not count."""
        return len(self._packages) + sum(
            1 for file in self._settler.waiting() if file.due is not None and file.path not in self._later
        )


def _mark_of_folder(path: Path) -> FileStamp | None:
    """By what a package is known again, whatever is saved in it."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return FileStamp(status.st_dev, status.st_ino, 0, 0)


def _is_as_it_was(path: Path, mark: FileStamp) -> bool:
    """A disk that was away has another number when it comes back."""
    now = stability.stamp_of(path)
    return now is not None and (now.size_bytes, now.mtime_ns) == (mark.size_bytes, mark.mtime_ns)
