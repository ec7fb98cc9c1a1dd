"""Has sounds that wait for the review judged again while nothing else is to be done: when neighbors have come, or were named."""

from __future__ import annotations

import logging
from concurrent.futures import CancelledError
from functools import partial
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError, StateUnavailable
from drumwatch.daemon.messages import JudgedAgain
from drumwatch.learning.corrections import Corrector

if TYPE_CHECKING:
    from concurrent.futures import Future

    from drumwatch.context.neighbors import Place
    from drumwatch.core.records import Entry
    from drumwatch.daemon.messages import Inbox
    from drumwatch.session import Session
    from drumwatch.workers.protocol import Answer

log = logging.getLogger(__name__)


class WaitingSounds:
    """Knows in which packs something is new, and what is being judged again."""

    def __init__(self, session: Session, inbox: Inbox) -> None:
        self._session = session
        self._inbox = inbox
        self._packs: set[str] = set()  # in which sounds were analyzed since the last round
        self._confirmed = session.journal.confirmations.latest_id()
        self._pending: set[int] = set()  # entries with the workers
        self._corrector: Corrector | None = None  # of this round

    @property
    def pending(self) -> int:
        """The number of sounds that are being judged again."""
        return len(self._pending)

    def note_analyzed(self, place: Place) -> None:
        """Note that a sound has come, which says something about those of its pack that wait."""
        self._packs.add(place.pack)

    def judge(self) -> None:
        """Give what waits in packs with something new to the workers; call it when there is nothing else to do."""
        packs, self._packs = self._packs, set()
        named = self._named()
        if self._session.dry_run or not (packs or named):
            return
        session = self._session
        self._corrector = Corrector(session.config, session.journal, session.pipeline)
        for place, naming in named:
            self._ask(place.pack, self._corrector, naming, near=place)
        for pack in sorted(packs):
            self._ask(pack, self._corrector)

    def finish(self, done: JudgedAgain) -> Entry | None:
        """File a sound if it is in no doubt any more; return the new entry."""
        self._pending.discard(done.entry.id)
        if self._corrector is None:
            return None
        try:
            found = done.future.result()
            return self._session.judge_again.conclude(done.entry, found, self._corrector, done.follows)
        except CancelledError:  # the daemon stops
            return None
        except StateUnavailable:
            raise
        except OSError:  # the file cannot be read now
            return None
        except DrumwatchError as exc:
            log.info("%s goes on waiting: %s", done.entry.location, exc)
            return None

    def _named(self) -> list[tuple[Place, int | None]]:
        journal, before = self._session.journal, self._confirmed
        self._confirmed = journal.confirmations.latest_id()
        return journal.places.named_since(before) if self._confirmed > before else []

    def _ask(
        self, pack: str, corrector: Corrector, follows: int | None = None, near: Place | None = None
    ) -> None:
        for entry, future in list(
            self._session.judge_again.requests(pack, corrector, near, named=near is not None)
        ):
            if entry.id not in self._pending:
                self._pending.add(entry.id)
                future.add_done_callback(partial(self._put, entry, follows))

    def _put(self, entry: Entry, follows: int | None, done: Future[Answer]) -> None:
        self._inbox.put(JudgedAgain(entry, done, follows))
