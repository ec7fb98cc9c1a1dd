"""Desktop notifications: one for each batch, never one for each file. Time is an argument."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable
from drumwatch.core.outcomes import in_words, outcome_of_file

if TYPE_CHECKING:
    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry

DAY = 86400.0
TOLD = ("filed", "unsure", "could not be heard", "failed")  # what a notification counts
LONGEST_BATCH = 600.0  # seconds; then a batch of single sounds is reported even if more sounds arrive
TIMEOUT = 10.0  # seconds for the desktop's notification command
APPLESCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")


@dataclass(slots=True)
class Batch:
    """The numbers of sounds in one pack, or of single sounds, that were filed since the last notification."""

    latest: float
    since: float
    outcomes: Counter[Outcome] = field(default_factory=Counter)

    def note(self, entry: Entry, now: float) -> None:
        """Count an entry, unless nothing was to be done with its file."""
        self.latest = now
        kind = outcome_of_file(entry)
        if entry.state in ("done", "failed") and kind in TOLD:
            self.outcomes[kind] += 1

    def describe(self) -> str:
        """Return text such as "212 filed, 9 unsure"; empty if there is nothing to report."""
        return in_words(self.outcomes)


class Batches:
    """Collects entries for one notification each: a pack when it is complete, single sounds after `idle_gap` seconds without another."""

    def __init__(self, idle_gap: float = 20.0) -> None:
        self.idle_gap = idle_gap
        self._batches: dict[str, Batch] = {}

    def note(self, entry: Entry, now: float) -> None:
        """Add an entry to the batch of its pack."""
        self._batches.setdefault(entry.pack, Batch(now, now)).note(entry, now)

    def due(self) -> float | None:
        """Return when the next batch ends if no more entries arrive, or None if there is no batch."""
        return min((self._end(pack) for pack in self._batches), default=None)

    def take(self, now: float) -> list[str]:
        """Return a line for each batch that has ended, such as "Vendor - Title: 212 filed, 9 unsure"."""
        ended = [pack for pack in self._batches if now >= self._end(pack)]
        texts = {pack: self._batches.pop(pack).describe() for pack in ended}
        return [f"{pack}: {text}" if pack else text for pack, text in texts.items() if text]

    def _end(self, pack: str) -> float:
        batch = self._batches[pack]
        return batch.latest if pack else min(batch.latest + self.idle_gap, batch.since + LONGEST_BATCH)


class NotificationThrottle:
    """Limits the same message to once a day."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}

    def is_due(self, message: str, now: float) -> bool:
        """Return whether the message should be sent now; then it counts as sent."""
        self._sent = {sent: when for sent, when in self._sent.items() if now - when < DAY}
        if message in self._sent:
            return False
        self._sent[message] = now
        return True

    def forget(self, message: str) -> None:
        """Forget a message whose cause is gone; it is due again the next time."""
        self._sent.pop(message, None)


def notify(text: str) -> None:
    """Show a notification in the background; without a desktop, nothing happens."""
    if command := command_for(printable(text)):
        threading.Thread(target=_run, args=(command,), name="desktop").start()


def command_for(text: str, platform: str = sys.platform) -> list[str]:
    """Return the command that shows this plain text on this desktop; empty if there is none."""
    if platform == "darwin":
        return ["osascript", *(word for line in APPLESCRIPT for word in ("-e", line)), "drumwatch", text]
    if shutil.which("notify-send") is None:
        return []
    import html  # noqa: PLC0415  takes 0.3 MB

    return ["notify-send", "--app-name=drumwatch", "--", "drumwatch", html.escape(text, quote=False)]


def _run(command: list[str]) -> None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
