"""What the user says, taken to heart: at once by the workers, and now and then as a new model."""

from __future__ import annotations

import logging
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from drumwatch import models, places
from drumwatch.daemon.inbox import Learned
from drumwatch.errors import DrumwatchError
from drumwatch.learning.copies import Copies
from drumwatch.learning.lessons import lesson
from drumwatch.learning.train import conclude, figures_of, in_words
from drumwatch.learning.use import judge_as_taught
from drumwatch.words import iso
from drumwatch.workers.requests import answer

if TYPE_CHECKING:
    from drumwatch.daemon.crew import Crew
    from drumwatch.daemon.inbox import Inbox
    from drumwatch.learning.drift import Drift
    from drumwatch.learning.train import Taught
    from drumwatch.models import Chosen

log = logging.getLogger(__name__)

DRIFT_EVERY = (
    50  # sounds filed, and whether `max_wrong` holds is looked at again; with every word of the user's anyway
)


class Schooling:
    """Looks at the user's words whenever the daemon is awake; a lesson is given while nothing else is to be done."""

    def __init__(self, crew: Crew, inbox: Inbox) -> None:
        self._crew = crew
        self._inbox = inbox
        self._copies = Copies(places.said_file(), crew.journal, crew.recall)
        self._seen: tuple[int, int, int] | None = None
        self._told: list[str] = []
        self.learning = False  # a lesson is under way
        self._enough = False
        self._begun_anew = False

    @property
    def due(self) -> bool:
        """Enough has been said since the last lesson for a new one."""
        return self._enough and not self.learning

    def look(self) -> None:
        """Whatever was said or chosen since the last look counts from the next sound on."""
        journal = self._crew.journal
        now = (models.mark(), journal.last_word(), journal.newest_id() // DRIFT_EVERY)
        if now != self._seen:
            self._seen = now
            self._take_up()

    def look_again(self) -> None:
        """The settings have changed."""
        self._seen = None

    def _take_up(self) -> None:
        crew = self._crew
        model = models.in_force()
        if model.id != crew.pipeline.model:
            log.info("The model %s is in force.", model.id)
        found = judge_as_taught(crew.pipeline, crew.journal, crew.config, model, self._copies)
        self._tell(model.refused, found)
        crew.journal.tell(model=model.id)
        self._enough = self._is_enough() or self._has_to_begin_anew(model)

    def _tell(self, refused: str, found: list[Drift]) -> None:
        """Each thing once, when it is found; what still holds is in `drumwatch status`."""
        told = [*([refused] if refused else []), *(one.told(self._crew.config.max_wrong) for one in found)]
        for sentence in told:
            if sentence not in self._told:
                log.warning("%s", sentence)
        if told != self._told:
            self._told = told
            self._crew.journal.tell(drift=told or None)

    # Lessons

    def _is_enough(self) -> bool:
        journal, after = self._crew.journal, self._crew.config.learn_after
        if not after or self._crew.dry_run:
            return False
        return journal.words_since(journal.told().get("last_lesson", 0)) >= after

    def _has_to_begin_anew(self, model: Chosen) -> bool:
        """A new drumwatch ships another model than the one that the user's was taught on: it is taught again, once."""
        if not model.refused or self._begun_anew or self._crew.dry_run or not self._crew.config.learn_after:
            return False
        self._begun_anew = True
        return True

    def begin(self) -> None:
        """Ask for a lesson about everything that was said so far."""
        crew = self._crew
        request = lesson(crew.journal, crew.recall, crew.config.labels, models.in_force(), iso(time.time()))
        self._enough = False
        # Before it is over: what fails is not tried for ever
        crew.journal.tell(last_lesson=crew.journal.last_word())
        if not request.sounds:
            return
        self.learning = True
        log.info("Learning from %d sounds that you have named.", len(request.sounds))
        future = crew.teaching.submit(answer, request)
        future.add_done_callback(lambda done: self._inbox.put(Learned(done)))

    def learned(self, learned: Learned) -> None:
        """The lesson is over: the new model is in force, or it is said why not."""
        self.learning = False
        try:
            taught = conclude(learned.future.result(), self._crew.recall)
        except CancelledError:
            self._crew.journal.tell(last_lesson=None)  # we stop: again next time
        except DrumwatchError as exc:
            log.warning("Nothing could be learned: %s", exc)
        else:
            self._report(taught)

    def _report(self, taught: Taught) -> None:
        what = f"kept, but not used: {taught.worse}" if taught.worse else "in force from now on"
        self._crew.journal.tell(last_model={"what": f"{taught.model.id} is {what}", "time": time.time()})
        self.look()
        told = [f"The model {taught.model.id} is {what}.", *in_words(figures_of(taught.model.card))]
        log.info("%s", " ".join(told))
