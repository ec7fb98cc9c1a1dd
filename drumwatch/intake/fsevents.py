"""What watchdog does not do for macOS: report that FSEvents has dropped events, and explain a refused stream."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from watchdog.events import FileSystemEvent

if TYPE_CHECKING:
    from typing import Any

    from watchdog.observers.api import BaseObserver

SYSTEM: str = sys.platform
IS_USED = SYSTEM == "darwin"
WHY_REFUSED = "macOS refuses to report changes in it; a restart of the Mac usually helps"
LOST_FLAGS = ("must_scan_subdirs", "is_user_dropped", "is_kernel_dropped")


class EventsLost(FileSystemEvent):
    """The system has dropped events of the folder in `src_path`."""

    event_type = "lost"
    is_directory = True


def reporting_observer() -> BaseObserver:
    """Return the observer of macOS, which also reports dropped events, as `EventsLost`; watchdog ignores their flags."""
    from watchdog.observers.api import EventEmitter  # noqa: PLC0415
    from watchdog.observers.fsevents import (  # noqa: PLC0415  it can be imported on macOS only
        FSEventsEmitter,
        FSEventsObserver,
    )

    class Emitter(FSEventsEmitter):
        def queue_events(self, timeout: float, events: list[Any]) -> None:  # type: ignore[override]
            if any(getattr(event, flag, False) for event in events for flag in LOST_FLAGS):
                EventEmitter.queue_event(self, EventsLost(self.watch.path))
            super().queue_events(timeout, events)

    observer = FSEventsObserver()
    observer._emitter_class = Emitter  # noqa: SLF001  watchdog has no parameter for it
    return observer
