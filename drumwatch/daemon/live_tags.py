"""Writes Ableton Live's tags for filed sounds, when nothing else is to be done and Live does not run."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable
from drumwatch.daemon import pause_conditions
from drumwatch.pipeline.live_tags import LIVE, LiveTagger, running_sentence, written_sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from drumwatch.core.records import Entry
    from drumwatch.session import Session

log = logging.getLogger(__name__)

CHECK_SECONDS = (
    30.0  # between looks whether Live has ended, and before a file that was left alone is tried again
)
NOTE_SECONDS = 1.0  # between looks at root notes that are being found
NOTES_AT_ONCE = 64


def write_now(session: Session) -> list[str]:
    """Write the tags that are missing, for a command that has filed sounds; return what the user should know."""
    tagger, settings = LiveTagger(session.journal), session.config
    pending = tagger.pending()
    if pending and pause_conditions.first_running(LIVE):
        return [running_sentence(len(pending))]
    if not settings.ableton.keys:
        return tagger.write(pending, settings.labels).problems
    session.root_notes.find_all(pending)
    problems = tagger.write(tagger.pending(), settings.labels, keys=True).problems
    return [*filter(None, [session.analyzers.problem]), *problems]


class LiveTags:
    """Looks for sounds without tags whenever there are new entries; a file that is left alone is reported once."""

    def __init__(
        self, session: Session, running: Callable[[tuple[str, ...]], str] = pause_conditions.first_running
    ) -> None:
        self._session = session
        self._running = running
        self._tagger = LiveTagger(session.journal)
        self._seen = -1
        self._due: float | None = None
        self._reported: set[str] = set()
        self._asked: dict[int, tuple[Entry, Future[str | None]]] = {}  # by entry: notes to come
        self._without_note: set[int] = set()  # entries whose notes cannot be found
        self._waits = False

    @property
    def waits_for_notes(self) -> bool:
        """Whether root notes are being found that the next tags need."""
        return bool(self._asked)

    def settings_changed(self) -> None:
        """Begin with the sounds that are filed from now on, or end, as the settings say."""
        if self._session.dry_run:
            return
        if self._session.config.ableton.tags:
            self._tagger.begin()
        else:
            self._tagger.end()
        self._seen = -1

    def next_due(self) -> float | None:
        """The time of the next look at sounds that wait for their tags; None if none waits."""
        return self._due

    def write_due(self, now: float) -> None:
        """Write the tags that are missing, unless Live runs or nothing is due."""
        newest = self._session.journal.entries.newest_id()
        if not self._session.config.ableton.tags or self._session.dry_run:
            self._due = None
            return
        if newest == self._seen and (self._due is None or now < self._due):
            return
        self._seen, self._due = newest, None
        if not (pending := self._tagger.pending()):
            return
        if self._running(LIVE):
            self._wait(now, len(pending))
            return
        self._waits = False
        settings = self._session.config
        if settings.ableton.keys:
            if not self._have_notes(pending, now):
                return
            pending = self._tagger.pending()
        outcome = self._tagger.write(pending, settings.labels, keys=settings.ableton.keys)
        if outcome.sounds:
            log.info("%s", written_sentence(outcome))
        for problem in outcome.problems:
            if problem not in self._reported:
                log.warning("%s", printable(problem))
        self._reported = set(outcome.problems)
        self._due = now + CHECK_SECONDS if outcome.problems else None

    def _have_notes(self, pending: list[Entry], now: float) -> bool:
        """Return whether all root notes are found that can be; else ask for the next ones, and look again soon."""
        notes = self._session.root_notes
        while unknown := [one for one in notes.unknown(pending) if one.id not in self._without_note]:
            for entry in unknown[:NOTES_AT_ONCE]:
                if entry.id not in self._asked:
                    self._asked[entry.id] = entry, notes.ask(entry)
            if not all(future.done() for _, future in self._asked.values()):
                self._due = (time.monotonic() if now == math.inf else now) + NOTE_SECONDS
                return False
            for entry, future in self._asked.values():
                if not notes.store(entry, future):
                    self._without_note.add(entry.id)
            self._asked.clear()
            pending = self._tagger.pending()
        return True

    def _wait(self, now: float, count: int) -> None:
        self._due = now + CHECK_SECONDS
        if not self._waits:
            self._waits = True
            log.info("%s", running_sentence(count))
