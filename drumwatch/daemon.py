"""The loop: one inbox, one thread that decides and acts. Who starts what, and who stops it."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import time
from collections import defaultdict
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from drumwatch import company, desktop, places
from drumwatch import config as configuration
from drumwatch.arrivals import Arrivals, Refused, is_archive
from drumwatch.company import Advice
from drumwatch.config import FILING
from drumwatch.config.changes import Changes
from drumwatch.errors import ConfigError, DrumwatchError
from drumwatch.intake.packs import FEW_SOUNDS, top_folder
from drumwatch.intake.watch import Watcher
from drumwatch.journal import Journal
from drumwatch.learning.folders import learn_from_folders
from drumwatch.lock import Lock
from drumwatch.notify import Notifier
from drumwatch.packs import FOR_NOW, Pack, Packs
from drumwatch.pipeline import Filed, Incoming, Pipeline, make_libraries, recover
from drumwatch.records import FileEvent
from drumwatch.words import home_short, told
from drumwatch.workers import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.records import Arrival, Entry
    from drumwatch.workers import Reply

log = logging.getLogger(__name__)

HEARD_AT_ONCE = 512  # sounds given to the workers and not yet filed: what is more waits with the settler
EVENTS_AT_ONCE = 2048  # events read before a look at what has come to rest
FILED_AT_ONCE = 32  # sounds for which the journal is written together
FULL_EVERY = 10  # so many quick rescans, then one that looks at every file
POLL_SECONDS = 5.0  # between two looks at a folder that tells of nothing by itself
JUMP_SECONDS = 5.0  # between the two clocks: sleep, or a clock that was set
TELL_EVERY = 1.0  # seconds between two words to `drumwatch status` during work


class Answered(NamedTuple):
    """A worker's answer for an arrival."""

    arrival: Arrival
    watch: Watch
    future: Future[Reply]


class Opened(NamedTuple):
    """The unpacker's answer for an archive."""

    archive: Arrival
    watch: Watch
    future: Future[Reply]


@dataclass(slots=True)
class OpenPack:
    """A pack whose sounds are being heard and filed."""

    pack: Pack
    sounds: Iterator[Arrival]
    waiting: set[Path] = field(default_factory=set)  # given to the workers
    told_out: bool = False  # every sound in it has been given to the workers
    again: str = ""  # why the archive has to be looked at once more


@dataclass(slots=True)
class FolderPack:
    """A pack that came as a folder: how many of its sounds are under way, and how many have been filed."""

    under_way: int = 0
    filed: int = 0


class Stop(NamedTuple):
    """Please end; the signal's name."""

    why: str


class Reload(NamedTuple):
    """Please read the configuration again."""


class Daemon:
    """Watches, hears, files, until it is told to stop. One thread: everything else only fills the inbox."""

    def __init__(self, config_path: Path, *, dry_run: bool = False, once: bool = False) -> None:
        self._config_path = config_path
        self._config_changes = Changes(config_path)
        self._config = _usable(config_path)
        self._dry_run = dry_run
        self._once = once
        self._stopping = ""
        self._inbox: queue.SimpleQueue[FileEvent | Answered | Opened | Stop | Reload] = queue.SimpleQueue()
        self._in_flight: set[Path] = set()
        self._dirty = True
        self._told_at = 0.0
        self._nag = desktop.Nag()
        self._batch = desktop.Batch()
        self._answered: list[Answered] = []
        self._packs_open: list[OpenPack] = []
        self._folder_packs: defaultdict[Path, FolderPack] = defaultdict(FolderPack)
        self._news: dict[str, object] = {}
        self._notifier = Notifier()
        self._advice = Advice()
        self._advice_due = 0.0
        self._next_beat = time.monotonic()
        self._gap = time.time() - time.monotonic()
        self._scan_due: dict[Path, float] = {}
        self._scans = 0
        self._learn_due = 0.0

    # From outside, any thread or signal handler

    def stop(self, why: str) -> None:
        """End soon: after the file in hand, without the ones that wait."""
        self._stopping = why
        self._inbox.put(Stop(why))

    def reload(self) -> None:
        """Read the configuration again; a bad one is told and the old one stays."""
        self._inbox.put(Reload())

    # The loop

    def run(self) -> None:
        """Watch until `stop`; with `once`, until everything that is there has been handled."""
        with ExitStack() as stack:
            self._start(stack)
            while not self._stopping:
                self._turn()
            log.info("Stopping (%s).", self._stopping)
            self._notifier.stopping()

    def _start(self, stack: ExitStack) -> None:
        state = places.state_folder()
        if not self._dry_run:
            stack.enter_context(_only_one())
        self._journal = stack.enter_context(_open_journal(dry_run=self._dry_run))
        self._workers = LocalWorkers(limit=self._config.workers)
        self._tagging = LocalWorkers(limit=1)
        for pool in (self._workers, self._tagging):
            stack.callback(pool.shutdown, cancel_futures=True)
        self._pipeline = Pipeline(
            self._config, self._journal, self._workers, self._tagging, state=state, dry_run=self._dry_run
        )
        self._packs = Packs(self._config, self._journal, self._pipeline, dry_run=self._dry_run)
        stack.callback(self._packs.shutdown)
        for entry in () if self._dry_run else recover(self._journal, state=state):
            log.warning("Interrupted last time, now %s: %s", entry.state, told(entry))
        self._watcher = Watcher(self._inbox.put)
        self._watcher.add(self._config_path.parent, recursive=False, poll="never")
        self._watcher.start()
        stack.callback(self._watcher.stop)
        self._tell_of(pid=os.getpid(), since=time.time(), model=self._pipeline.model)
        stack.callback(
            self._tell_of,
            pid=None,
            since=None,
            watching=None,
            settling=None,
            hearing=None,
            problems=None,
            paused=None,
        )
        self._take_up(self._config)
        self._learn()
        for pack in () if self._dry_run else self._packs.take_up(self._config.watches):
            self._begin_pack(pack)

    def _learn(self) -> None:
        """What the user has dragged to another label, while we ran or not, is noticed and told."""
        self._learn_due = time.monotonic() + self._config.rescan  # polled folders are looked at more often
        for entry in () if self._dry_run else learn_from_folders(self._journal, self._config):
            log.info("%s", told(entry))

    def _take_up(self, config: Config) -> None:
        """Watch what this configuration says, instead of what was watched."""
        for watch in self._config.watches:
            if watch.folder != self._config_path.parent:
                self._watcher.remove(watch.folder)
        self._config = self._pipeline.config = self._packs.config = config
        if not self._dry_run:
            make_libraries(config, self._journal)
        self._arrivals = Arrivals(config, self._journal, polled=self._is_polled)
        for watch in config.watches:
            self._watcher.add(watch.folder, recursive=watch.recursive, poll=watch.poll)
        old = self._arrivals.begin(time.monotonic(), time.time(), everything=self._once)
        for watch in config.watches:
            log.info("Watching %s", _introduced(watch, old.get(watch.folder)))
        for note in (*config.notes, self._watcher.watch_problem()):
            if note:
                log.warning("%s", note)
        self._scan_due = {
            watch.folder: time.monotonic() + self._patience(watch.folder) for watch in config.watches
        }
        self._advice_due = 0.0
        self._watching = f"Watching {len(config.watches)} folder{'s' * (len(config.watches) != 1)}"
        log.info("Ready.")
        self._notifier.ready(self._watching)

    def _turn(self) -> None:
        """Read what has come in, hand out what has come to rest, look around when it is time."""
        self._read_inbox()
        if self._config_changes.settled(time.monotonic()):
            self._reload()
        self._file_answered()
        now, wall = time.monotonic(), time.time()
        self._notice_a_jump(now, wall)
        self._rescan_if_due(now, wall)
        self._hand_out(now, wall)
        self._tell_progress(now)
        self._beat(now)
        if self._once and not self._busy():
            self._stopping = "everything that was there has been handled"

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

    def _take(self, message: FileEvent | Answered | Opened | Stop | Reload) -> None:
        match message:
            case FileEvent():
                self._arrivals.notice(message, time.monotonic(), time.time())
            case Answered():
                self._answered.append(message)
            case Opened():
                self._take_opened(message)
            case Reload():
                self._reload()

    def _seconds_to_wait(self, now: float) -> float:
        """Until the next thing that has to be done without anybody's hint."""
        due = list(self._scan_due.values())
        if self._advice.wait:
            due.append(self._advice_due)
        elif len(self._in_flight) < HEARD_AT_ONCE and (settled := self._arrivals.next_due()) is not None:
            due.append(settled)
        if self._config_changes.due is not None:
            due.append(self._config_changes.due)
        if self._dirty:
            due.append(self._told_at + TELL_EVERY)
        if self._notifier.beat_every:
            due.append(self._next_beat)
        return max(0.0, min(due, default=now + self._config.rescan) - now)

    # One file

    def _hand_out(self, now: float, wall: float) -> None:
        """What has come to rest goes to the workers, as long as they have not too much to do."""
        if self._waits_for_others(now):
            return
        self._hand_out_packs()
        if len(self._in_flight) >= HEARD_AT_ONCE:
            return
        for answer in self._arrivals.settled(now, wall):
            if isinstance(answer, Refused):
                self._refuse(answer)
            elif answer[0].path in self._in_flight:
                self._arrivals.done(answer[0].path, now)
            else:
                self._ask(*answer)

    def _waits_for_others(self, now: float) -> bool:
        """A studio is at work, or the battery: looked for only while there is something to hear."""
        settled = self._arrivals.next_due()
        at_rest = (settled is None or settled > now) and not self._packs_open
        if self._once:
            return False
        if at_rest:
            self._follow(Advice(slow=self._advice.slow))
            return False
        if now >= self._advice_due:
            self._advice_due = now + company.LOOK_EVERY
            self._follow(company.advice(self._config, own_load=len(self._workers.pids)))
        return bool(self._advice.wait)

    def _follow(self, advice: Advice) -> None:
        """Said when it changes, not each time."""
        self._workers.limit = 1 if advice.slow else self._config.workers or max(1, places.cores() - 1)
        if advice.wait != self._advice.wait:
            log.info("%s", f"Pausing: {advice.wait}." if advice.wait else "Going on.")
            self._notifier.status(f"Paused: {advice.wait}" if advice.wait else self._watching)
            self._news["paused"] = advice.wait or None
            self._dirty = True
        self._advice = advice

    def _ask(self, arrival: Arrival, watch: Watch) -> None:
        self._in_flight.add(arrival.path)
        self._dirty = True
        if is_archive(arrival.path.name):
            opening = self._packs.ask(arrival, watch)
            opening.add_done_callback(lambda done: self._inbox.put(Opened(arrival, watch, done)))
            return
        if folder := _folder_of(arrival):
            self._folder_packs[folder].under_way += 1
        future = self._pipeline.hear(arrival, watch)
        future.add_done_callback(lambda done: self._inbox.put(Answered(arrival, watch, done)))

    def _file_answered(self) -> None:
        """What has been heard is filed, in groups: see `Pipeline.file_together`."""
        while self._answered and not self._stopping:
            group, self._answered = self._answered[:FILED_AT_ONCE], self._answered[FILED_AT_ONCE:]
            told = [(one, reply) for one in group if (reply := self._reply_of(one)) is not None]
            filed = self._pipeline.file_together(
                [Incoming(one.arrival, one.watch, reply, self._batch_of(one.arrival)) for one, reply in told]
            )
            for (one, _), result in zip(told, filed, strict=True):
                self._conclude(one.arrival, result)
                self._conclude_folder(one, result)

    def _reply_of(self, answered: Answered) -> Reply | None:
        """None for what was cancelled because we stop."""
        self._in_flight.discard(answered.arrival.path)
        return self._result_of(answered.future)

    def _result_of(self, future: Future[Reply]) -> Reply | None:
        try:
            return future.result()
        except CancelledError:
            return None
        except DrumwatchError as exc:
            return {"error": str(exc), "kind": type(exc).__name__}

    def _conclude(self, arrival: Arrival, filed: Filed) -> None:
        if arrival.origin:
            self._conclude_inside(arrival, filed)
        elif filed.again:
            self._arrivals.again(arrival.path, filed.again, time.monotonic(), time.time())
            self._tell_trouble(filed.trouble)
        else:
            self._arrivals.done(arrival.path, time.monotonic())
        for entry in filed.entries:
            self._report(entry)

    # One pack

    def _conclude_folder(self, one: Answered, result: Filed) -> None:
        """With the last sound of a pack that came as a folder, what belongs to it follows."""
        folder = _folder_of(one.arrival)
        if folder is None:
            return
        pack = self._folder_packs[folder]
        pack.under_way -= 1
        pack.filed += any(entry.state == "done" and entry.action in FILING for entry in result.entries)
        if pack.under_way <= 0 and not self._arrivals.more_of(folder):
            del self._folder_packs[folder]
            if pack.filed >= FEW_SOUNDS and one.watch.action in FILING and not self._dry_run:
                for entry in self._packs.bring_along(folder, one.arrival.pack, one.watch):
                    self._report(entry)

    def _take_opened(self, opened: Opened) -> None:
        """An archive has been unpacked, or refused: for good, or until there is more of it or more room."""
        archive, watch = opened.archive, opened.watch
        self._in_flight.discard(archive.path)
        reply = self._result_of(opened.future)
        if reply is None:
            return
        if "error" not in reply:
            if pack := self._packs.opened(archive, watch, reply):
                self._begin_pack(pack)
            else:
                self._arrivals.done(archive.path, time.monotonic())
            return
        for_now = reply.get("kind") in FOR_NOW
        if for_now:
            self._arrivals.again(archive.path, reply["error"], time.monotonic(), time.time())
        else:
            self._arrivals.done(archive.path, time.monotonic())
        self._refuse(Refused(archive, watch, reply["error"], for_good=not for_now))

    def _begin_pack(self, pack: Pack) -> None:
        log.info("Sorting the pack %s", home_short(pack.archive.path))
        self._in_flight.add(pack.archive.path)
        for entry in self._packs.refusals(pack):
            self._report(entry)
        self._packs_open.append(OpenPack(pack, self._packs.sounds(pack)))
        self._dirty = True

    def _hand_out_packs(self) -> None:
        """Sounds from open packs go to the workers, as long as these have not too much to do."""
        for one in list(self._packs_open):
            while not one.told_out and len(self._in_flight) < HEARD_AT_ONCE:
                if arrival := next(one.sounds, None):
                    one.waiting.add(arrival.path)
                    self._ask(arrival, one.pack.watch)
                else:
                    one.told_out = True
            if one.told_out and not one.waiting:
                self._packs_open.remove(one)
                self._close_pack(one)

    def _close_pack(self, one: OpenPack) -> None:
        for entry in self._packs.close(one.pack):
            self._report(entry)
        archive = one.pack.archive.path
        self._in_flight.discard(archive)
        if one.again:
            self._journal.forget(archive)
            self._arrivals.again(archive, one.again, time.monotonic(), time.time())
        else:
            self._arrivals.done(archive, time.monotonic())

    def _conclude_inside(self, arrival: Arrival, filed: Filed) -> None:
        """A sound out of an archive is not looked at again by itself: its archive is, and knows what is filed already."""
        if one := self._pack_around(arrival):
            one.waiting.discard(arrival.path)
            one.again = one.again or filed.again
        self._tell_trouble(filed.trouble)

    def _pack_around(self, arrival: Arrival) -> OpenPack | None:
        return next((one for one in self._packs_open if arrival.path in one.waiting), None)

    def _batch_of(self, arrival: Arrival) -> int | None:
        one = self._pack_around(arrival) if arrival.origin else None
        return one.pack.lies.batch if one else None

    def _tell_trouble(self, why: str) -> None:
        """What keeps every file from being handled is said once and then daily, not for each of them."""
        if why and self._nag.is_due(why, time.time()):
            log.error("%s", why)
            self._tell_desktop(why)
            self._tell_of(last_error={"what": why, "time": time.time()})

    def _refuse(self, refused: Refused) -> None:
        """A file that never gets as far as being heard."""
        for entry in self._pipeline.refuse(refused.arrival, refused.why, for_good=refused.for_good):
            self._report(entry)

    def _report(self, entry: Entry) -> None:
        """A line for the log, and the last word for `drumwatch status`."""
        failed = entry.state == "failed"
        log.log(logging.WARNING if failed else logging.INFO, "%s", told(entry))
        self._news["last_error" if failed else "last_file"] = {"what": told(entry), "time": entry.time}
        self._batch.note(entry)
        self._dirty = True

    def _tell_desktop(self, text: str) -> None:
        if text and self._config.notify and not self._dry_run:
            desktop.tell(text)

    # Looking around

    def _rescan_if_due(self, now: float, wall: float) -> None:
        """Events may have been lost: what is there is the truth."""
        due_now = [folder for folder, due in self._scan_due.items() if due <= now]
        if due_now and now >= self._learn_due:
            self._learn()
        for folder in due_now:
            self._watcher.refresh()
            self._scans += 1
            self._arrivals.rescan(now, wall, full=self._scans % FULL_EVERY == 0, only=folder)
            self._scan_due[folder] = time.monotonic() + self._patience(folder)

    def _patience(self, folder: Path) -> float:
        """Seconds until the next look: often only where no events come."""
        mode = self._watcher.mode(folder)
        return min(POLL_SECONDS, self._config.rescan) if mode.how == "polling" else self._config.rescan

    def _is_polled(self, folder: Path) -> bool:
        return self._watcher.mode(folder).how == "polling"

    def _beat(self, now: float) -> None:
        """The service manager's watchdog is fed only while the folders are watched and the workers serve."""
        if self._notifier.beat_every and now >= self._next_beat:
            self._next_beat = now + self._notifier.beat_every
            if self._watcher.is_alive() and self._workers.is_alive(now) and self._tagging.is_alive(now):
                self._notifier.beat()

    def _notice_a_jump(self, now: float, wall: float) -> None:
        """The machine slept, or its clock was set: look at everything once."""
        gap = wall - now
        if abs(gap - self._gap) > JUMP_SECONDS:
            log.info("The clock has jumped by %.0f s: looking at all folders again.", gap - self._gap)
            self._scan_due = dict.fromkeys(self._scan_due, now)
            self._scans = -1
        self._gap = gap

    # Settings

    def _reload(self) -> None:
        self._notifier.reloading()
        self._config_changes.was_read()
        try:
            config = _usable(self._config_path)
        except ConfigError as exc:
            for problem in exc.problems:
                log.error("%s", problem)  # noqa: TRY400  the user's mistake, not ours
            log.error("The configuration has mistakes: the old one stays in force.")  # noqa: TRY400
            self._tell_of(last_error={"what": f"bad configuration: {exc.problems[0]}", "time": time.time()})
            self._notifier.ready("The configuration has mistakes: the old one stays in force")
            return
        log.info("The configuration has been read again.")
        self._take_up(config)

    # How it is

    def _busy(self) -> bool:
        return (
            bool(self._in_flight or self._answered or self._packs_open)
            or self._arrivals.settling() > 0
            or not self._inbox.empty()
        )

    def _tell_progress(self, now: float) -> None:
        """For `drumwatch status`: while there is work, now and then; at its end, once."""
        if not self._dirty or now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        self._dirty = self._busy() and not self._advice.wait
        waiting = {"settling": self._arrivals.settling(), "hearing": len(self._in_flight)}
        self._tell_of(**waiting, watching=self._modes(), **self._news)
        self._news.clear()
        if not self._dirty and not self._advice.wait:
            self._tell_desktop(self._batch.take())

    def _modes(self) -> list[dict[str, str]]:
        modes = ((watch.folder, self._watcher.mode(watch.folder)) for watch in self._config.watches)
        return [{"folder": str(folder), "mode": mode.how, "why": mode.why} for folder, mode in modes]

    def _tell_of(self, **facts: object) -> None:
        self._journal.tell(**facts)


class AlreadyRunning(DrumwatchError):  # noqa: N818
    """Another daemon has this state folder."""


def _folder_of(arrival: Arrival) -> Path | None:
    """The folder that came as a pack with this sound in it."""
    return None if arrival.origin else top_folder(arrival.path, arrival.watch)


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
