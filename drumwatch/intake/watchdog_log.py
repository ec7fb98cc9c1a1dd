"""Read what watchdog reports only in its log, and hide its harmless messages."""

from __future__ import annotations

import logging
import threading
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STOP_SECONDS = 5.0  # for a callback that is running
RENEWAL_SECONDS = 2.0  # for which watchdog misses events while it renews its watches after an overflow


class OverflowListener(logging.Handler):
    """Calls back when the kernel has dropped events, and again when watchdog receives events again.

    watchdog 6 does not log this: there the next rescan finds the files.
    """

    def __init__(self, callback: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._callback = callback
        self._logger = logging.getLogger("watchdog.observers.inotify_c")
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Call back if the message reports an overflow."""
        if "overflow" in record.getMessage():
            self._callback()
            self._call_back_later()

    def attach(self) -> None:
        """Start listening to watchdog's log."""
        self._logger.addHandler(self)
        if not self._logger.isEnabledFor(logging.WARNING):
            self._logger.setLevel(logging.WARNING)

    def detach(self) -> None:
        """Stop listening, and cancel a pending callback."""
        self._logger.removeHandler(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join(STOP_SECONDS)

    def _call_back_later(self) -> None:
        """Call back once after the last of several overflows."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(RENEWAL_SECONDS, self._callback)
        self._timer.daemon = True
        self._timer.start()


def hide_harmless_messages() -> None:
    """Hide watchdog's harmless messages: a folder watched twice for a moment, a thread that is asked to end."""
    warnings.filterwarnings("ignore", "Callback with id ", RuntimeWarning, r"watchdog\.")
    logging.getLogger("watchdog.observers.inotify").addFilter(_is_relevant)


def _is_relevant(record: logging.LogRecord) -> bool:
    return "called when the thread is inactive" not in record.getMessage()
