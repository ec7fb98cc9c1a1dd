"""Receive file system events for watched folders; the observer threads only put them into the inbox.

Events may be lost, repeated or late, so each only means "look at this path", and a rescan is decisive. Folders on network mounts
give no events: the caller scans them more often (`POLL_SECONDS`). A folder is watched by its real path, as no system reports
changes behind a link; its events are about the configured path again when they reach the inbox.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from drumwatch.core.records import EventKind, FileEvent
from drumwatch.intake import fsevents, inotify_limits, mounts
from drumwatch.intake.events import interpret
from drumwatch.intake.file_watch import FileWatch
from drumwatch.intake.fsevents import EventsLost
from drumwatch.intake.real_paths import PathMap
from drumwatch.intake.watchdog_log import OverflowListener, hide_harmless_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from watchdog.observers.api import BaseObserver, ObservedWatch

log = logging.getLogger(__name__)

Poll = Literal["auto", "always", "never"]

STOP_SECONDS = 5.0  # for the threads to end, of which one may wait for a dead network disk
POLL_SECONDS = 5.0  # between two scans of a folder that gets no events

# Fewer kinds of events also narrow the kernel's mask: with all kinds, a burst of 20,000 files overflows its
# queue and loses thousands. macOS has no close event; a rewritten file is only reported as modified.
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
    *([] if inotify_limits.IS_USED else [FileModifiedEvent]),
    *([EventsLost] if fsevents.IS_USED else []),
]
REFUSALS = (OSError, RuntimeError, SystemError)  # the last two are how FSEvents refuses a stream


class Mode(NamedTuple):
    """How a folder is watched, and the reason."""

    how: Literal["events", "polling", "missing", "unreadable"]
    why: str


NOT_STARTED = Mode("missing", "not watched yet")


@dataclass(slots=True)
class _Folder:
    """A folder to watch, and how it is watched."""

    path: Path
    recursive: bool
    poll: Poll
    mode: Mode = NOT_STARTED
    identity: tuple[int, int] | None = None
    real: str = ""  # the path that is watched: neither inotify nor FSEvents reports changes behind a link
    observed: ObservedWatch | None = None
    handler: FileSystemEventHandler | None = None
    refused: bool = False  # by the system; tried again later


class Watcher:
    """Watches folders and puts their events into the inbox, from its own threads.

    The inbox is called from those threads and must neither block nor fail, like `queue.SimpleQueue().put`.
    """

    def __init__(self, inbox: Callable[[FileEvent], None]) -> None:
        self._inbox = inbox
        self._folders: dict[Path, _Folder] = {}
        self._file: FileWatch | None = None
        self._observer: BaseObserver | None = None
        self._started = False
        self._why_no_observer = ""
        self._lost_events = OverflowListener(self._report_lost_events)

    def add(self, folder: Path, recursive: bool = True, *, poll: Poll = "auto") -> Mode:  # noqa: FBT001, FBT002
        """Watch a folder from now on, even if it does not exist yet; return how."""
        self.remove(folder)
        entry = self._folders[folder] = _Folder(folder, recursive, poll)
        if self._started:
            self._watch(entry)
        return entry.mode

    def remove(self, folder: Path) -> None:
        """Stop watching a folder; events that were already read may still arrive."""
        if entry := self._folders.pop(folder, None):
            self._unwatch(entry)

    def watch_file(self, path: Path, on_change: Callable[[], None]) -> None:
        """Call `on_change`, from the observer's threads, after each change that may give this file other content."""
        self._file = FileWatch(path, on_change, EVENTS)
        if self._started:
            self._file.refresh(self._observer)

    def refresh_file(self) -> None:
        """Watch the file where it is now; call it after each change of it."""
        if self._file is not None:
            self._file.refresh(self._observer)

    @property
    def is_file_watched(self) -> bool:
        """Whether changes of the file are noticed; else somebody has to look at it."""
        return self._file is None or self._file.is_hooked

    def start(self) -> None:
        """Watch every folder that was added; scan after this, so that nothing is missed in between."""
        self._started = True
        hide_harmless_messages()
        self._start_observer()
        for entry in self._folders.values():
            self._watch(entry)
        self.refresh_file()

    def stop(self) -> None:
        """Stop all threads."""
        self._started = False
        self._lost_events.detach()
        for entry in self._folders.values():
            entry.observed, entry.mode = None, NOT_STARTED
        if self._file is not None:
            self._file.forget()
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(STOP_SECONDS)
            self._observer = None

    def refresh(self) -> None:
        """Watch again what was lost: folders that returned or were replaced, refused watches, dead threads.

        Call it before each rescan. A folder that is watched anew is reported by a FOLDER event.
        """
        if self._observer is not None and not self.is_alive():
            log.warning("Watching the folders has failed and is started again.")
            self.stop()
            self.start()
            self._report_lost_events()
        elif self._observer is None:
            self._start_observer()
        for entry in tuple(self._folders.values()):
            if self._needs_watching_again(entry):
                self._watch_again(entry)
        self.refresh_file()

    def is_alive(self) -> bool:
        """Return whether events are still received; True as well if none are needed."""
        if self._observer is None:
            return self._started
        # watchdog 7 reads in a separate thread, and does not notice its end
        reader = getattr(self._observer, "_inotify_fd", None)
        return self._observer.is_alive() and (reader is None or reader.is_alive())

    def mode(self, folder: Path) -> Mode:
        """Return how this folder is watched, and why."""
        return self._folders[folder].mode

    def watch_problem(self) -> str | None:
        """Return the message about a system limit that leaves folders unwatched, with its remedy, or None. Walks the trees.

        Folders that are unwatched for another reason (watchdog 6 overlooks trees that are moved in) are watched again.
        """
        refused = [entry.mode.why for entry in self._folders.values() if entry.refused]
        if refused:
            return refused[0]
        if self._unwatched() is None:
            return None
        for entry in self._folders.values():
            if entry.observed is not None:
                self._watch_again(entry)
        missing = self._unwatched()
        return missing and inotify_limits.too_few_watches(*missing)

    def _unwatched(self) -> tuple[int, int] | None:
        """Return held and wanted watches if there are too few; folders are counted first, because new ones only add watches."""
        evented = [(entry.path, entry.recursive) for entry in self._folders.values() if entry.observed]
        evented += [(folder, False) for folder in (self._file.folders if self._file else ())]
        if not inotify_limits.IS_USED or not evented:
            return None
        wanted = inotify_limits.folders_below(evented)
        try:
            held = inotify_limits.watches_held()
        except OSError:  # no /proc in this container, so the number is unknown
            return None
        return (held, wanted) if held < wanted else None

    def _start_observer(self) -> None:
        try:
            observer = fsevents.reporting_observer() if fsevents.IS_USED else Observer()
            observer.start()
        except REFUSALS as exc:  # too many inotify instances
            self._why_no_observer = _why_refused(exc)
        else:
            self._observer = observer
            self._lost_events.attach()

    def _watch(self, entry: _Folder) -> None:
        entry.refused = False
        entry.identity, entry.real = _identity(entry.path), os.path.realpath(entry.path)
        mode = self._mode_without_events(entry) or self._schedule(entry)
        # The configuration reports missing folders at the start
        expected = entry.mode == NOT_STARTED and mode.how != "polling"
        if mode != entry.mode and not expected:
            log.log(logging.INFO if mode.how == "events" else logging.WARNING, "%s: %s", entry.path, mode.why)
        entry.mode = mode

    def _watch_again(self, entry: _Folder) -> None:
        """Watch a folder anew, and report it, because events in between were lost."""
        self._unwatch(entry)
        self._watch(entry)
        if entry.mode.how == "events":
            self._inbox(FileEvent(entry.path, EventKind.FOLDER, entry.path))

    def _mode_without_events(self, entry: _Folder) -> Mode | None:
        if entry.identity is None:
            return _mode_of_missing(entry.path)
        if entry.poll == "always":
            return Mode("polling", "scanned every few seconds, as the configuration says")
        mount = mounts.mount_of(Path(entry.real), mounts.current_mounts())
        if entry.poll == "auto" and mount is not None and mounts.is_remote(mount.kind):
            why = f"scanned every few seconds: it lies on {mount.kind}, which does not report changes made elsewhere"
            return Mode("polling", why)
        return None

    def _schedule(self, entry: _Folder) -> Mode:
        if self._observer is None:
            return self._refused(entry, self._why_no_observer)
        handler = _Handler(self._inbox, entry.path, entry.real)
        try:
            entry.observed = self._observer.schedule(
                handler, entry.real, recursive=entry.recursive, event_filter=EVENTS
            )
        except REFUSALS as exc:
            return self._refused(entry, _why_refused(exc))
        entry.handler = handler
        return Mode("events", "watched")

    def _refused(self, entry: _Folder, why: str) -> Mode:
        entry.refused = True
        return Mode("polling", f"scanned every few seconds: {why}")

    def _unwatch(self, entry: _Folder) -> None:
        if self._observer is not None and entry.observed is not None:
            if entry.handler and self._is_shared(entry) and self._is_watched(entry):
                with contextlib.suppress(KeyError):
                    self._observer.remove_handler_for_watch(entry.handler, entry.observed)
            else:
                self._observer.unschedule(entry.observed)
        entry.observed = entry.handler = None

    def _is_shared(self, entry: _Folder) -> bool:
        """Return whether another link leads to the same folder: watchdog has one watch for both."""
        others = (other for other in self._folders.values() if other is not entry)
        return any(other.observed == entry.observed for other in others)

    def _needs_watching_again(self, entry: _Folder) -> bool:
        is_elsewhere = (entry.identity, entry.real) != (_identity(entry.path), os.path.realpath(entry.path))
        return entry.refused or is_elsewhere or not self._is_watched(entry)

    def _is_watched(self, entry: _Folder) -> bool:
        """Return whether the folder's thread is alive; it ends if the folder is deleted, or on an error."""
        if entry.observed is None or self._observer is None:
            return True
        return any(
            emitter.watch == entry.observed and emitter.is_alive() for emitter in self._observer.emitters
        )

    def _report_lost_events(self) -> None:
        for folder in tuple(self._folders):
            self._inbox(FileEvent(folder, EventKind.OVERFLOW, folder))


class _Handler(FileSystemEventHandler):
    """Turns an event into paths to look at; never raises, because that would end the observer's thread."""

    def __init__(self, inbox: Callable[[FileEvent], None], watch: Path, real: str) -> None:
        self._inbox = inbox
        self._watch = watch
        self._paths = PathMap(os.fspath(watch), real)

    def dispatch(self, event: FileSystemEvent) -> None:
        try:
            for path, kind in self._interpreted(event):
                self._inbox(FileEvent(Path(path), kind, self._watch))
        except Exception:
            log.exception("An event below %s was not understood; the folder is scanned instead.", self._watch)
            self._inbox(FileEvent(self._watch, EventKind.OVERFLOW, self._watch))

    def _interpreted(self, event: FileSystemEvent) -> Iterable[tuple[str, EventKind]]:
        """Return what is to be looked at; the whole folder if events were lost, or if one is about another place."""
        located = None if isinstance(event, EventsLost) else self._located(event)
        watch = os.fspath(self._watch)
        return [(watch, EventKind.OVERFLOW)] if located is None else interpret(located, watch)

    def _located(self, event: FileSystemEvent) -> FileSystemEvent | None:
        """Return the event with its paths as they are configured; None if one of them is not below the folder."""
        given = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
        source, destination = (path and self._paths.to_configured(path) for path in given)
        if source is None or destination is None:
            return None
        if (source, destination) == given:
            return event
        return replace(event, src_path=source, dest_path=destination)


def _why_refused(exc: Exception) -> str:
    """Return why the system does not watch a folder, as a clause."""
    if fsevents.IS_USED:
        return fsevents.WHY_REFUSED
    return inotify_limits.why_refused(exc)


def _mode_of_missing(folder: Path) -> Mode:
    """Return the mode of a folder that cannot be listed, with the reason."""
    if os.path.isdir(folder):
        return Mode("unreadable", "this folder cannot be read; drumwatch tries it again with each rescan")
    if os.path.islink(folder) and not os.path.exists(folder):
        target = os.path.realpath(folder)
        return Mode(
            "missing",
            f"this link leads to {target}, which is not there; drumwatch looks for it with each rescan",
        )
    return Mode("missing", "this folder is not there; drumwatch looks for it with each rescan")


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what distinguishes a folder from another one of the same name; None if it cannot be listed."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or not os.access(folder, os.R_OK | os.X_OK):
        return None
    return status.st_dev, status.st_ino
