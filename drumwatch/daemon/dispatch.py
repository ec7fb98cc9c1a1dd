"""The way of an arrival through the daemon: given to the workers, heard, filed, told."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.records import NO_STAMP, Arrival
from drumwatch.daemon.empty_folders import EmptyFolders
from drumwatch.daemon.late_markers import LateMarkers
from drumwatch.daemon.messages import AnalysisDone, ArchiveUnpacked, Inbox
from drumwatch.daemon.packs import OpenArchives, PackFolders
from drumwatch.daemon.unfiled import Unfinished
from drumwatch.intake.arrivals import Refused, is_archive
from drumwatch.intake.pack_names import pack_folder
from drumwatch.intake.stability import ENDED_AFTER
from drumwatch.packs import FOR_NOW
from drumwatch.packs.projects import why_untouched
from drumwatch.pipeline import FILED_AT_ONCE, FilingRequest, FilingResult
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

IN_PROJECT = "left whole"  # why a file in a project is nothing new
MAX_IN_FLIGHT = 512  # sounds given to the workers and not yet filed: what is more waits with the settler
REWRITING = ("copy", "tag")  # these write a file as large as the one that is heard


class Dispatcher:
    """Everything that has left the settler and has not yet come to its place."""

    def __init__(self, context: Context, reporter: StatusReporter, inbox: Inbox) -> None:
        self._context = context
        self._reporter = reporter
        self._inbox = inbox
        self._in_flight: set[Path] = set()
        self._heard: list[AnalysisDone] = []
        self._told_unknown: set[Path] = set()  # folders that could not be looked through
        self.archives = OpenArchives(context, reporter, self._in_flight)
        self._empty_folders = EmptyFolders(context, reporter)
        self._folders = PackFolders(context, reporter, self._empty_folders)
        self._unfinished = Unfinished(context)
        self._late_markers = LateMarkers(context, reporter)
        self._pace = RateLimit(0)

    def take_up(self) -> None:
        """Packs that the last run had begun to keep whole, folders that it had emptied, and markers that came while nobody watched."""
        self._folders.take_up(time.monotonic())
        self._late_markers.take_up(time.monotonic())
        self._empty_folders.take_up(time.monotonic(), time.time())

    def notice(self, event: FileEvent, now: float) -> None:
        """An event may be about a marker that comes after its sounds."""
        self._late_markers.notice(event, now)

    def put_back_early_ones(self) -> None:
        """At once, as this run ends here."""
        self._late_markers.look_at_all()

    def remove_emptied_folders(self) -> None:
        """At once, as this run ends here."""
        self._empty_folders.look()

    def keep_to(self, disk_rate: int) -> None:
        """Bytes per second; 0 is no bound."""
        self._pace = RateLimit(disk_rate)

    @property
    def busy(self) -> bool:
        return bool(self._in_flight or self._heard or self.archives)

    @property
    def hearing(self) -> int:
        """How many are with the workers."""
        return len(self._in_flight)

    @property
    def has_analyzed(self) -> bool:
        """Something waits to be filed."""
        return bool(self._heard)

    # To the workers

    def due(self, now: float) -> float | None:
        """When `hand_out` is worth another try without anybody's hint; None while the workers have enough to do."""
        if len(self._in_flight) >= MAX_IN_FLIGHT:
            return None
        free = now + self._pace.wait(now)
        settled = now if self.archives.wait_to_be_heard else self._context.arrivals.next_due()
        due = [None if settled is None else max(settled, free)]
        due += [self._folders.late_look_due(), self._empty_folders.due(), self._late_markers.due()]
        return min((time for time in due if time is not None), default=None)

    def hand_out(self, now: float, wall: float) -> None:
        """What has come to rest goes to the workers, as long as they and the disk have not too much to do."""
        self._hand_out_archives(now)
        self._hand_out_unfinished(now)
        self._late_markers.look(now, wall)
        self._folders.look_for_late_ones(now)
        self._empty_folders.look(now)
        surveys: dict[Path, Survey] = {}
        self._tell_packages(now, surveys)
        if not self._may_ask(now):
            return
        for answer in self._context.arrivals.settled(now, wall):
            if isinstance(answer, Refused):
                self._refuse(answer)
            elif answer[0].path in self._in_flight:
                self._context.arrivals.done(answer[0].path, now)
            elif lack := self._folders.waits_for_room(*answer, now):
                self._context.arrivals.again(answer[0].path, lack, now, wall)
            elif arrival := self._unless_left_whole(*answer, surveys):
                self._ask(arrival, answer[1])

    def _unless_left_whole(
        self, arrival: Arrival, watch: Watch, surveys: dict[Path, Survey]
    ) -> Arrival | None:
        """The same with what else needs it, or None for a part of a project, which is told once and stays; one look for each watch."""
        if watch.folder not in surveys:
            surveys[watch.folder] = self._context.projects.survey(watch)
        survey, folder = surveys[watch.folder], pack_folder(arrival.path, watch.folder)
        found = self._context.projects.ownership(arrival.path, watch, survey)
        if found.unknown:
            self._leave_unknown(arrival, found.unknown)
            return None
        found = self._context.packs.kept.ownership(arrival.path, folder, watch, survey, found)
        if found.project is None:
            return replace(arrival, claim=found.claim) if found.claim else arrival
        journal = self._context.journal
        with journal.transaction():
            batch = journal.batches.current(watch.folder, arrival.pack, time.time())
            told = self._context.projects.tell(found.project, batch)
            if not self._context.dry_run:
                journal.seen.note(arrival.path, arrival.stamp, IN_PROJECT)
        if told:
            self._reporter.entry(told)
        self._context.arrivals.done(arrival.path, time.monotonic())
        return None

    def _tell_packages(self, now: float, surveys: dict[Path, Survey]) -> None:
        """A song that is a package, or in one, is told like any other, though no sound of it is ever handed out."""
        projects = self._context.projects
        for path, watch in self._context.arrivals.packages(now):
            if watch.folder not in surveys:
                surveys[watch.folder] = projects.survey(watch)
            for project, sounds in projects.unasked(surveys[watch.folder], watch, around=path):
                batch = self._context.journal.batches.current(watch.folder, "", time.time())
                if told := projects.tell(project, batch, sounds=sounds):
                    self._reporter.entry(told)

    def _leave_unknown(self, arrival: Arrival, folder: Path) -> None:
        """What lies in a folder that could not be looked through stays; told once, and tried again with the next full round."""
        if folder not in self._told_unknown:
            self._told_unknown.add(folder)
            whole = Arrival(folder, NO_STAMP, arrival.watch, arrival.pack)
            for entry in self._context.pipeline.refuse(whole, why_untouched(folder), for_good=False):
                self._reporter.entry(entry)
        self._context.arrivals.done(arrival.path, time.monotonic())

    def _hand_out_archives(self, now: float) -> None:
        while self._may_ask(now) and (sound := self.archives.next_sound()):
            self._ask(*sound)
        self.archives.close_the_finished()

    def _hand_out_unfinished(self, now: float) -> None:
        while self._may_ask(now) and (sound := self._unfinished.next_sound(now)):
            self._ask(*sound)

    def _may_ask(self, now: float) -> bool:
        return len(self._in_flight) < MAX_IN_FLIGHT and not self._pace.wait(now)

    def _ask(self, arrival: Arrival, watch: Watch) -> None:
        self._in_flight.add(arrival.path)
        self._reporter.outdated()
        if is_archive(arrival.path.name):
            opening = self._context.packs.ask(arrival, watch)
            opening.add_done_callback(lambda done: self._inbox.put(ArchiveUnpacked(arrival, watch, done)))
            return
        copies = watch.action in REWRITING
        self._pace.spend(arrival.stamp.size_bytes * (2 if copies else 1), time.monotonic())
        self._folders.begin(arrival)
        future = self._context.pipeline.hear(arrival, watch)
        future.add_done_callback(lambda done: self._inbox.put(AnalysisDone(arrival, watch, done)))

    def _refuse(self, refused: Refused) -> None:
        """A file that never gets as far as being heard."""
        for entry in self._context.pipeline.refuse(refused.arrival, refused.why, for_good=refused.for_good):
            self._reporter.entry(entry)

    # To its place

    def heard(self, answered: AnalysisDone) -> None:
        self._heard.append(answered)

    def file_analyzed(self) -> None:
        """The next group of what has been heard is filed: see `Pipeline.file_together`."""
        group, self._heard = self._heard[:FILED_AT_ONCE], self._heard[FILED_AT_ONCE:]
        told = self._still_to_file(
            [(one, answer) for one in group if (answer := self._answer_to(one)) is not None]
        )
        for one, answer in told:  # what a correction of the sound teaches, and what a new model is tried on
            if isinstance(answer, Analyzed):
                self._context.recall.keep_answer(answer, one.arrival.stamp.size_bytes)
        filed = self._context.pipeline.file_together(
            [
                FilingRequest(one.arrival, one.watch, answer, self._batch_of(one.arrival))
                for one, answer in told
            ]
        )
        for (one, _), result in zip(told, filed, strict=True):
            self._conclude(one.arrival, result)
            self._empty_folders.moved(result.entries, one.watch, time.monotonic())
            self._late_markers.moved(result.entries, one.watch, time.monotonic())
            self._folders.conclude(one.arrival, one.watch, time.monotonic())

    def _batch_of(self, arrival: Arrival) -> int | None:
        return self.archives.batch_of(arrival) or self._unfinished.batch_of(arrival)

    def _still_to_file(self, heard: list[tuple[AnalysisDone, Answer]]) -> list[tuple[AnalysisDone, Answer]]:
        """Without what has turned out to be part of a project since it was given to the workers."""
        surveys: dict[Path, Survey] = {}
        kept = []
        for one, answer in heard:
            arrival: Arrival | None = one.arrival
            if not one.arrival.origin and self._unfinished.batch_of(one.arrival) is None:
                arrival = self._unless_left_whole(one.arrival, one.watch, surveys)
            if arrival is None:
                self._folders.conclude(one.arrival, one.watch, time.monotonic())
            else:
                kept.append((one._replace(arrival=arrival), answer))
        return kept

    def _answer_to(self, answered: AnalysisDone) -> Answer | None:
        """None for what was cancelled because we stop."""
        self._in_flight.discard(answered.arrival.path)
        return _result_of(answered.future)

    def _conclude(self, arrival: Arrival, filed: FilingResult) -> None:
        if arrival.origin:
            self.archives.conclude(arrival, filed)
        elif self._unfinished.batch_of(arrival) is not None:
            self._unfinished.conclude(arrival)
        elif filed.again and not filed.gone:
            self._context.arrivals.again(
                arrival.path, filed.again, time.monotonic(), time.time(), patient=filed.trouble is not None
            )
        else:
            self._context.arrivals.done(arrival.path, time.monotonic())
        if filed.trouble:
            self._reporter.trouble(filed.trouble, arrival.known_as)
        elif not filed.again and self._reporter.ends_outage(arrival.known_as):
            self._context.arrivals.hurry(time.monotonic())
        for entry in filed.entries:
            if not (filed.trouble and entry.state == "failed"):  # that has been told
                self._reporter.entry(entry)

    # Archives

    def opened(self, opened: ArchiveUnpacked) -> None:
        """An archive has been unpacked, or refused: for good, or until there is more of it or more room."""
        archive, watch = opened.archive, opened.watch
        self._in_flight.discard(archive.path)
        answer = _result_of(opened.future)
        if answer is None:
            return
        if isinstance(answer, Failed):
            self._archive_refused(opened, answer)
        elif pack := self._context.packs.opened(archive, watch, expect(answer, UnpackedArchive)):
            self.archives.begin(pack)
        else:
            self._context.arrivals.done(archive.path, time.monotonic())

    def _archive_refused(self, opened: ArchiveUnpacked, why: Failed) -> None:
        archive = opened.archive
        for_now = why.kind in FOR_NOW and not (why.kind is ErrorKind.ARCHIVE_INCOMPLETE and _is_old(archive))
        if for_now:
            self._context.arrivals.again(archive.path, why.message, time.monotonic(), time.time())
        else:
            self._context.arrivals.done(archive.path, time.monotonic())
        self._refuse(Refused(archive, opened.watch, why.message, for_good=not for_now))


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
