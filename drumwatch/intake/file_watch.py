"""Watch one file, through the links that lead to it: whatever gives it other content is noticed at once."""

from __future__ import annotations

import contextlib
import logging
import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from watchdog.events import FileDeletedEvent, FileSystemEvent, FileSystemEventHandler

from drumwatch.config.folder_relations import Identity, identity
from drumwatch.intake import fsevents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from watchdog.observers.api import BaseObserver, ObservedWatch

log = logging.getLogger(__name__)

MAX_LINKS = 40  # as many as systems follow


class Place(NamedTuple):
    """A name in a folder whose change may give the file other content."""

    folder: str
    name: str
    is_outer: bool  # the name is that of a folder on the way, not of the file


class _Hook(NamedTuple):
    """A folder that is watched, as it was when that began."""

    observed: ObservedWatch
    identity: Identity | None
    names: frozenset[str]


class FileWatch:
    """Calls `on_change` from the observer's threads after anything may have given a file other content."""

    def __init__(
        self, path: Path, on_change: Callable[[], None], events: Sequence[type[FileSystemEvent]]
    ) -> None:
        self._path = path
        self._on_change = on_change
        # A file that is gone has no other content; and a watch with the same events as a watched folder's would be one with that
        self._events = [event for event in events if event is not FileDeletedEvent]
        self._hooks: dict[str, _Hook] = {}
        self.is_hooked = False  # else its owner has to look at the file from time to time

    @property
    def folders(self) -> list[Path]:
        """The folders that are watched, without those below."""
        return [Path(folder) for folder in self._hooks]

    def refresh(self, observer: BaseObserver | None) -> None:
        """Watch the folders on the way to the file as they are now; call it after each change, and from time to time."""
        if observer is None:
            self.forget()
            return
        places = places_of(self._path)
        names = {
            place.folder: frozenset(other.name for other in places if other.folder == place.folder)
            for place in places
            # A stream of FSEvents reports the whole tree, and says itself when a folder on the way is replaced
            if not (place.is_outer and fsevents.IS_USED)
        }
        alive = {emitter.watch for emitter in observer.emitters if emitter.is_alive()}
        for folder, hook in list(self._hooks.items()):
            wanted = (names.get(folder), identity(Path(folder)))
            if (hook.names, hook.identity) != wanted or hook.observed not in alive:
                del self._hooks[folder]
                with contextlib.suppress(KeyError):
                    observer.unschedule(hook.observed)
        for folder in names.keys() - self._hooks.keys():
            self._hook(folder, names[folder], observer)
        self.is_hooked = bool(places) and places[-1].folder in self._hooks

    def forget(self) -> None:
        """Forget what was watched, because the observer has ended."""
        self._hooks.clear()
        self.is_hooked = False

    def _hook(self, folder: str, names: frozenset[str], observer: BaseObserver) -> None:
        before = identity(Path(folder))
        handler = _Handler(folder, names, self._on_change)
        try:
            observed = observer.schedule(handler, folder, recursive=False, event_filter=self._events)
        except (OSError, RuntimeError, SystemError):
            log.debug("%s is not watched for %s", folder, self._path)
            return
        self._hooks[folder] = _Hook(observed, before, names)


class _Handler(FileSystemEventHandler):
    """Calls back for events that are about certain names in a folder, or about the folder itself."""

    def __init__(self, folder: str, names: frozenset[str], on_change: Callable[[], None]) -> None:
        self._names = {_folded(name) for name in (*names, os.path.basename(folder))}
        self._on_change = on_change

    def dispatch(self, event: FileSystemEvent) -> None:
        paths = (os.fsdecode(path) for path in (event.src_path, event.dest_path))
        if isinstance(event, fsevents.EventsLost) or any(
            _folded(os.path.basename(path)) in self._names for path in paths
        ):
            self._on_change()


def places_of(path: Path) -> list[Place]:
    """Return where a change gives a file other content: links on the way, its folder, and at last the file itself.

    Where the way ends early, the last place is the name that is missing.
    """
    places: list[Place] = []
    folder, left = os.sep, list(Path(os.path.abspath(path)).parts[1:])
    links = 0
    while left:
        name, *left = left
        step = os.path.join(folder, name)
        target = _target_of(step) if links < MAX_LINKS else ""
        if target:
            links += 1
            if folder != os.sep:  # links of the system, such as /tmp on macOS, do not change
                places += _around(folder, name, is_outer=bool(left))
            folder, left = os.sep, [*Path(os.path.normpath(target)).parts[1:], *left]
        elif left and os.path.isdir(step):
            folder = step
        else:
            places += _around(folder, name, is_outer=False)
            break
    return places


def _around(folder: str, name: str, *, is_outer: bool) -> list[Place]:
    """Return the places of a name in a folder, and of the folder in the one above, as the folder may be replaced."""
    places = [Place(folder, name, is_outer)]
    if folder != os.sep:
        places.insert(0, Place(os.path.dirname(folder), os.path.basename(folder), is_outer=True))
    return places


def _target_of(path: str) -> str:
    """Return the absolute path that a link leads to; empty if it is no link."""
    try:
        return os.path.join(os.path.dirname(path), os.readlink(path))
    except OSError:
        return ""


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
