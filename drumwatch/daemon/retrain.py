"""Puts the user's corrections to use: at once in the workers, and now and then by training a new model."""

from __future__ import annotations

import logging
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import iso
from drumwatch.daemon.messages import RetrainDone
from drumwatch.learning.retrain import describe_figures, figures_of, store_result
from drumwatch.learning.training_request import training_request
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer

if TYPE_CHECKING:
    from drumwatch.daemon.messages import Inbox
    from drumwatch.learning.drift import Drift
    from drumwatch.learning.retrain import RetrainResult
    from drumwatch.session import Session
    from drumwatch.workers.model_store import StoredModel

log = logging.getLogger(__name__)

# After this many filed sounds, it is checked again whether `max_wrong` holds; every correction causes a check, too
DRIFT_EVERY = 50


class Retraining:
    """Checks for new corrections whenever the daemon is awake; a model is trained while nothing else is to be done."""

    def __init__(self, session: Session, inbox: Inbox) -> None:
        self._session = session
        self._inbox = inbox
        self._seen: tuple[int, int, int] | None = None  # what the last check found
        self._warnings: list[str] = []
        self.is_training = False
        self._has_enough = False
        self._retrained_for_update = False

    @property
    def due(self) -> bool:
        """Whether there are enough new corrections for a new model, and none is being trained."""
        return self._has_enough and not self.is_training

    def check(self) -> None:
        """Let new corrections, or another model in force, count from the next sound on."""
        journal = self._session.journal
        now = (
            model_store.choice_mtime(),
            journal.confirmations.latest_id(),
            journal.entries.newest_id() // DRIFT_EVERY,
        )
        if now != self._seen:
            self._seen = now
            self._apply()

    def settings_changed(self) -> None:
        """Apply everything again at the next check, because the settings have changed."""
        self._seen = None

    def _apply(self) -> None:
        session = self._session
        model = model_store.in_force()
        if model.id != session.pipeline.model:
            log.info("The model %s is in force.", model.id)
        drift = session.apply_user_model(model)
        self._warn(model.refused, drift)
        session.journal.state.set(model=model.id)
        self._has_enough = self._enough_corrections() or self._is_needed_after_update(model)

    def _warn(self, refused: str, drift: list[Drift]) -> None:
        """Log each warning once, when it appears; `drumwatch status` shows those that still hold."""
        max_wrong = self._session.config.max_wrong
        warnings = [
            *([refused] if refused else []),
            *(one.describe(max_wrong) for one in drift),
        ]
        for warning in warnings:
            if warning not in self._warnings:
                log.warning("%s", warning)
        if warnings != self._warnings:
            self._warnings = warnings
            self._session.journal.state.set(drift=warnings or None)

    # Training

    def _enough_corrections(self) -> bool:
        journal, after = self._session.journal, self._session.config.learn_after
        if not after or self._session.dry_run:
            return False
        return journal.confirmations.count_since(journal.state.get().get("last_lesson", 0)) >= after

    def _is_needed_after_update(self, model: StoredModel) -> bool:
        """After an update, train the user's model once more, on the model that is shipped now."""
        if (
            not model.refused
            or self._retrained_for_update
            or self._session.dry_run
            or not self._session.config.learn_after
        ):
            return False
        self._retrained_for_update = True
        return True

    def start(self) -> None:
        """Start training on all corrections so far."""
        session = self._session
        request = training_request(
            session.journal,
            session.analysis_cache,
            session.config.labels,
            model_store.in_force(),
            iso(time.time()),
        )
        self._has_enough = False
        # Noted before the end, so that training that fails is not repeated for ever
        session.journal.state.set(last_lesson=session.journal.confirmations.latest_id())
        if not request.sounds:
            return
        self.is_training = True
        log.info("Learning from %d sounds that you have named.", len(request.sounds))
        future = session.retrain_workers.submit(answer, request)
        future.add_done_callback(lambda done: self._inbox.put(RetrainDone(done)))

    def finish(self, done: RetrainDone) -> None:
        """Put the new model in force, or report why it is not used."""
        self.is_training = False
        try:
            result = store_result(done.future.result(), self._session.analysis_cache)
        except CancelledError:
            self._session.journal.state.set(
                last_lesson=None
            )  # the daemon stops: training starts again next time
        except DrumwatchError as exc:
            log.warning("Nothing could be learned: %s", exc)
        else:
            self._report(result)

    def _report(self, result: RetrainResult) -> None:
        what = f"kept, but not used: {result.why_not_used}" if result.why_not_used else "in force from now on"
        self._session.journal.state.set(
            last_model={"what": f"{result.model.id} is {what}", "time": time.time()}
        )
        self.check()
        sentences = [
            f"The model {result.model.id} is {what}.",
            *describe_figures(figures_of(result.model.card)),
        ]
        log.info("%s", " ".join(sentences))
