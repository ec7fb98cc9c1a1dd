"""What the user says, taken to heart: at once by the workers, and now and then as a new model."""

from __future__ import annotations

import logging
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import iso
from drumwatch.daemon.messages import RetrainDone
from drumwatch.learning.apply_user_model import apply_user_model
from drumwatch.learning.named_sounds import NamedSounds
from drumwatch.learning.retrain import conclude, figures_of, in_words
from drumwatch.learning.training_request import training_request
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer

if TYPE_CHECKING:
    from drumwatch.daemon.context import Context
    from drumwatch.daemon.messages import Inbox
    from drumwatch.learning.drift import Drift
    from drumwatch.learning.retrain import RetrainResult
    from drumwatch.workers.model_store import StoredModel

log = logging.getLogger(__name__)

DRIFT_EVERY = (
    50  # sounds filed, and whether `max_wrong` holds is looked at again; with every word of the user's anyway
)


class Retraining:
    """Looks at the user's words whenever the daemon is awake; a lesson is given while nothing else is to be done."""

    def __init__(self, context: Context, inbox: Inbox) -> None:
        self._context = context
        self._inbox = inbox
        self._copies = NamedSounds(app_paths.named_sounds_file(), context.journal, context.recall)
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
        journal = self._context.journal
        now = (
            model_store.choice_mtime(),
            journal.confirmations.latest_id(),
            journal.entries.newest_id() // DRIFT_EVERY,
        )
        if now != self._seen:
            self._seen = now
            self._take_up()

    def look_again(self) -> None:
        """The settings have changed."""
        self._seen = None

    def _take_up(self) -> None:
        context = self._context
        model = model_store.in_force()
        if model.id != context.pipeline.model:
            log.info("The model %s is in force.", model.id)
        found = apply_user_model(context.pipeline, context.journal, context.config, model, self._copies)
        self._tell(model.refused, found)
        context.journal.state.set(model=model.id)
        self._enough = self._is_enough() or self._has_to_begin_anew(model)

    def _tell(self, refused: str, found: list[Drift]) -> None:
        """Each thing once, when it is found; what still holds is in `drumwatch status`."""
        told = [*([refused] if refused else []), *(one.told(self._context.config.max_wrong) for one in found)]
        for sentence in told:
            if sentence not in self._told:
                log.warning("%s", sentence)
        if told != self._told:
            self._told = told
            self._context.journal.state.set(drift=told or None)

    # Lessons

    def _is_enough(self) -> bool:
        journal, after = self._context.journal, self._context.config.learn_after
        if not after or self._context.dry_run:
            return False
        return journal.confirmations.count_since(journal.state.get().get("last_lesson", 0)) >= after

    def _has_to_begin_anew(self, model: StoredModel) -> bool:
        """A new drumwatch ships another model than the one that the user's was taught on: it is taught again, once."""
        if (
            not model.refused
            or self._begun_anew
            or self._context.dry_run
            or not self._context.config.learn_after
        ):
            return False
        self._begun_anew = True
        return True

    def begin(self) -> None:
        """Ask for a lesson about everything that was said so far."""
        context = self._context
        request = training_request(
            context.journal, context.recall, context.config.labels, model_store.in_force(), iso(time.time())
        )
        self._enough = False
        # Before it is over: what fails is not tried for ever
        context.journal.state.set(last_lesson=context.journal.confirmations.latest_id())
        if not request.sounds:
            return
        self.learning = True
        log.info("Learning from %d sounds that you have named.", len(request.sounds))
        future = context.retrain_workers.submit(answer, request)
        future.add_done_callback(lambda done: self._inbox.put(RetrainDone(done)))

    def learned(self, learned: RetrainDone) -> None:
        """The lesson is over: the new model is in force, or it is said why not."""
        self.learning = False
        try:
            taught = conclude(learned.future.result(), self._context.recall)
        except CancelledError:
            self._context.journal.state.set(last_lesson=None)  # we stop: again next time
        except DrumwatchError as exc:
            log.warning("Nothing could be learned: %s", exc)
        else:
            self._report(taught)

    def _report(self, taught: RetrainResult) -> None:
        what = f"kept, but not used: {taught.worse}" if taught.worse else "in force from now on"
        self._context.journal.state.set(
            last_model={"what": f"{taught.model.id} is {what}", "time": time.time()}
        )
        self.look()
        told = [f"The model {taught.model.id} is {what}.", *in_words(figures_of(taught.model.card))]
        log.info("%s", " ".join(told))
