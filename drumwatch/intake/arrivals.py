"""Turn events and scans into arrivals: files that are new and stable, each returned once.

The journal decides which files are new; the debouncer and a final check decide which are stable. No sound is decoded here.
There are two clocks: `now` is monotonic (for quiet times), `wall` is the time of day (for what must survive a restart).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import excluded
from drumwatch.config.overlaps import Overlaps, find_overlaps
from drumwatch.containers import FOREIGN
from drumwatch.core.errors import StateUnavailable
from drumwatch.core.formatting import home_short
from drumwatch.core.records import FILING, NO_STAMP, Arrival, EventKind, FileEvent
from drumwatch.filing.naming import pack_name
from drumwatch.intake import stability
from drumwatch.intake.archive_readers import capabilities
from drumwatch.intake.baseline import Baselines, stamp_of_package
from drumwatch.intake.debounce import Candidate, Debouncer
from drumwatch.intake.debounce import Retry as RetryDelay
from drumwatch.intake.extra_formats import UnheardFiles, format_name
from drumwatch.intake.ignore import (
    has_av,
    is_archive_name,
    is_ignored_folder,
    is_package,
    is_sound,
    is_wanted,
    is_zip_name,
    look_for_av,
    needs_extra,
)
from drumwatch.intake.pack_debounce import PackDebouncer
from drumwatch.intake.pack_names import named_after, pack_folder
from drumwatch.intake.packages import Packages, tree_state
from drumwatch.intake.scan import Scanner
from drumwatch.journal import BASELINE, Retry
from drumwatch.system import cloud_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drumwatch.config import Config, Watch
    from drumwatch.core.records import FileStamp
    from drumwatch.journal import Journal

log = logging.getLogger(__name__)

ARCHIVES_SECONDS = 600.0  # between looks whether more archives can be read
ARCHIVES_TOLD = "archives_told"  # the key of the journal's state that shows that this version has gone through the archives
PACKAGE = "package"  # reason in the journal for a package that was reported already
FORMATS_NOTED, FORMATS_REPORTED = "formats_noted", "formats_reported"  # folders, in the state of the daemon
BATCH_SIZE = 64  # arrivals that are returned at once, so that events are read in between


def pack_of(path: Path, root: Path, *, whole: bool = False) -> str:
    """Return the cleaned name of the pack around a file; empty for a single file. With `whole`, the root is one pack.

    Folders such as "Kicks", "One Shots", "Samples" or "New Folder" are no packs.
    """
    folder = named_after(path, root, whole=whole)
    return pack_name(folder.name) if folder else ""


def is_archive(name: str) -> bool:
    """Return whether a file of this name may be an archive of samples."""
    return is_archive_name(name) and is_wanted(name)


def wanted_in(watch: Watch) -> Callable[[str], bool]:
    """Return the filter for file names in this watch: sounds, and archives if their content can be filed."""
    return is_wanted if watch.archives == "unpack" and watch.action in FILING else is_sound


def _noticed_in(watch: Watch) -> Callable[[str], bool]:
    """Return the filter for file names that are looked at in this watch: also those that are only counted."""
    wanted = wanted_in(watch)
    return lambda name: wanted(name) or needs_extra(name)


class Refused(NamedTuple):
    """A stable file that cannot be analyzed as it is: the reason, and whether it is tried again."""

    arrival: Arrival
    watch: Watch
    why: str
    for_good: bool  # until it changes; otherwise it is tried again automatically


class Arrivals:
    """Tracks the new files of all watched folders until they are filed."""

    def __init__(
        self, config: Config, journal: Journal, *, polled: Callable[[Path], bool] = lambda _: False
    ) -> None:
        self._journal = journal
        self._polled = polled
        self._debouncer = Debouncer(config.quiet)
        self._pack_debouncer: PackDebouncer[Candidate] = PackDebouncer(config.quiet)
        self._packages = Packages(config.quiet, tree_state)
        self._found_packages: list[tuple[Path, Path]] = []  # by a scan, each with its watch
        self._watches = {watch.folder: watch for watch in config.watches}
        self._scanners = {watch.folder: self._scanner(watch) for watch in config.watches}
        self._baselines = Baselines(journal, self._silent_scanner)
        self._rules = config.rules
        self._overlaps = Overlaps({}, {})
        self._problems: list[tuple[Path, str, Watch]] = []
        self._retried: set[Path] = set()
        self._config = config
        self._archives_due = 0.0
        self._not_here: set[Path] = set()  # reported: their content is only in a cloud
        facts = journal.state.get()
        # Folders whose files of the extra's formats were noted as old, as a version that did not know these formats noted none
        self._formats_noted = {Path(folder) for folder in facts.get(FORMATS_NOTED, ())}
        self.unheard = UnheardFiles(config.quiet, map(Path, facts.get(FORMATS_REPORTED, ())))
        self._had_av = False

    def _scanner(self, watch: Watch) -> Scanner:
        return Scanner(
            watch.folder,
            recursive=watch.recursive,
            excluded=lambda path: self._is_left_out(path, watch),
            wanted=_noticed_in(watch),
            on_problem=lambda path, why: self._problems.append((path, why, watch)),
            on_package=lambda path: self._found_packages.append((path, watch.folder)),
        )

    def _silent_scanner(self, watch: Watch, root: Path, on_package: Callable[[Path], None]) -> Scanner:
        """Return a scanner of a folder in a watch, which reports no problem: the rescan of the watch does that."""
        return Scanner(
            root,
            recursive=watch.recursive,
            excluded=lambda path: self._is_left_out(path, watch),
            wanted=_noticed_in(watch),
            on_package=on_package,
        )

    def _is_left_out(self, path: Path, watch: Watch) -> bool:
        return excluded(watch, path) or self._overlaps.is_in_library(path, watch.folder)

    # Folders that overlap

    def find_overlaps(self) -> bool:
        """Look again whether links lead watches and libraries into each other; return whether that has changed.

        Call it before each rescan: nothing is handled in a watch that leads into another one, or into a library.
        """
        before, self._overlaps = self._overlaps, find_overlaps(tuple(self._watches.values()), self._rules)
        for folder, why in self._overlaps.idle.items():
            if before.idle.get(folder) != why:
                log.warning("%s %s.", home_short(folder), why)
        for folder in before.idle.keys() - self._overlaps.idle.keys():
            log.info("%s is handled by itself again.", home_short(folder))
        return before != self._overlaps

    def idle(self, folder: Path) -> str:
        """Return why nothing in a watched folder is handled there, as a clause; empty if it is."""
        return self._overlaps.idle.get(folder, "")

    # Events and scans

    def begin(self, now: float, wall: float, *, everything: bool = False) -> dict[Path, int]:
        """Restore the state of the last run and scan all folders; return the number of old files by folder.

        In a folder that is listed for the first time, the files that are there are old and never become arrivals. With `everything`, every
        file that was not handled yet is new, also the old ones.
        """
        for retry in self._journal.state.retries():
            self._debouncer.restore(
                RetryDelay(retry.path, retry.attempts, retry.due - wall, retry.reason), now
            )
            self._retried.add(retry.path)
        self._look_for_extra(is_there=has_av())
        self._after_update(everything=everything)
        self._try_archives_again(now)
        old = self.take_baselines(wall, everything=everything)
        try:
            self.rescan(now, wall)
        except StateUnavailable:
            raise
        except Exception:
            log.exception("Not every file could be looked at; that is tried again with each rescan.")
        for path in self._debouncer.pop_unclaimed():
            self._journal.state.drop_retry(path)
        return old

    def take_baselines(self, wall: float, *, everything: bool = False) -> dict[Path, int]:
        """Record what is in each folder that is listed for the first time as old; return the number of old files by folder."""
        self.find_overlaps()
        counts = {
            folder: self._take_baseline(watch, wall, everything=everything)
            for folder, watch in self._watches.items()
            if not self.idle(folder)
        }
        return {folder: count for folder, count in counts.items() if count is not None}

    def _take_baseline(self, watch: Watch, wall: float, *, everything: bool = False) -> int | None:
        was_watched = self._journal.seen.watched_since(watch.folder) is not None
        count = self._baselines.take(watch, wall, everything=everything)
        if watch.folder not in self._formats_noted:
            if was_watched and not everything:
                self._note_formats(watch)
            elif self._journal.seen.watched_since(watch.folder) is not None:  # the baseline has them
                self._formats_are_noted(watch.folder)
        return count

    def _look_for_extra(self, *, is_there: bool) -> None:
        """Take up what was not heard once the extra `formats` is there."""
        if is_there and not self._had_av:
            self._journal.state.set(**{FORMATS_REPORTED: None})
            self.unheard.clear()
        self._had_av = is_there

    def _note_formats(self, watch: Watch) -> None:
        """Record the files of the extra's formats in a folder that an earlier version watched: they stay when the extra comes."""
        if not watch.folder.is_dir():
            return
        scanner = Scanner(
            watch.folder,
            recursive=watch.recursive,
            excluded=lambda path: self._is_left_out(path, watch),
            wanted=lambda name: bool(format_name(name)),
        )
        with self._journal.transaction():
            for path, status in scanner.scan():
                stamp = stability.stamp_from(status)
                if stamp and not self._journal.seen.is_seen(path, stamp):
                    self._journal.seen.note(path, stamp, BASELINE)
        self._formats_are_noted(watch.folder)

    def _formats_are_noted(self, folder: Path) -> None:
        self._formats_noted.add(folder)
        self._journal.state.set(**{FORMATS_NOTED: sorted(map(str, self._formats_noted))})

    def _try_archives_again(self, now: float) -> None:
        """Treat archives that were not wholly read as new if a new version, reader or limit may read them."""
        self._archives_due = now + ARCHIVES_SECONDS
        if self._journal.archives.has_unread():
            self._journal.archives.forget_unread(capabilities(self._config))

    def _after_update(self, *, everything: bool) -> None:
        """Do once what an earlier version has not done: archives that it handled silently are new, and those it did not know are old."""
        if self._journal.state.get().get(ARCHIVES_TOLD):
            return
        with self._journal.transaction():
            self._journal.archives.forget_untold(is_archive_name)
            for folder, watch in self._watches.items():
                since = self._journal.seen.watched_since(folder)
                if since is not None and not everything:
                    self._note_old_archives(watch, since)
            self._journal.state.set(**{ARCHIVES_TOLD: True})

    def _note_old_archives(self, watch: Watch, since: float) -> None:
        """Record archives of kinds that were not looked at before as old, if they were there before the folder was watched."""
        scanner = Scanner(
            watch.folder,
            recursive=watch.recursive,
            excluded=lambda path: excluded(watch, path),
            wanted=lambda name: is_archive(name) and not is_zip_name(name),
        )
        for path, status in scanner.scan():
            stamp = stability.stamp_from(status)
            if stamp and status.st_ctime < since and not self._journal.seen.is_seen(path, stamp):
                self._journal.seen.note(path, stamp, BASELINE)

    def old(self) -> int:
        """Return how many files were there before their folders were watched and are still unchanged."""
        return sum(
            not needs_extra(path.name) and self._is_watched(path) and _is_unchanged(path, stamp)
            for path, stamp in self._journal.seen.baseline()
        )

    def _is_watched(self, path: Path) -> bool:
        watches = self._watches.values()
        return any(
            path.is_relative_to(watch.folder) and not self._is_left_out(path, watch) for watch in watches
        )

    def notice(self, event: FileEvent, now: float, wall: float) -> None:
        """Handle an event by checking what is at its path now."""
        watch = self._watches.get(event.watch)
        if watch is None or event.kind is EventKind.MARKER or self.idle(watch.folder):
            return
        if event.kind is EventKind.OVERFLOW:
            self.rescan(now, wall, only=watch.folder)
        elif event.kind is EventKind.FOLDER:
            self._scan_new_folder(event.path, watch, now, wall)
        elif event.kind is EventKind.GONE and not os.path.lexists(event.path):  # the event may be late
            self._gone(event.path)
        elif _noticed_in(watch)(event.path.name) and not self._is_left_out(event.path, watch):
            self._check_path(event.path, watch, now, wall, closed=event.kind is EventKind.CLOSED)

    def rescan(self, now: float, wall: float, *, full: bool = True, only: Path | None = None) -> None:
        """Scan every watched folder, or only one. Without `full`, unchanged folders are skipped.

        A file that raises an error keeps no other one back: the first such error is raised at the end.
        """
        if full:
            self._look_for_extra(is_there=look_for_av())
        if full and now >= self._archives_due:
            self._try_archives_again(now)
        errors: list[Exception] = []
        for folder, scanner in self._scanners.items():
            if (only is None or folder == only) and not self.idle(folder):
                watch = self._watches[folder]
                self._take_baseline(watch, wall)
                found = scanner.scan(full=full)
                failed = (self._error_of(path, status, watch, now, wall) for path, status in found)
                errors += filter(None, failed)
        self._notice_packages(now)
        if errors:
            raise errors[0]

    def _error_of(
        self, path: Path, status: os.stat_result, watch: Watch, now: float, wall: float
    ) -> Exception | None:
        """Observe a file that a scan has found; return the error if that fails."""
        try:
            self._observe(path, status, watch, now, wall)
        except StateUnavailable:
            raise
        except Exception as exc:  # noqa: BLE001  it is raised when all others were observed
            return exc
        return None

    def _scan_new_folder(self, folder: Path, watch: Watch, now: float, wall: float) -> None:
        """Scan a folder that has appeared, because the system may not report each file in it."""
        if folder == watch.folder:
            self.rescan(now, wall, only=folder)
            return
        inside = self._silent_scanner(
            watch, folder, lambda path: self._found_packages.append((path, watch.folder))
        )
        *around, name = folder.relative_to(watch.folder).parts
        if self._is_left_out(folder, watch) or any(is_ignored_folder(part) for part in around):
            return
        if not is_ignored_folder(name):
            for path, status in inside.scan():
                self._observe(path, status, watch, now, wall)
        elif is_package(name) and watch.recursive:
            self._found_packages.append((folder, watch.folder))
        self._notice_packages(now)

    def _check_path(self, path: Path, watch: Watch, now: float, wall: float, *, closed: bool) -> None:
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
        stamp = stability.stamp_from(status)
        known = path in self._debouncer
        if stamp is None or self._baselines.holds_back(path, watch.folder):
            return
        if not known and self._is_old(path, stamp):
            return
        if needs_extra(path.name):
            self.unheard.note(path, watch.folder, format_name(path.name), now)
            return
        if cloud_files.is_dataless(status):
            self._wait_for_content(path, watch)
            return
        self._not_here.discard(path)
        if folder := None if known and not closed else pack_folder(path, watch.folder):
            self._pack_debouncer.note_change(folder, now)
        age = stability.untouched_for(status, wall)
        self._debouncer.observe(
            path, stamp, now, watch=watch.folder, closed=closed, polled=self._polled(watch.folder), age=age
        )

    def _wait_for_content(self, path: Path, watch: Watch) -> None:
        """Report a file whose content is only in a cloud, once; the event or the scan after it was fetched takes it up."""
        if path not in self._debouncer and path not in self._not_here:
            self._not_here.add(path)
            self._problems.append((path, cloud_files.why_not_here(path), watch))

    def _is_old(self, path: Path, stamp: FileStamp) -> bool:
        """Return whether the file was seen before; a renamed file is recorded by its new name, because the old one will be forgotten."""
        name = self._journal.seen.known_path(path, stamp)
        if name is not None and name != path:
            self._journal.seen.note_renamed(path, stamp, name)
        return name is not None

    def _notice_packages(self, now: float) -> None:
        for path, watch in self._found_packages:
            stamp = None if self._baselines.holds_back(path, watch) else stamp_of_package(path)
            if stamp and not self._journal.seen.is_seen(path, stamp):
                self._packages.observe(path, watch, now)
        self._found_packages.clear()

    def _gone(self, path: Path) -> None:
        """Forget a path that is gone: a file that appears there later is new, even if it is identical."""
        self._packages.forget(path)
        self._not_here.discard(path)
        self._debouncer.forget(path)
        self.unheard.forget(path)
        self._journal.seen.forget(path)

    # Stable files

    def next_due(self) -> float | None:
        """Return when `stable` may yield something again, or None."""
        due = (
            self._debouncer.next_due(),
            self._pack_debouncer.next_due(),
            self._packages.next_due(),
            self.unheard.next_due(),
        )
        return min((time for time in due if time is not None), default=None)

    def more_of(self, folder: Path) -> bool:
        """Return whether files of the pack in this folder are still held back."""
        return self._pack_debouncer.is_holding(folder)

    def stable(self, now: float, wall: float) -> Iterator[tuple[Arrival, Watch] | Refused]:
        """Yield the stable files as arrivals, or as refused with the reason. Answer each arrival with `done` or `retry_later`."""
        for candidate in self._stable_candidates(now):
            if checked := self._final_check(candidate, now, wall):
                yield checked
        for report in self._debouncer.pop_reports():
            arrival = Arrival(report.path, report.stamp, report.watch, pack_of(report.path, report.watch))
            yield Refused(arrival, self._watches[report.watch], report.reason, for_good=False)
        while self._problems:
            yield self._refused_problem(*self._problems.pop())

    def packages(self, now: float) -> Iterator[tuple[Path, Watch]]:
        """Yield the macOS packages that are stable, each once; no file in them ever becomes an arrival."""
        for path, folder in self._packages.stable(now):
            if stamp := stamp_of_package(path):
                self._journal.seen.note(path, stamp, PACKAGE)
                yield path, self._watches[folder]

    def _stable_candidates(self, now: float) -> Iterator[Candidate]:
        """Yield the stable files; those of a pack are held back until the whole pack is stable."""
        for candidate in self._debouncer.pop_stable(now, BATCH_SIZE):
            folder = pack_folder(candidate.path, candidate.watch)
            if folder is None or not self._pack_debouncer.hold(folder, candidate, now):
                yield candidate
        yield from self._pack_debouncer.release(now, BATCH_SIZE)

    def _refused_problem(self, path: Path, why: str, watch: Watch) -> Refused:
        """Return a path that a scan reported as no regular file or as unreadable, such as a pipe or a folder named x.wav."""
        return Refused(Arrival(path, NO_STAMP, watch.folder), watch, why, for_good=False)

    def _final_check(
        self, candidate: Candidate, now: float, wall: float
    ) -> tuple[Arrival, Watch] | Refused | None:
        path, watch = candidate.path, self._watches[candidate.watch]
        if self.idle(watch.folder) or self._is_left_out(path, watch):
            self.done(path, now)
            return None
        arrival = Arrival(path, candidate.stamp, watch.folder, pack_of(path, watch.folder))
        match stability.check_stable(path, candidate.stamp):
            case None if not self._journal.seen.is_seen(path, candidate.stamp):
                return arrival, watch
            case None:
                self.done(path, now)
            case stability.Gone():
                self._debouncer.done(path, now)
                self._gone(path)
            case stability.NeedsExtra(form):
                self.unheard.note(path, watch.folder, FOREIGN[form], now)
                self.done(path, now)
            case stability.NotASample(reason):
                self.done(path, now)
                return Refused(arrival, watch, reason, for_good=True)
            case stability.NotStable(reason, changed, incomplete, elsewhere):
                waits = self.retry_later(path, reason, now, wall, changed, patient=elsewhere)
                if waits and (incomplete or elsewhere):
                    return Refused(arrival, watch, reason, for_good=False)
        return None

    def done(self, path: Path, now: float) -> None:
        """Finish a file that was filed or refused for good: it is ignored until it changes."""
        self._debouncer.done(path, now)
        if path in self._retried:
            self._retried.discard(path)
            self._journal.state.drop_retry(path)

    def retry_later(
        self,
        path: Path,
        reason: str,
        now: float,
        wall: float,
        changed: FileStamp | None = None,
        *,
        patient: bool = False,
    ) -> bool:
        """Try a file again after a growing delay, also after a restart; return False if it changed or was given up instead.

        With `patient`, it is never given up.
        """
        delay = self._debouncer.put_back(path, now, reason, changed, patient=patient)
        if delay is None:
            self._journal.state.drop_retry(path)
            return False
        self._retried.add(path)
        self._journal.state.note_retry(Retry(path, delay.attempts, wall + delay.delay, reason))
        return True

    def retry_now(self, now: float) -> None:
        """Try all files now that wait for another try."""
        self._debouncer.retry_now(now)

    def pop_unheard(self, now: float) -> list[str]:
        """Return the sentences about files that need the extra `formats`: one for each watch, when its first such files came."""
        if sentences := self.unheard.pop_reports(now):
            self._journal.state.set(**{FORMATS_REPORTED: sorted(map(str, self.unheard.reported))})
        return sentences

    def waiting(self) -> int:
        """Return how many files wait for their quiet time, without those that wait for another try or for a change."""
        unreported = self.unheard.next_due() is not None
        return (
            unreported
            + len(self._packages)
            + sum(
                1
                for file in self._debouncer.waiting()
                if file.due is not None and file.path not in self._retried
            )
        )


def _is_unchanged(path: Path, stamp: FileStamp) -> bool:
    """Return whether size and mtime are unchanged; the device may differ, because a reconnected disk has another number."""
    now = stability.stamp_of(path)
    return now is not None and (now.size_bytes, now.mtime_ns) == (stamp.size_bytes, stamp.mtime_ns)
