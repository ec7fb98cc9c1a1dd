"""Writes Ableton Live's tags for filed sounds, when nothing else is to be done and Live does not run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from drumwatch.core.formatting import printable
from drumwatch.daemon import pause_conditions
from drumwatch.pipeline.live_tags import LIVE, LiveTagger, running_sentence, written_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drumwatch.journal import Journal
    from drumwatch.session import Session

log = logging.getLogger(__name__)

CHECK_SECONDS = (
    30.0  # between looks whether Live has ended, and before a file that was left alone is tried again
)


def write_now(journal: Journal, labels: Mapping[str, str]) -> list[str]:
    """Write the tags that are missing, for a command that has filed sounds; return what the user should know."""
    tagger = LiveTagger(journal)
    pending = tagger.pending()
    if pending and pause_conditions.first_running(LIVE):
        return [running_sentence(len(pending))]
    return tagger.write(pending, labels).problems


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
        self._waits = False

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
        outcome = self._tagger.write(pending, self._session.config.labels)
        if outcome.sounds:
            log.info("%s", written_sentence(outcome))
        for problem in outcome.problems:
            if problem not in self._reported:
                log.warning("%s", printable(problem))
        self._reported = set(outcome.problems)
        self._due = now + CHECK_SECONDS if outcome.problems else None

    def _wait(self, now: float, count: int) -> None:
        self._due = now + CHECK_SECONDS
        if not self._waits:
            self._waits = True
            log.info("%s", running_sentence(count))
