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
from drumwatch import models, places
from drumwatch.arrivals import Arrivals
from drumwatch.config.changes import Changes
from drumwatch.daemon.crew import Crew
from drumwatch.daemon.handling import Handling
from drumwatch.daemon.inbox import Answered, Inbox, Learned, Message, Opened, Reload, Stop
from drumwatch.daemon.pausing import Pauses
from drumwatch.daemon.rounds import Rounds
from drumwatch.daemon.schooling import Schooling
from drumwatch.daemon.telling import Teller
from drumwatch.errors import ConfigError, DrumwatchError
from drumwatch.intake.watch import Watcher
from drumwatch.journal import Journal
from drumwatch.learning.train import teaching_worker
from drumwatch.lock import Lock
from drumwatch.notify import Notifier
from drumwatch.packs import Packs
from drumwatch.packs.projects import Projects
from drumwatch.pipeline import Pipeline, make_libraries, recover
from drumwatch.recall import Recall
from drumwatch.records import FileEvent
from drumwatch.words import home_short, told
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
        self._notifier = Notifier()
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
        crew = self._crew = self._gather(stack)
        self._teller = Teller(crew.journal, self._notifier)
        self._pauses, self._rounds = Pauses(crew, self._teller), Rounds(crew, self._teller)
        self._handling = Handling(crew, self._teller, self._inbox)
        self._schooling = Schooling(crew, self._inbox)
        self._recover()
        crew.watcher.add(self._config_path.parent, recursive=False, poll="never")
        crew.watcher.start()
        stack.callback(crew.watcher.stop)
        self._teller.begin(crew.pipeline.model)
        stack.callback(self._teller.end)
        self._take_up(self._config)
        self._rounds.learn()
        self._handling.take_up()
        for pack in () if self._dry_run else crew.packs.take_up(self._config.watches):
            self._handling.archives.begin(pack)

    def _gather(self, stack: ExitStack) -> Crew:
        """Everybody who works here, and their ends."""
        config, dry_run = self._config, self._dry_run
        journal = stack.enter_context(_open_journal(dry_run=dry_run))
        workers, tagging = LocalWorkers(limit=config.workers), LocalWorkers(limit=1)
        teaching = teaching_worker()
        for pool in (workers, tagging, teaching):
            stack.callback(pool.shutdown, cancel_futures=True)
        state = places.state_folder()
        model = models.in_force()
        pipeline = Pipeline(config, journal, workers, tagging, state=state, dry_run=dry_run, model=model)
        projects = Projects(journal)
        packs = Packs(config, journal, pipeline, projects, dry_run=dry_run, paced=not self._once)
        stack.callback(packs.shutdown)
        watcher = Watcher(self._inbox.put)
        arrivals = _arrivals(config, journal, watcher)
        recall = stack.enter_context(Recall(places.heard_file()))
        return Crew(
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
        for entry in () if self._dry_run else recover(self._crew.journal, state=places.state_folder()):
            log.warning("Interrupted last time, now %s: %s", entry.state, told(entry))

    # Settings

    def _reload(self) -> None:
        self._notifier.reloading()
        self._config_changes.was_read()
        try:
            config = _usable(self._config_path)
        except ConfigError as exc:
            self._teller.bad_configuration(exc.problems)
            return
        log.info("The configuration has been read again.")
        self._take_up(config)

    def _take_up(self, config: Config) -> None:
        """Watch what this configuration says, instead of what was watched."""
        crew = self._crew
        self._watch(config)
        crew.config = crew.pipeline.config = crew.packs.config = config
        if not self._dry_run:
            make_libraries(config, crew.journal)
        crew.arrivals = _arrivals(config, crew.journal, crew.watcher)
        old = crew.arrivals.begin(time.monotonic(), time.time(), everything=self._everything)
        for watch in config.watches:
            log.info("Watching %s", _introduced(watch, old.get(watch.folder)))
        for note in config.notes:
            log.warning("%s", note)
        self._rounds.begin(watch.folder for watch in config.watches)
        self._pauses.look_again()
        self._schooling.look_again()
        self._handling.keep_to(0 if self._once else config.disk_rate)
        wanted = config.notify and not self._dry_run
        self._teller.on_the_desktop(wanted=wanted, spell=SPELL * config.quiet)
        self._teller.ready(f"Watching {len(config.watches)} folder{'s' * (len(config.watches) != 1)}")

    def _watch(self, config: Config) -> None:
        for watch in self._crew.config.watches:
            if watch.folder != self._config_path.parent:
                self._crew.watcher.remove(watch.folder)
        for watch in config.watches:
            self._crew.watcher.add(watch.folder, recursive=watch.recursive, poll=watch.poll)

    # The loop

    def _turn(self) -> None:
        """Read what has come in, hand out what has come to rest, look around when it is time."""
        self._read_inbox()
        if self._config_changes.settled(time.monotonic()):
            self._reload()
        self._give_way(time.monotonic())
        if self._handling.has_heard and not self._pauses.pausing and not self._stopping:
            self._handling.file_heard()
        now, wall = time.monotonic(), time.time()
        self._rounds.look(now, wall)
        self._schooling.look()
        if not self._pauses.pausing:
            self._learn_if_due()
            self._handling.hand_out(now, wall)
        self._tell_progress(now)
        self._beat(now)
        if self._once and not self._busy():
            self._handling.put_back_early_ones()
        if self._once and not self._busy():
            self._handling.remove_emptied_folders()
            self._teller.what_was_done(math.inf)
            self._stopping = self._done_once()

    def _done_once(self) -> str:
        """What is handled, and what was left because it is old."""
        old = self._crew.arrivals.old()
        if self._everything or not old:
            return f"everything that {'was there' if self._everything else 'has come'} has been handled"
        left = (
            "1 sound was there before and stays as it is"
            if old == 1
            else f"{old} sounds were there before and stay as they are"
        )
        more = "`drumwatch run --once --everything` or `drumwatch sort FOLDER` handles"
        return f"everything that has come has been handled; {left}: {more} {'it' if old == 1 else 'them'}"

    def _learn_if_due(self) -> None:
        """A lesson waits until nothing else is to be done."""
        if self._schooling.due and not self._once and not self._busy():
            self._schooling.begin()

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
                self._crew.arrivals.notice(message, time.monotonic(), time.time())
                self._rounds.notice(message)
                self._handling.notice(message, time.monotonic())
            case Answered():
                self._handling.heard(message)
            case Learned():
                self._schooling.learned(message)
            case Opened():
                self._handling.opened(message)
            case Reload():
                self._reload()

    def _seconds_to_wait(self, now: float) -> float:
        """Until the next thing that has to be done without anybody's hint."""
        if self._handling.has_heard and not self._pauses.pausing:
            return 0.0
        due = [*self._rounds.due(), self._config_changes.due]
        due.append(self._teller.due(busy=self._busy() or self._pauses.pausing))
        due += [self._pauses.due, None if self._pauses.pausing else self._handling.due(now)]
        if self._notifier.beat_every:
            due.append(self._next_beat)
        first = min((time for time in due if time is not None), default=now + self._crew.config.rescan)
        return max(0.0, first - now)

    def _give_way(self, now: float) -> None:
        """Somebody who says `--once` waits for us, so we wait for nobody."""
        settled = self._crew.arrivals.next_due()
        something_to_do = self._handling.busy or (settled is not None and settled <= now)
        something_to_do |= self._schooling.due or self._schooling.learning
        if not self._once:
            self._pauses.look(now, something_to_do=something_to_do)

    def _busy(self) -> bool:
        return self._handling.busy or self._crew.arrivals.settling() > 0 or not self._inbox.empty()

    def _tell_progress(self, now: float) -> None:
        busy, paused = self._busy(), self._pauses.pausing
        if self._teller.progress_is_due(now):
            waiting = {"settling": self._crew.arrivals.settling(), "hearing": self._handling.hearing}
            self._teller.progress(now, busy=busy, paused=paused, watching=self._modes(), **waiting)
        if not busy and not paused:
            self._teller.what_was_done(now)

    def _modes(self) -> list[dict[str, str]]:
        folders = [watch.folder for watch in self._crew.config.watches]
        modes = ((folder, self._crew.watcher.mode(folder)) for folder in folders)
        return [{"folder": str(folder), "mode": mode.how, "why": mode.why} for folder, mode in modes]

    def _beat(self, now: float) -> None:
        """The service manager's watchdog is fed only while the folders are watched and the workers serve."""
        if self._notifier.beat_every and now >= self._next_beat:
            self._next_beat = now + self._notifier.beat_every
            crew = self._crew
            if crew.watcher.is_alive() and crew.workers.is_alive(now) and crew.tagging.is_alive(now):
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
    lock = Lock(places.lock_file())
    if not lock.take():
        raise AlreadyRunning(
            f"drumwatch is already running (process {lock.holder()}); `drumwatch status` tells how it is."
        )
    try:
        yield
    finally:
        lock.release()


def _open_journal(*, dry_run: bool) -> Journal:
    path = places.journal_file()
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
