"""The loop: one inbox, one thread that decides and acts. Who starts what, and who stops it."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from drumwatch import config as configuration
from drumwatch.config.file_changes import Changes
from drumwatch.core.errors import ConfigError, DrumwatchError
from drumwatch.core.formatting import as_sentence, home_short
from drumwatch.core.records import FileEvent
from drumwatch.daemon.context import Context
from drumwatch.daemon.dispatch import Dispatcher
from drumwatch.daemon.messages import AnalysisDone, ArchiveUnpacked, Inbox, Message, Reload, RetrainDone, Stop
from drumwatch.daemon.pause import PauseControl
from drumwatch.daemon.rescan import Rescans
from drumwatch.daemon.retrain import Retraining
from drumwatch.daemon.status import StatusReporter
from drumwatch.intake.arrivals import Arrivals
from drumwatch.intake.watch import Watcher
from drumwatch.journal import Journal
from drumwatch.learning.retrain import retrain_worker
from drumwatch.packs import Packs
from drumwatch.packs.projects import Projects
from drumwatch.pipeline import Pipeline, make_libraries, recover
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock
from drumwatch.system.sd_notify import SdNotifier
from drumwatch.workers import model_store
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.pool import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.config import Config, Watch

log = logging.getLogger(__name__)

SPELL = 10  # so many times the quiet time without another one: that was the last of the single sounds
EVENTS_AT_ONCE = 2048  # events read before a look at what has come to rest


class Daemon:
    """Watches, hears, files, until it is told to stop. One thread: everything else only fills the inbox."""

    def __init__(
        self, config_path: Path, *, dry_run: bool = False, once: bool = False, everything: bool = False
    ) -> None:
        self._config_path = config_path
        self._config_changes = Changes(config_path)
        self._config = _usable(config_path)
        self._dry_run = dry_run
        self._once = once
        self._everything = everything
        self._stopping = ""
        self._inbox: Inbox = queue.SimpleQueue()
        self._notifier = SdNotifier()
        self._next_beat = time.monotonic()

    # From outside, any thread or signal handler

    def stop(self, why: str) -> None:
        """End soon: after the files in hand, without the ones that wait."""
        self._stopping = why
        self._inbox.put(Stop(why))

    def reload(self) -> None:
        """Read the configuration again; a bad one is told and the old one stays."""
        self._inbox.put(Reload())

    # Beginning

    def run(self) -> None:
        """Watch until `stop`; with `once`, until what has come has been handled; with `everything`, also what was there before."""
        with ExitStack() as stack:
            self._start(stack)
            while not self._stopping:
                self._turn()
            log.info("Stopping (%s).", self._stopping)
            self._notifier.stopping()

    def _start(self, stack: ExitStack) -> None:
        if not self._dry_run:
            stack.enter_context(_only_one())
        context = self._context = self._gather(stack)
        self._reporter = StatusReporter(context.journal, self._notifier)
        self._pause_control, self._rescans = (
            PauseControl(context, self._reporter),
            Rescans(context, self._reporter),
        )
        self._dispatcher = Dispatcher(context, self._reporter, self._inbox)
        self._retraining = Retraining(context, self._inbox)
        self._recover()
        context.watcher.add(self._config_path.parent, recursive=False, poll="never")
        context.watcher.start()
        stack.callback(context.watcher.stop)
        self._reporter.begin(context.pipeline.model)
        stack.callback(self._reporter.end)
        self._take_up(self._config)
        self._rescans.learn()
        self._dispatcher.take_up()
        for pack in () if self._dry_run else context.packs.archives.reopen(self._config.watches):
            self._dispatcher.archives.begin(pack)

    def _gather(self, stack: ExitStack) -> Context:
        """Everybody who works here, and their ends."""
        config, dry_run = self._config, self._dry_run
        journal = stack.enter_context(_open_journal(dry_run=dry_run))
        workers, tagging = LocalWorkers(limit=config.workers), LocalWorkers(limit=1)
        teaching = retrain_worker()
        for pool in (workers, tagging, teaching):
            stack.callback(pool.shutdown, cancel_futures=True)
        state = app_paths.state_folder()
        model = model_store.in_force()
        pipeline = Pipeline(config, journal, workers, tagging, state=state, dry_run=dry_run, model=model)
        projects = Projects(journal)
        packs = Packs(config, journal, pipeline, projects, dry_run=dry_run, limit_rate=not self._once)
        stack.callback(packs.shutdown)
        watcher = Watcher(self._inbox.put)
        arrivals = _arrivals(config, journal, watcher)
        recall = stack.enter_context(AnalysisCache(app_paths.analysis_cache_file()))
        return Context(
            config,
            journal,
            workers,
            tagging,
            pipeline,
            packs,
            projects,
            watcher,
            arrivals,
            recall,
            teaching,
            dry_run,
        )

    def _recover(self) -> None:
        for entry in () if self._dry_run else recover(self._context.journal, state=app_paths.state_folder()):
            log.warning("Interrupted last time, now %s: %s", entry.state, as_sentence(entry))

    # Settings

    def _reload(self) -> None:
        self._notifier.reloading()
        self._config_changes.was_read()
        try:
            config = _usable(self._config_path)
        except ConfigError as exc:
            self._reporter.bad_configuration(exc.problems)
            return
        log.info("The configuration has been read again.")
        self._take_up(config)

    def _take_up(self, config: Config) -> None:
        """Watch what this configuration says, instead of what was watched."""
        context = self._context
        self._watch(config)
        context.config = context.pipeline.config = context.packs.config = config
        if not self._dry_run:
            make_libraries(config, context.journal)
        context.arrivals = _arrivals(config, context.journal, context.watcher)
        old = context.arrivals.begin(time.monotonic(), time.time(), everything=self._everything)
        for watch in config.watches:
            log.info("Watching %s", _introduced(watch, old.get(watch.folder)))
        for note in config.notes:
            log.warning("%s", note)
        self._rescans.begin(watch.folder for watch in config.watches)
        self._pause_control.look_again()
        self._retraining.look_again()
        self._dispatcher.keep_to(0 if self._once else config.disk_rate)
        wanted = config.notify and not self._dry_run
        self._reporter.notify_on_desktop(wanted=wanted, spell=SPELL * config.quiet)
        self._reporter.ready(f"Watching {len(config.watches)} folder{'s' * (len(config.watches) != 1)}")

    def _watch(self, config: Config) -> None:
        for watch in self._context.config.watches:
            if watch.folder != self._config_path.parent:
                self._context.watcher.remove(watch.folder)
        for watch in config.watches:
            self._context.watcher.add(watch.folder, recursive=watch.recursive, poll=watch.poll)

    # The loop

    def _turn(self) -> None:
        """Read what has come in, hand out what has come to rest, look around when it is time."""
        self._read_inbox()
        if self._config_changes.settled(time.monotonic()):
            self._reload()
        self._give_way(time.monotonic())
        if self._dispatcher.has_analyzed and not self._pause_control.pausing and not self._stopping:
            self._dispatcher.file_analyzed()
        now, wall = time.monotonic(), time.time()
        self._rescans.look(now, wall)
        self._retraining.look()
        if not self._pause_control.pausing:
            self._retrain_if_due()
            self._dispatcher.hand_out(now, wall)
        self._tell_progress(now)
        self._beat(now)
        if self._once and not self._busy():
            self._dispatcher.put_back_early_ones()
        if self._once and not self._busy():
            self._dispatcher.remove_emptied_folders()
            self._reporter.what_was_done(math.inf)
            self._stopping = self._done_once()

    def _done_once(self) -> str:
        """What is handled, and what was left because it is old."""
        old = self._context.arrivals.old()
        if self._everything or not old:
            return f"everything that {'was there' if self._everything else 'has come'} has been handled"
        left = (
            "1 sound was there before and stays as it is"
            if old == 1
            else f"{old} sounds were there before and stay as they are"
        )
        more = "`drumwatch run --once --everything` or `drumwatch sort FOLDER` handles"
        return f"everything that has come has been handled; {left}: {more} {'it' if old == 1 else 'them'}"

    def _retrain_if_due(self) -> None:
        """A lesson waits until nothing else is to be done."""
        if self._retraining.due and not self._once and not self._busy():
            self._retraining.begin()

    def _read_inbox(self) -> None:
        try:
            message = self._inbox.get(timeout=self._seconds_to_wait(time.monotonic()))
            for _ in range(EVENTS_AT_ONCE):
                self._take(message)
                if self._stopping:
                    return
                message = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _take(self, message: Message) -> None:
        match message:
            case FileEvent():
                self._context.arrivals.notice(message, time.monotonic(), time.time())
                self._rescans.notice(message)
                self._dispatcher.notice(message, time.monotonic())
            case AnalysisDone():
                self._dispatcher.heard(message)
            case RetrainDone():
                self._retraining.learned(message)
            case ArchiveUnpacked():
                self._dispatcher.opened(message)
            case Reload():
                self._reload()

    def _seconds_to_wait(self, now: float) -> float:
        """Until the next thing that has to be done without anybody's hint."""
        if self._dispatcher.has_analyzed and not self._pause_control.pausing:
            return 0.0
        due = [*self._rescans.due(), self._config_changes.due]
        due.append(self._reporter.due(busy=self._busy() or self._pause_control.pausing))
        due += [self._pause_control.due, None if self._pause_control.pausing else self._dispatcher.due(now)]
        if self._notifier.beat_every:
            due.append(self._next_beat)
        first = min((time for time in due if time is not None), default=now + self._context.config.rescan)
        return max(0.0, first - now)

    def _give_way(self, now: float) -> None:
        """Somebody who says `--once` waits for us, so we wait for nobody."""
        settled = self._context.arrivals.next_due()
        something_to_do = self._dispatcher.busy or (settled is not None and settled <= now)
        something_to_do |= self._retraining.due or self._retraining.learning
        if not self._once:
            self._pause_control.look(now, something_to_do=something_to_do)

    def _busy(self) -> bool:
        return self._dispatcher.busy or self._context.arrivals.waiting() > 0 or not self._inbox.empty()

    def _tell_progress(self, now: float) -> None:
        busy, paused = self._busy(), self._pause_control.pausing
        if self._reporter.progress_is_due(now):
            waiting = {"settling": self._context.arrivals.waiting(), "hearing": self._dispatcher.hearing}
            self._reporter.progress(now, busy=busy, paused=paused, watching=self._modes(), **waiting)
        if not busy and not paused:
            self._reporter.what_was_done(now)

    def _modes(self) -> list[dict[str, str]]:
        folders = [watch.folder for watch in self._context.config.watches]
        modes = ((folder, self._context.watcher.mode(folder)) for folder in folders)
        return [{"folder": str(folder), "mode": mode.how, "why": mode.why} for folder, mode in modes]

    def _beat(self, now: float) -> None:
        """The service manager's watchdog is fed only while the folders are watched and the workers serve."""
        if self._notifier.beat_every and now >= self._next_beat:
            self._next_beat = now + self._notifier.beat_every
            context = self._context
            if context.watcher.is_alive() and context.workers.is_alive(now) and context.tagging.is_alive(now):
                self._notifier.beat()


class AlreadyRunning(DrumwatchError):  # noqa: N818
    """Another daemon has this state folder."""


def _usable(config_path: Path) -> Config:
    """The configuration, with at least one folder to watch; ConfigError otherwise."""
    config = configuration.read(config_path)
    configuration.require_watches(config)
    return config


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    lock = Lock(app_paths.lock_file())
    if not lock.take():
        raise AlreadyRunning(
            f"drumwatch is already running (process {lock.holder()}); `drumwatch status` tells how it is."
        )
    try:
        yield
    finally:
        lock.release()


def _open_journal(*, dry_run: bool) -> Journal:
    path = app_paths.journal_file()
    return Journal.copy_in_memory(path) if dry_run else Journal(path)


def _arrivals(config: Config, journal: Journal, watcher: Watcher) -> Arrivals:
    return Arrivals(config, journal, polled=lambda folder: watcher.mode(folder).how == "polling")


def _introduced(watch: Watch, old: int | None) -> str:
    """A watch as it is announced at the start."""
    where = home_short(watch.folder)
    are = (
        "sound is there already and stays as it is"
        if old == 1
        else "sounds are there already and stay as they are"
    )
    there = f"{old} {are}: " if old else ""
    to = (
        f", {watch.action} to {home_short(watch.library)}"
        if watch.action in configuration.FILING
        else f", {watch.action}"
    )
    return f"{where}{to} ({there}only new files count)"
