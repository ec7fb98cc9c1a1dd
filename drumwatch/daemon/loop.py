"""The loop of the daemon: one inbox, and one thread that decides and acts."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from drumwatch import config as configuration
from drumwatch.config.file_changes import Changes
from drumwatch.core.errors import ConfigError, StateUnavailable
from drumwatch.core.formatting import home_short
from drumwatch.core.records import FILING, EventKind, FileEvent
from drumwatch.daemon.backups import DailyBackup
from drumwatch.daemon.context import Context
from drumwatch.daemon.dispatch import Dispatcher
from drumwatch.daemon.held_state import HeldState
from drumwatch.daemon.hooks import Hooks
from drumwatch.daemon.live_tags import LiveTags
from drumwatch.daemon.messages import (
    AnalysisDone,
    ArchiveUnpacked,
    BackupDone,
    ConfigTouched,
    HooksRun,
    Inbox,
    JudgedAgain,
    Message,
    Reload,
    RetrainDone,
    Stop,
)
from drumwatch.daemon.pause import PauseControl
from drumwatch.daemon.rescan import Rescans
from drumwatch.daemon.retrain import Retraining
from drumwatch.daemon.state_outage import StateOutage
from drumwatch.daemon.status import StatusReporter
from drumwatch.filing.describe import as_sentence
from drumwatch.intake.arrivals import Arrivals
from drumwatch.intake.watch import Watcher
from drumwatch.journal import Filter
from drumwatch.pipeline import make_libraries, recover
from drumwatch.session import SessionOptions, open_session
from drumwatch.system import app_paths
from drumwatch.system.outage_note import OutageNote
from drumwatch.system.sd_notify import SdNotifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.journal import Journal

log = logging.getLogger(__name__)

IDLE_GAP = 10  # times the quiet time: a batch of single sounds has ended when no other has come for so long
TAG_SECONDS = 3.0  # after a signal to stop, for the tag that is being written
CONFIG_POLL_SECONDS = 1.0  # where the system does not report changes of the configuration
EVENTS_AT_ONCE = 2048  # events read before the loop looks at the arrivals


class Daemon:
    """Watches, analyzes and files until it is told to stop; other threads only fill its inbox."""

    def __init__(
        self, config_path: Path, *, dry_run: bool = False, once: bool = False, everything: bool = False
    ) -> None:
        self._config_path = config_path
        self._config_changes = Changes(config_path)
        self._config = _read_config(config_path)
        self._dry_run = dry_run
        self._once = once
        self._everything = everything
        self._stopping = ""
        self._abort_tagging: Callable[[], None] = _nothing  # until there is a session
        self._inbox: Inbox = queue.SimpleQueue()
        self._notifier = SdNotifier()
        self._next_beat = time.monotonic()
        self._state = HeldState()
        self._is_ready = False
        self._settle_due = 0.0

    # Called from any thread or signal handler

    def stop(self, why: str) -> None:
        """Stop soon: after the files that are being filed, without those that wait."""
        self._stopping = why
        self._inbox.put(Stop(why))
        # The loop waits for the answer of a tagger, which may never come
        give_up = threading.Timer(TAG_SECONDS, lambda: self._abort_tagging())  # noqa: PLW0108  it is set later
        give_up.daemon = True
        give_up.start()

    def reload(self) -> None:
        """Read the configuration again; a bad one is reported, and the previous one stays in force."""
        self._inbox.put(Reload())

    # Start

    def run(self) -> None:
        """Watch until `stop`; with `once`, until everything new is handled; with `everything`, also what was there before.

        While the journal cannot be used, nothing is done. Once it can be used again, everything starts anew from the journal and
        the disk, as after a restart of the process: what was interrupted is settled, and what waited is found again.
        """
        with ExitStack() as stack:
            note = OutageNote(app_paths.state_folder())
            stack.callback(note.clear)
            stack.callback(self._state.release)
            outage = StateOutage(note, self._notifier)
            while not self._stopping:
                try:
                    self._run_until_outage(outage)
                except StateUnavailable as exc:
                    if self._dry_run or self._once or not (self._is_ready or exc.fault.passes):
                        raise
                    outage.report(exc, time.monotonic(), notify=self._config.notify)
                    self._wait_for_state(outage)
                    self._read_config_again()

    def _run_until_outage(self, outage: StateOutage) -> None:
        with ExitStack() as stack:
            self._start(stack)
            self._is_ready = True
            outage.end()
            while not self._stopping:
                self._turn()
            self._report_stopping()

    def _start(self, stack: ExitStack) -> None:
        context = self._context = self._open_context(stack)
        session = context.session
        self._abort_tagging = session.abort_tagging
        self._reporter = StatusReporter(session.journal, self._notifier)
        self._pause_control = PauseControl(session, self._reporter)
        self._rescans = Rescans(context, self._reporter)
        self._dispatcher = Dispatcher(context, self._reporter, self._inbox)
        self._retraining = Retraining(session, self._inbox)
        self._live_tags = LiveTags(session)
        self._hooks = Hooks(session, self._inbox)
        stack.callback(self._hooks.close)
        self._backup = DailyBackup(app_paths.journal_file(), self._inbox)
        stack.callback(self._backup.close)
        self._recover()
        context.watcher.watch_file(self._config_path, lambda: self._inbox.put(ConfigTouched()))
        context.watcher.start()
        stack.callback(context.watcher.stop)
        self._reporter.report_start(session.pipeline.model)
        stack.callback(self._report_end)
        self._apply_config(session.config)
        self._rescans.learn_from_moves()
        self._dispatcher.resume()
        for pack in () if self._dry_run else session.packs.archives.reopen(session.config.watches):
            self._dispatcher.archives.add(pack)

    def _open_context(self, stack: ExitStack) -> Context:
        self._inbox = (
            queue.SimpleQueue()
        )  # what an earlier start still sends is about files that are found again
        options = SessionOptions(
            journal=None if self._dry_run else self._state.open_journal(stack),
            worker_limit=self._config.workers,
            dry_run=self._dry_run,
            throttled=not self._once,
        )
        session = stack.enter_context(open_session(self._config, options))
        watcher = Watcher(self._inbox.put)
        return Context(session, watcher, _arrivals(session.config, session.journal, watcher))

    def _wait_for_state(self, outage: StateOutage) -> None:
        """Wait until the next try; only a signal to stop is heeded meanwhile."""
        due = time.monotonic() + outage.pause()
        while not self._stopping:
            now = time.monotonic()
            if now >= due:
                if outage.may_be_over():
                    return
                due = now + outage.pause()
            if self._notifier.beat_every:
                self._notifier.beat()
            with contextlib.suppress(queue.Empty):
                self._inbox.get(timeout=min(due - now, self._notifier.beat_every or due - now))
        self._report_stopping()

    def _report_stopping(self) -> None:
        log.info("Stopping (%s).", self._stopping)
        self._notifier.stopping()

    def _recover(self) -> None:
        if self._dry_run:
            return
        for entry in recover(self._context.session.journal, state=app_paths.state_folder()):
            log.warning("Interrupted last time, now %s: %s", entry.state, as_sentence(entry))

    def _settle_interrupted(self, now: float) -> None:
        """Settle what another process, which could not write to the journal any more, has left half-done."""
        if now < self._settle_due or self._dry_run:
            return
        journal = self._context.session.journal
        self._settle_due = now + self._context.session.config.rescan
        if next(journal.entries.find(Filter(states=("planned",), last=1)), None):
            recover(journal, state=app_paths.state_folder())

    def _report_end(self) -> None:
        with contextlib.suppress(StateUnavailable):
            self._reporter.report_end()

    # Configuration

    def _read_config_again(self) -> None:
        """Read the configuration for a start after an outage; one with mistakes is reported later, as any other."""
        with contextlib.suppress(ConfigError):
            self._config = _read_config(self._config_path)

    def _reload(self) -> None:
        self._notifier.reloading()
        self._config_changes.was_read()
        try:
            config = _read_config(self._config_path)
        except ConfigError as exc:
            self._reporter.report_bad_configuration(exc.problems)
            return
        log.info("The configuration has been read again.")
        self._apply_config(config)

    def _apply_config(self, config: Config) -> None:
        """Put a configuration in force, and watch its folders instead of the previous ones."""
        context, session = self._context, self._context.session
        self._config = config
        self._watch(config)
        session.replace_config(config)
        if not self._dry_run:
            make_libraries(config, session.journal)
        context.arrivals = _arrivals(config, session.journal, context.watcher)
        old = context.arrivals.begin(time.monotonic(), time.time(), everything=self._everything)
        for watch in config.watches:
            log.info("Watching %s", _announcement(watch, old.get(watch.folder)))
        for note in config.notes:
            log.warning("%s", note)
        self._rescans.schedule(watch.folder for watch in config.watches)
        self._pause_control.settings_changed()
        self._retraining.settings_changed()
        self._live_tags.settings_changed()
        self._hooks.settings_changed()
        self._prepare_notes(config)
        self._dispatcher.limit_disk_rate(0 if self._once else config.disk_rate)
        wanted = config.notify and not self._dry_run
        self._reporter.set_notifications(wanted=wanted, idle_gap=IDLE_GAP * config.quiet)
        self._reporter.report_ready(
            f"Watching {len(config.watches)} folder{'s' * (len(config.watches) != 1)}"
        )

    def _prepare_notes(self, config: Config) -> None:
        """Compile what finds root notes, in the background, if any sound will need it and that was not done before."""
        keys = config.ableton.tags and config.ableton.keys
        if not self._dry_run and (
            keys or any(configuration.needs_note(config, watch) for watch in config.watches)
        ):
            self._context.session.analyzers.prepare()

    def _watch(self, config: Config) -> None:
        for watch in self._context.session.config.watches:
            self._context.watcher.remove(watch.folder)
        for watch in config.watches:
            self._context.watcher.add(watch.folder, recursive=watch.recursive, poll=watch.poll)

    # The loop

    def _turn(self) -> None:
        """Read the inbox, give arrivals to the workers, file what is analyzed, and do what else is due."""
        self._read_inbox()
        if self._stopping:
            return
        self._context.session.journal.require_in_place()
        if self._config_changes.settled(time.monotonic()):
            self._reload()
        self._update_pause(time.monotonic())
        if self._dispatcher.has_analyzed and not self._pause_control.paused and not self._stopping:
            self._dispatcher.file_analyzed()
        now, wall = time.monotonic(), time.time()
        self._rescans.rescan_due(now, wall)
        self._settle_interrupted(now)
        self._retraining.check()
        if not self._pause_control.paused:
            self._retrain_if_due()
            self._write_live_tags(now)
            self._hooks.run_next(now, settled=not self._busy())
            self._dispatcher.submit_due(now, wall)
        self._back_up_if_due(wall)
        self._report_unheard(now)
        self._report_progress(now)
        self._beat(now)
        if self._once and not self._busy():
            self._dispatcher.put_back_now()
        if self._once and not self._busy():
            self._dispatcher.remove_emptied_folders()
            self._reporter.notify_finished_batches(math.inf)
            self._live_tags.write_due(math.inf)
            if not self._live_tags.waits_for_notes:
                self._hooks.run_next(now, settled=True, at_once=True)
            if not self._hooks.running:
                self._stopping = self._reason_done()

    def _reason_done(self) -> str:
        """Why a run with `once` ends, and how many old sounds it has left."""
        old = self._context.arrivals.old()
        if self._everything or not old:
            return f"everything that {'was there' if self._everything else 'has come'} has been handled"
        left = (
            "1 sound was there before and is left alone"
            if old == 1
            else f"{old} sounds were there before and are left alone"
        )
        more = "`drumwatch run --once --everything` or `drumwatch sort FOLDER` handles"
        return f"everything that has come has been handled; {left}: {more} {'it' if old == 1 else 'them'}"

    def _retrain_if_due(self) -> None:
        """Train a model only when there is nothing else to do."""
        if self._retraining.due and not self._once and not self._busy():
            self._retraining.start()

    def _write_live_tags(self, now: float) -> None:
        """Write them only when there is nothing else to do, so that a pack in one folder is written once."""
        if not self._once and not self._busy():
            self._live_tags.write_due(now)

    def _back_up_if_due(self, wall: float) -> None:
        """Copy the journal once a day, when there is nothing else to do; the daemon does not wake up for that."""
        if self._dry_run or self._busy() or self._pause_control.paused:
            return
        if self._once:
            self._backup.make_now_if_due(wall)
        else:
            self._backup.start_if_due(wall)

    def _read_inbox(self) -> None:
        try:
            message = self._inbox.get(timeout=self._seconds_to_wait(time.monotonic()))
            for _ in range(EVENTS_AT_ONCE):
                self._handle(message)
                if self._stopping:
                    return
                message = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _handle(self, message: Message) -> None:
        match message:
            case FileEvent():
                self._notice(message)
            case AnalysisDone():
                self._dispatcher.add_analyzed(message)
            case JudgedAgain():
                self._dispatcher.finish_judged_again(message)
            case RetrainDone():
                self._retraining.finish(message)
            case ArchiveUnpacked():
                self._dispatcher.add_unpacked(message)
            case ConfigTouched():
                self._context.watcher.refresh_file()
            case HooksRun():
                self._hooks.finish()
            case BackupDone():
                self._backup.finish(message, time.time())
            case Reload():
                self._reload()

    def _notice(self, event: FileEvent) -> None:
        """Look at what an event is about; if events were lost, or this one cannot be handled, its watch is scanned with the next turn."""
        now = time.monotonic()
        if event.kind is EventKind.OVERFLOW:
            self._rescans.request(event.watch, now)
            return
        try:
            self._context.arrivals.notice(event, now, time.time())
            self._rescans.note_event(event)
            self._dispatcher.note_event(event, now)
        except StateUnavailable:
            raise
        except Exception:
            log.exception(
                "What happened at %s could not be handled; %s is scanned instead.", event.path, event.watch
            )
            self._rescans.request(event.watch, now)

    def _seconds_to_wait(self, now: float) -> float:
        """Seconds until something has to be done without an event."""
        if self._dispatcher.has_analyzed and not self._pause_control.paused:
            return 0.0
        due = [*self._rescans.due_times(), self._config_changes.due]
        due.append(self._reporter.next_due(busy=self._busy() or self._pause_control.paused))
        due += [
            self._pause_control.next_due(),
            None if self._pause_control.paused else self._dispatcher.next_due(now),
            None if self._pause_control.paused or self._busy() else self._live_tags.next_due(),
            None if self._pause_control.paused else self._hooks.next_due(),
        ]
        if self._notifier.beat_every:
            due.append(self._next_beat)
        if not self._context.watcher.is_file_watched:
            due.append(now + CONFIG_POLL_SECONDS)
        first = min(
            (time for time in due if time is not None), default=now + self._context.session.config.rescan
        )
        return max(0.0, first - now)

    def _update_pause(self, now: float) -> None:
        """Pause or resume, but never with `once`, as the user waits for the end."""
        settled = self._context.arrivals.next_due()
        work_pending = self._dispatcher.busy or (settled is not None and settled <= now)
        work_pending |= self._retraining.due or self._retraining.is_training
        work_pending |= self._live_tags.waits_for_notes or self._context.session.analyzers.is_compiling
        if not self._once:
            self._pause_control.update(now, work_pending=work_pending)

    def _busy(self) -> bool:
        is_waiting = self._context.arrivals.waiting() > 0 or self._rescans.are_requested
        return self._dispatcher.busy or is_waiting or not self._inbox.empty()

    def _report_unheard(self, now: float) -> None:
        """Report files that need the extra `formats`: for each watch once in the log, and their number for `drumwatch status`."""
        arrivals = self._context.arrivals
        for sentence in arrivals.pop_unheard(now):
            self._reporter.report_unheard(sentence)
        if arrivals.unheard.pop_changed():
            self._reporter.mark_stale()

    def _report_progress(self, now: float) -> None:
        busy, paused = self._busy(), self._pause_control.paused
        if self._reporter.progress_is_due(now):
            waiting = {"settling": self._context.arrivals.waiting(), "hearing": self._dispatcher.in_flight}
            not_heard = self._context.arrivals.unheard.summary() or None
            self._reporter.report_progress(
                now, busy=busy, paused=paused, watching=self._modes(), not_heard=not_heard, **waiting
            )
        if not busy and not paused:
            self._reporter.report_packs_done()
            self._reporter.notify_finished_batches(now)

    def _modes(self) -> list[dict[str, str]]:
        folders = [watch.folder for watch in self._context.session.config.watches]
        return [{"folder": str(folder), **self._mode_of(folder)} for folder in folders]

    def _mode_of(self, folder: Path) -> dict[str, str]:
        if why := self._context.arrivals.idle(folder):
            return {"mode": "handled elsewhere", "why": why}
        mode = self._context.watcher.mode(folder)
        return {"mode": mode.how, "why": mode.why}

    def _beat(self, now: float) -> None:
        """Notify the service manager's watchdog, but only while the folders are watched and the workers answer."""
        if self._notifier.beat_every and now >= self._next_beat:
            self._next_beat = now + self._notifier.beat_every
            session = self._context.session
            pools = (session.workers, session.tag_workers, session.proof_workers, session.note_workers)
            workers_answer = all(pool.is_alive(now) for pool in pools)
            if self._context.watcher.is_alive() and workers_answer:
                self._notifier.beat()


def _nothing() -> None:
    """Do nothing."""


def _read_config(config_path: Path) -> Config:
    """Read the configuration; raise a ConfigError unless it has a folder to watch."""
    config = configuration.read(config_path)
    configuration.require_watches(config)
    return config


def _arrivals(config: Config, journal: Journal, watcher: Watcher) -> Arrivals:
    return Arrivals(config, journal, polled=lambda folder: watcher.mode(folder).how == "polling")


def _announcement(watch: Watch, old: int | None) -> str:
    """The line that announces a watched folder at the start."""
    where = home_short(watch.folder)
    are = (
        "sound is there already and is left alone"
        if old == 1
        else "sounds are there already and are left alone"
    )
    there = f"{old} {are}: " if old else ""
    to = f", {watch.action} to {home_short(watch.library)}" if watch.action in FILING else f", {watch.action}"
    return f"{where}{to} ({there}only new files count)"
