"""`launchctl` as it behaves: it answers before the job has started or ended, and refuses what cannot be done yet.

Tried and reported by others: `bootout` returns while the job is still ending, for as long as its ExitTimeOut; until then `bootstrap`
fails with 5 or 37, as it does for a job that is loaded. Whatever needs a loaded job fails with 113 (older systems: 3) without one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drumwatch.service.manager import ServiceTrouble, run_tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOT_LOADED = frozenset({3, 113})
BUSY = frozenset({5, 37})  # of bootstrap: the job is still ending, or loaded
END_SECONDS = 25.0  # longer than the ExitTimeOut in the plist
RETRY_SECONDS = 15.0
PAUSE = 0.5  # seconds between two questions


@dataclass(frozen=True, slots=True)
class Job:
    """One agent in the domain of the logged-in user, such as gui/501/org.drumwatch.drumwatch."""

    domain: str
    label: str
    plist: Path
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def target(self) -> str:
        """The name by which launchctl knows the job."""
        return f"{self.domain}/{self.label}"

    def is_loaded(self) -> bool:
        """Return whether launchd knows the job, running or not; also while it is ending."""
        return run_tool("launchctl", "print", self.target).code == 0

    def is_disabled(self) -> bool:
        """Return whether the job was switched off, by `launchctl disable` or in the list of login items."""
        lines = run_tool("launchctl", "print-disabled", self.domain).output.splitlines()
        answers = [line.partition("=>")[2].strip() for line in lines if f'"{self.label}"' in line]
        return any(answer in {"disabled", "true"} for answer in answers)

    def load_again(self) -> None:
        """Load the job from its file as it is now, and start it; one that is switched off is left as it was, with ServiceTrouble."""
        self._require_enabled()
        self.unload()
        self.load()

    def load(self) -> None:
        """Load the job, which starts it; waits for an earlier one that is still ending. Raises ServiceTrouble if it cannot be loaded."""
        self._require_enabled()
        give_up = self.clock() + RETRY_SECONDS
        while (result := run_tool("launchctl", "bootstrap", self.domain, str(self.plist))).code in BUSY:
            if self.clock() >= give_up:
                break
            self.sleep(PAUSE)
        if result.code:
            raise ServiceTrouble(
                f"launchd did not start drumwatch ({result.output or f'code {result.code}'}), so it is not running. Try"
                " `drumwatch service install` again in a minute, or log out and in."
            )

    def _require_enabled(self) -> None:
        if self.is_disabled():
            raise ServiceTrouble(
                "drumwatch is switched off in macOS, so it was not started. Switch it on in System Settings > General > Login Items,"
                f" or with `launchctl enable {self.target}`, and try again."
            )

    def unload(self) -> bool:
        """Stop the job and wait until it has ended; returns False if it was not loaded. Raises ServiceTrouble if it does not end."""
        result = run_tool("launchctl", "bootout", self.target)
        if result.code in NOT_LOADED:
            return False
        give_up = self.clock() + END_SECONDS
        while self.is_loaded():
            if self.clock() >= give_up:
                raise ServiceTrouble(
                    f"drumwatch has not stopped within {END_SECONDS:.0f} seconds. Wait a moment, and try again."
                )
            self.sleep(PAUSE)
        return True

    def start(self) -> None:
        """Start the job, whether it is loaded or not; one that runs goes on."""
        if not self._asked("kickstart", self.target):
            self.load()

    def restart(self) -> None:
        """End the job and start it again, or load it if it is not loaded."""
        if not self._asked("kickstart", "-k", self.target):
            self.load()

    def signal(self, name: str) -> bool:
        """Send a signal to the job's process; returns False if it is not running."""
        return self._asked("kill", name, self.target)

    def _asked(self, *command: str) -> bool:
        """Return whether the job is loaded and did this; raises ServiceTrouble if launchd refuses."""
        result = run_tool("launchctl", *command)
        if result.code in NOT_LOADED:
            return False
        if result.code:
            raise ServiceTrouble(
                f"launchd refused to {command[0]} drumwatch ({result.output or f'code {result.code}'})."
            )
        return True
