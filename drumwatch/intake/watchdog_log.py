"""What watchdog says only in its log and its warnings: one line that matters, and some that would worry people."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class OverflowListener(logging.Handler):
    """Calls back when the kernel has dropped events. watchdog 6 keeps silent about it: the next rescan finds the files.

    watchdog sets its watches anew after this, deaf meanwhile: scan at once, and once more a few seconds later.
    """

    def __init__(self, callback: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._callback = callback
        self._logger = logging.getLogger("watchdog.observers.inotify_c")

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self._callback()

    def attach(self) -> None:
        self._logger.addHandler(self)
        if not self._logger.isEnabledFor(logging.WARNING):
            self._logger.setLevel(logging.WARNING)

    def detach(self) -> None:
        self._logger.removeHandler(self)


def hush() -> None:
    """Keep harmless words out of the log: a folder that is watched twice for a moment, a thread that is told to end."""
    warnings.filterwarnings("ignore", "Callback with id ", RuntimeWarning, r"watchdog\.")
    logging.getLogger("watchdog.observers.inotify").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return "called when the thread is inactive" not in record.getMessage()
