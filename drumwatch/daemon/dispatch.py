"""Takes an arrival through the daemon: to the workers, to its place, and to the reporter."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.config import watch_around
from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import NO_STAMP, WRITING_SOUND, Arrival
from drumwatch.daemon.empty_folders import EmptyFolders
from drumwatch.daemon.judge_together import PackJudge, folder_of
from drumwatch.daemon.late_markers import LateMarkers
from drumwatch.daemon.messages import AnalysisDone, ArchiveUnpacked, Inbox, JudgedAgain
from drumwatch.daemon.packs import OpenArchives, PackFolders
from drumwatch.daemon.unfiled import UnfiledSounds
from drumwatch.daemon.waiting import WaitingSounds
from drumwatch.intake.arrivals import Refused, is_archive
from drumwatch.intake.pack_names import pack_folder
from drumwatch.intake.stability import ENDED_AFTER
from drumwatch.packs import FOR_NOW
from drumwatch.packs.projects import why_untouched
from drumwatch.pipeline import FILED_AT_ONCE, FilingRequest, FilingResult, place_of
from drumwatch.system.rate_limit import RateLimit
from drumwatch.workers.jobs import expect, failed
from drumwatch.workers.protocol import Analyzed, ErrorKind, Failed, UnpackedArchive

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.core.records import FileEvent
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.status import StatusReporter
    from drumwatch.intake.projects import Survey
    from drumwatch.workers.protocol import Answer

IN_PROJECT = "left whole"  # why a file in a project is not handled again
MAX_IN_FLIGHT = 512  # sounds given to the workers and not yet filed; more wait with the arrivals


class Dispatcher:
    """Holds the arrivals that are stable but not yet filed."""

    def __init__(self, context: Context, reporter: StatusReporter, inbox: Inbox) -> None:
        self._context = context
        self._session = context.session
        self._reporter = reporter
        self._inbox = inbox
        self._in_flight: set[Path] = set()
        self._analyzed: list[AnalysisDone] = []
        self._reported_unknown: set[Path] = set()  # folders that could not be surveyed
        self.archives = OpenArchives(context, reporter, self._in_flight)
        self._judge = PackJudge(context.session, inbox, self._more_of_pack)
        self._waiting = WaitingSounds(context.session, inbox)
        self._empty_folders = EmptyFolders(context.session, reporter)
        self._folders = PackFolders(context, reporter, self._empty_folders)
        self._unfiled = UnfiledSounds(context.session)
        self._late_markers = LateMarkers(context, reporter)
        self._rate_limit = RateLimit(0)

    def resume(self) -> None:
        """Continue what the last run left open: packs, emptied folders, and markers that came while nothing was watched."""
        self._folders.resume(time.monotonic())
        self._late_markers.schedule_all(time.monotonic())
        self._empty_folders.resume(time.monotonic(), time.time())

    def note_event(self, event: FileEvent, now: float) -> None:
        """Note an event, which may be about a marker that comes after its sounds."""
        self._late_markers.note_event(event, now)

    def put_back_now(self) -> None:
        """Put back what late markers ask for now, because the run ends."""
        self._late_markers.put_back_all()

    def remove_emptied_folders(self) -> None:
        """Remove all emptied folders now, because the run ends."""
        self._empty_folders.remove_due()

    def limit_disk_rate(self, disk_rate: int) -> None:
        """Limit how many bytes per second are given to the workers; 0 means no limit."""
        self._rate_limit = RateLimit(disk_rate)

    @property
    def busy(self) -> bool:
        """Whether anything is with the workers, waits to be filed, or lies unpacked."""
        return bool(self._in_flight or self._analyzed or self.archives or self._waiting.pending)

    @property
    def in_flight(self) -> int:
        """How many files are with the workers."""
        return len(self._in_flight)

    @property
    def has_analyzed(self) -> bool:
        """Whether an analyzed sound waits to be filed."""
        return bool(self._analyzed)

    # To the workers

    def next_due(self, now: float) -> float | None:
        """The time at which `submit_due` has to be called without an event; None while the workers have enough to do."""
        if self._with_workers >= MAX_IN_FLIGHT:
            return None
        free = now + self._rate_limit.wait(now)
        settled = now if self.archives.have_unsubmitted else self._context.arrivals.next_due()
        due = [None if settled is None else max(settled, free)]
        due.append(self._judge.next_due(now))
        due += [self._folders.next_due(), self._empty_folders.next_due(), self._late_markers.next_due()]
        return min((time for time in due if time is not None), default=None)

    def submit_due(self, now: float, wall: float) -> None:
        """Give stable arrivals to the workers, as far as the workers and the disk rate allow, and do what else is due."""
        self._judge_packs(now)
        self._submit_from_archives(now)
        self._submit_unfiled(now)
        self._late_markers.put_back_due(now, wall)
        self._folders.bring_late_files(now)
        self._empty_folders.remove_due(now)
        if not self.busy:
            self._waiting.judge()
        if not self.busy:
            self._session.neighbors.forget()
        surveys: dict[Path, Survey] = {}
        self._report_packages(now, surveys)
        if not self._may_submit(now):
            return
        for answer in self._context.arrivals.stable(now, wall):
            if isinstance(answer, Refused):
                self._refuse(answer)
            elif answer[0].path in self._in_flight:
                self._context.arrivals.done(answer[0].path, now)
            elif lack := self._folders.lacks_space(*answer, now):
                self._context.arrivals.retry_later(answer[0].path, lack, now, wall)
            elif arrival := self._unless_in_project(*answer, surveys):
                self._submit(arrival, answer[1])

    def _unless_in_project(
        self, arrival: Arrival, watch: Watch, surveys: dict[Path, Survey]
    ) -> Arrival | None:
        """Return the arrival with the claim on it, or None where it stays as a part of a project, which is reported once.

        Each watched folder is surveyed once, and kept in `surveys`.
        """
        if watch.folder not in surveys:
            surveys[watch.folder] = self._session.projects.survey(watch)
        survey, folder = surveys[watch.folder], pack_folder(arrival.path, watch.folder)
        found = self._session.projects.ownership(arrival.path, watch, survey)
        if found.unknown:
            self._leave_unknown(arrival, found.unknown)
            return None
        found = self._session.packs.kept.ownership(arrival.path, folder, watch, survey, found)
        if found.project is None:
            return replace(arrival, claim=found.claim) if found.claim else arrival
        journal = self._session.journal
        with journal.transaction():
            batch = journal.batches.current(watch.folder, arrival.pack, time.time())
            entry = self._session.projects.report(found.project, batch)
            if not self._session.dry_run:
                journal.seen.note(arrival.path, arrival.stamp, IN_PROJECT)
        if entry:
            self._reporter.report_entry(entry)
        self._context.arrivals.done(arrival.path, time.monotonic())
        return None

    def _report_packages(self, now: float, surveys: dict[Path, Survey]) -> None:
        """Report songs that are packages, from which no sound is ever given to the workers, like any other project."""
        projects = self._session.projects
        for path, watch in self._context.arrivals.packages(now):
            if watch.folder not in surveys:
                surveys[watch.folder] = projects.survey(watch)
            for project, sounds in projects.unreported(surveys[watch.folder], watch, around=path):
                batch = self._session.journal.batches.current(watch.folder, "", time.time())
                if entry := projects.report(project, batch, sounds=sounds):
                    self._reporter.report_entry(entry)

    def _leave_unknown(self, arrival: Arrival, folder: Path) -> None:
        """Leave what lies in a folder that could not be surveyed: reported once, and tried again with the next full rescan."""
        if folder not in self._reported_unknown:
            self._reported_unknown.add(folder)
            as_arrival = Arrival(folder, NO_STAMP, arrival.watch, arrival.pack)
            for entry in self._session.pipeline.refuse(as_arrival, why_untouched(folder), for_good=False):
                self._reporter.report_entry(entry)
        self._context.arrivals.done(arrival.path, time.monotonic())

    def _submit_from_archives(self, now: float) -> None:
        while self._may_submit(now) and (sound := self.archives.next_sound()):
            self._submit(*sound)
        self.archives.close_finished()

    def _submit_unfiled(self, now: float) -> None:
        while self._may_submit(now) and (sound := self._unfiled.next_sound(now)):
            self._submit(*sound)

    def _judge_packs(self, now: float) -> None:
        """Have the sounds of packs judged of which all are analyzed; no file is read for that."""
        self._judge.complete_packs(now)
        while self._with_workers < MAX_IN_FLIGHT and self._judge.judge_next():
            pass

    def _more_of_pack(self, arrival: Arrival) -> bool:
        if arrival.origin:
            return self.archives.has_more_of(arrival)
        folder = folder_of(arrival)
        return folder is not None and self._context.arrivals.more_of(folder)

    @property
    def _with_workers(self) -> int:
        """How many files are with the workers or wait to be filed, without those that wait for their pack."""
        return len(self._in_flight) - self._judge.waiting

    def _may_submit(self, now: float) -> bool:
        return self._with_workers < MAX_IN_FLIGHT and not self._rate_limit.wait(now)

    def _submit(self, arrival: Arrival, watch: Watch) -> None:
        self._in_flight.add(arrival.path)
        self._reporter.mark_stale()
        if is_archive(arrival.path.name):
            unpacking = self._session.packs.archives.unpack(arrival, watch)
            unpacking.add_done_callback(lambda done: self._inbox.put(ArchiveUnpacked(arrival, watch, done)))
            return
        rewritten = watch.action in WRITING_SOUND
        self._rate_limit.spend(arrival.stamp.size_bytes * (2 if rewritten else 1), time.monotonic())
        self._folders.sound_submitted(arrival)
        self._judge.analyze(arrival, watch)

    def _refuse(self, refused: Refused) -> None:
        """Report a file that is not even given to the workers."""
        for entry in self._session.pipeline.refuse(refused.arrival, refused.why, for_good=refused.for_good):
            self._reporter.report_entry(entry)

    # To their places

    def add_analyzed(self, done: AnalysisDone) -> None:
        """Let an analyzed sound wait to be filed, or first for the others of its pack."""
        if not self._judge.add_analyzed(done, _result_of(done.future), time.monotonic()):
            self._analyzed.append(done)

    def file_analyzed(self) -> None:
        """File the next group of analyzed sounds; see `Pipeline.file_together`."""
        group, self._analyzed = self._analyzed[:FILED_AT_ONCE], self._analyzed[FILED_AT_ONCE:]
        kept = self._without_projects(
            [(done, answer) for done in group if (answer := self._answer_to(done)) is not None]
        )
        for done, answer in kept:
            # Training and the test of a new model use it later
            if isinstance(answer, Analyzed):
                self._session.analysis_cache.keep_answer(answer, done.arrival.stamp.size_bytes)
                self._judge.note_judged(done, answer)
                if done.watch.context:
                    self._waiting.note_analyzed(place_of(done.arrival))
        filed = self._session.pipeline.file_together(
            [
                FilingRequest(
                    done.arrival,
                    done.watch,
                    answer,
                    self._batch_of(done.arrival),
                    place=place_of(done.arrival),
                )
                for done, answer in kept
            ]
        )
        for (done, answer), result in zip(kept, filed, strict=True):
            self._finish(done.arrival, result, answer)
            self._empty_folders.files_moved(result.entries, done.watch, time.monotonic())
            self._late_markers.files_moved(result.entries, done.watch, time.monotonic())
            self._folders.sound_done(done.arrival, done.watch, time.monotonic())

    def finish_judged_again(self, done: JudgedAgain) -> None:
        """File a sound that has waited, if it is in no doubt any more now that its neighbors are known."""
        if entry := self._waiting.finish(done):
            self._reporter.report_entry(entry)
            if watch := watch_around(self._session.config, entry.source):
                self._empty_folders.files_moved([entry], watch, time.monotonic())

    def _batch_of(self, arrival: Arrival) -> int | None:
        return self.archives.batch_of(arrival) or self._unfiled.batch_of(arrival)

    def _without_projects(
        self, analyzed: list[tuple[AnalysisDone, Answer]]
    ) -> list[tuple[AnalysisDone, Answer]]:
        """Leave out what turned out to be part of a project since it was given to the workers."""
        surveys: dict[Path, Survey] = {}
        kept = []
        for done, answer in analyzed:
            arrival: Arrival | None = done.arrival
            if not done.arrival.origin and self._unfiled.batch_of(done.arrival) is None:
                arrival = self._unless_in_project(done.arrival, done.watch, surveys)
            if arrival is None:
                self._folders.sound_done(done.arrival, done.watch, time.monotonic())
            else:
                kept.append((done._replace(arrival=arrival), answer))
        return kept

    def _answer_to(self, done: AnalysisDone) -> Answer | None:
        """The worker's answer; None where the request was cancelled because the daemon stops."""
        self._in_flight.discard(done.arrival.path)
        return _result_of(done.future)

    def _finish(self, arrival: Arrival, filed: FilingResult, answer: Answer) -> None:
        if arrival.origin:
            self.archives.sound_done(arrival, filed, answer.message if isinstance(answer, Failed) else "")
        elif self._unfiled.batch_of(arrival) is not None:
            self._unfiled.sound_done(arrival)
        elif filed.again and not filed.gone:
            self._context.arrivals.retry_later(
                arrival.path, filed.again, time.monotonic(), time.time(), patient=filed.trouble is not None
            )
        else:
            self._context.arrivals.done(arrival.path, time.monotonic())
        if filed.trouble:
            self._reporter.report_outage(filed.trouble, arrival.known_as)
        elif not filed.again and self._reporter.end_outages(arrival.known_as):
            self._context.arrivals.retry_now(time.monotonic())
        for entry in filed.entries:
            if not (filed.trouble and entry.state == "failed"):  # the outage has been reported
                self._reporter.report_entry(entry)

    # Archives

    def add_unpacked(self, done: ArchiveUnpacked) -> None:
        """Start on an unpacked archive, or report why it was refused: for good, or until it is complete or there is more space."""
        archive, watch = done.archive, done.watch
        self._in_flight.discard(archive.path)
        answer = _result_of(done.future)
        if answer is None:
            return
        if isinstance(answer, Failed):
            self._refuse_archive(done, answer)
        elif pack := self._session.packs.archives.open(archive, watch, expect(answer, UnpackedArchive)):
            self.archives.add(pack)
        else:
            self._reporter.report_archive(self._session.packs.outcomes.without_sounds(archive))
            self._context.arrivals.done(archive.path, time.monotonic())

    def _refuse_archive(self, done: ArchiveUnpacked, why: Failed) -> None:
        archive = done.archive
        for_now = why.kind in FOR_NOW and not (why.kind is ErrorKind.ARCHIVE_INCOMPLETE and _is_old(archive))
        if for_now:
            self._context.arrivals.retry_later(archive.path, why.message, time.monotonic(), time.time())
        else:
            self._context.arrivals.done(archive.path, time.monotonic())
        self._reporter.report_archive(self._session.packs.outcomes.refuse(archive, why, for_good=not for_now))


def _is_old(archive: Arrival) -> bool:
    """Return whether a download that lacks its end has rested so long that only a change can bring it."""
    return time.time() - archive.stamp.mtime_ns / 1e9 >= ENDED_AFTER


def _result_of(future: Future[Answer]) -> Answer | None:
    try:
        return future.result()
    except CancelledError:
        return None
    except DrumwatchError as exc:
        return failed(exc)
