"""Runs the user's hooks in a thread of its own, one event after the other; the loop only takes events out of the journal."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from drumwatch.daemon.messages import HooksRun
from drumwatch.hooks.event_queue import FRESH, EventQueue
from drumwatch.hooks.runner import HookRunner, wanted_events

if TYPE_CHECKING:
    from drumwatch.config.settings import Hook
    from drumwatch.daemon.messages import Inbox
    from drumwatch.hooks.events import HookCall
    from drumwatch.session import Session

log = logging.getLogger(__name__)


class Hooks:
    """Holds at most one event in memory: all others wait in the journal."""

    def __init__(self, session: Session, inbox: Inbox) -> None:
        self._session = session
        self._inbox = inbox
        self._queue = EventQueue(session.journal)
        self._runner = HookRunner(log.log)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = -1  # the newest entry at the last look
        self._due: float | None = None

    @property
    def running(self) -> bool:
        """Whether a hook is being run."""
        return self._thread is not None

    def settings_changed(self) -> None:
        """Begin with what happens from now on, or end, as the settings say; what was left out is tried again."""
        if self._session.dry_run:
            return
        if self._session.config.hooks:
            self._queue.begin()
        else:
            self._queue.end()
        self._runner.settings_changed()
        self._seen = -1

    def next_due(self) -> float | None:
        """The time of the next look for an event; None while a hook runs, or if none is waited for."""
        return None if self.running else self._due

    def run_next(self, now: float, *, settled: bool, at_once: bool = False) -> None:
        """Start the hooks for the next event, unless some are running; `settled`: nothing else is to be done.

        With `at_once`, also the newest entries are looked at.
        """
        hooks = self._session.config.hooks
        if self.running or self._session.dry_run or not hooks:
            return
        newest = self._session.journal.entries.newest_id()
        if newest == self._seen and (self._due is None or now < self._due) and not at_once:
            return
        wanted, fresh = wanted_events(hooks), 0.0 if at_once else FRESH
        taken = self._queue.take(wanted, settled=settled, fresh=fresh)
        while at_once and taken.call is None and taken.again == 0.0:
            taken = self._queue.take(wanted, settled=settled, fresh=fresh)
        self._seen = newest
        self._due = None if taken.again is None else now + taken.again
        if taken.call:
            self._thread = threading.Thread(
                target=self._work, args=(hooks, taken.call), name="hooks", daemon=True
            )
            self._thread.start()

    def finish(self) -> None:
        """Note that the hooks for an event have been run."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """End the hook that is being run, and wait for that."""
        self._stopping.set()
        self.finish()

    def _work(self, hooks: tuple[Hook, ...], call: HookCall) -> None:
        try:
            self._runner.run(hooks, call, self._stopping.is_set)
        except Exception:
            log.exception("The hooks for %s could not be run.", call.fields["name"])
        finally:
            self._inbox.put(HooksRun())
