"""The state folder as one daemon holds it: with its lock, and with the journal that it began with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError, StateUnavailable
from drumwatch.journal import Journal
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from contextlib import ExitStack

    from drumwatch.system.file_lock import FileIdentity

LOCK_SECONDS = 3.0  # how long a lock of another program on the journal is waited for, before it is an outage


class AlreadyRunningError(DrumwatchError):
    """Another daemon uses this state folder."""


class HeldState:
    """Opens the journal as often as wanted, but only the first time one that was not there before or is another one."""

    def __init__(self) -> None:
        self._lock: Lock | None = None
        self._journal_identity: FileIdentity | None = None

    def open_journal(self, stack: ExitStack) -> Journal:
        """Open the journal, which is closed with the stack; nothing is done with it unless this daemon has the lock.

        Raises AlreadyRunningError if another daemon has it.
        """
        if self._journal_identity is None:
            self._take_lock()
        path, only = app_paths.journal_file(), self._journal_identity
        journal = stack.enter_context(Journal(path, lock_seconds=LOCK_SECONDS, only=only))
        self._take_lock()
        self._journal_identity = journal.identity
        journal.add_guard(self._require_lock)
        return journal

    def release(self) -> None:
        """Release the lock."""
        if self._lock:
            self._lock.release()
            self._lock = None

    def _take_lock(self) -> None:
        """Take the lock, also when its file was deleted since."""
        try:
            self._require_lock()
        except StateUnavailable:
            self.release()
        if self._lock is None:
            lock = Lock(app_paths.lock_file())
            if not lock.take():
                raise AlreadyRunningError(
                    f"drumwatch is already running (process {lock.holder()}); `drumwatch status` tells how it is."
                )
            self._lock = lock

    def _require_lock(self) -> None:
        if self._lock:
            self._lock.require_in_place()
