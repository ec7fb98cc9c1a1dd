"""A word on the desktop, for those who asked for it: one for each batch, never one for each file."""

from __future__ import annotations

import contextlib
import html
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from drumwatch.words import printable

if TYPE_CHECKING:
    from drumwatch.records import Entry

DAY = 86400.0
PATIENCE = 10.0  # seconds for the desktop's own tool
APPLESCRIPT = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")


class Batch:
    """What was done since the last word about it."""

    def __init__(self) -> None:
        self._begin()

    def note(self, entry: Entry) -> None:
        self._packs.add(entry.pack)
        self._failed += entry.state == "failed"
        self._unsure += entry.state == "done" and entry.rule == "unsure"
        self._sorted += entry.state == "done" and entry.rule != "unsure" and entry.action != "leave"

    def take(self) -> str:
        """One line, as in "Vendor - Title: 212 sorted, 9 to review", and a new beginning; empty when there is nothing to tell."""
        counts = ((self._sorted, "sorted"), (self._unsure, "to review"), (self._failed, "not possible"))
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        pack = self._packs.pop() if len(self._packs) == 1 else ""
        self._begin()
        return f"{pack}: {told}" if told and pack else told

    def _begin(self) -> None:
        self._packs: set[str] = set()
        self._sorted = self._unsure = self._failed = 0


class Nag:
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


def tell(text: str) -> None:
    """Show it, where this desktop has a way to; nobody waits for it, and a desktop that is not there is no error."""
    if command := command_for(printable(text)):
        threading.Thread(target=_run, args=(command,), name="desktop", daemon=True).start()


def command_for(text: str, platform: str = sys.platform) -> list[str]:
    """The desktop's own tool with this text as plain text; empty where there is none."""
    if platform == "darwin":
        return ["osascript", *(word for line in APPLESCRIPT for word in ("-e", line)), "drumwatch", text]
    if platform == "win32" or shutil.which("notify-send") is None:
        return []
    return ["notify-send", "--app-name=drumwatch", "--", "drumwatch", html.escape(text, quote=False)]


def _run(command: list[str]) -> None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
