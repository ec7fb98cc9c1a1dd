"""A word on the desktop, for those who asked for it: one for each batch, never one for each file. Time is an argument."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable

if TYPE_CHECKING:
    from drumwatch.core.records import Entry

DAY = 86400.0
LONGEST_SPELL = 600.0  # seconds: somebody who records all day hears of it now and then
PATIENCE = 10.0  # seconds for the desktop's own tool
APPLESCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")


@dataclass(slots=True)
class Batch:
    """What was done with the sounds of one pack, or with single ones, since the last word about them."""

    latest: float
    since: float
    sorted: int = 0
    unsure: int = 0
    failed: int = 0

    def note(self, entry: Entry, now: float) -> None:
        self.latest = now
        self.failed += entry.state == "failed"
        self.unsure += entry.state == "done" and entry.rule == "unsure"
        self.sorted += entry.state == "done" and entry.rule != "unsure" and entry.action != "leave"

    def in_words(self) -> str:
        """As in "212 sorted, 9 to review"; empty when there is nothing to tell."""
        counts = ((self.sorted, "sorted"), (self.unsure, "to review"), (self.failed, "not possible"))
        return ", ".join(f"{count} {what}" for count, what in counts if count)


class Batches:
    """Gathers what is worth one word: a pack when it is done, single sounds when no more have come for a while.

    `spell` is that while, in seconds.
    """

    def __init__(self, spell: float = 20.0) -> None:
        self.spell = spell
        self._batches: dict[str, Batch] = {}

    def note(self, entry: Entry, now: float) -> None:
        self._batches.setdefault(entry.pack, Batch(now, now)).note(entry, now)

    def due(self) -> float | None:
        """When there is something to tell at the latest, as long as nothing else happens."""
        return min((self._end(pack) for pack in self._batches), default=None)

    def take(self, now: float) -> list[str]:
        """A line for each batch that has come to its end, as in "Vendor - Title: 212 sorted, 9 to review"."""
        ended = [pack for pack in self._batches if now >= self._end(pack)]
        told = {pack: self._batches.pop(pack).in_words() for pack in ended}
        return [f"{pack}: {words}" if pack else words for pack, words in told.items() if words]

    def _end(self, pack: str) -> float:
        batch = self._batches[pack]
        return batch.latest if pack else min(batch.latest + self.spell, batch.since + LONGEST_SPELL)


class NotificationThrottle:
    """The same complaint is made once, and then once a day."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def is_due(self, complaint: str, now: float) -> bool:
        """True when it should be said now; it then counts as said."""
        self._told = {what: when for what, when in self._told.items() if now - when < DAY}
        if complaint in self._told:
            return False
        self._told[complaint] = now
        return True

    def forget(self, complaint: str) -> None:
        """It is over: the next time it is said again."""
        self._told.pop(complaint, None)


def notify(text: str) -> None:
    """Show it, where this desktop has a way to; only the end of the program waits for it, and a desktop that is not there is no error."""
    if command := command_for(printable(text)):
        threading.Thread(target=_run, args=(command,), name="desktop").start()


def command_for(text: str, platform: str = sys.platform) -> list[str]:
    """The desktop's own tool with this text as plain text; empty where there is none."""
    if platform == "darwin":
        return ["osascript", *(word for line in APPLESCRIPT for word in ("-e", line)), "drumwatch", text]
    if shutil.which("notify-send") is None:
        return []
    import html  # noqa: PLC0415  takes 0.3 MB

    return ["notify-send", "--app-name=drumwatch", "--", "drumwatch", html.escape(text, quote=False)]


def _run(command: list[str]) -> None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
