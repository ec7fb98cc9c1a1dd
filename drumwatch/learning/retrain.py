"""Take over a retrained model: a worker trains and evaluates it, and it is used only if it is no worse than the model before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.formatting import printable
from drumwatch.workers import model_store
from drumwatch.workers.jobs import expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Trained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.model_store import StoredModel
    from drumwatch.workers.protocol import Answer

RETRAIN_SECONDS = 900.0  # retraining takes some seconds, but much longer on a busy machine
CHANCE_Z = 1.65  # standard deviations: one equally good model in twenty exceeds this by chance
MOST_LOST = 0.01  # largest share of the shipped sounds that may be lost, even if chance explains it

LEAST_RECOGNIZED = 0.6  # least share of the sounds of a class of the user's own that a model must recognize
MOST_TAKEN_FOR_IT = 0.2  # largest share of other sounds among those that it takes for the class


class Compared(msgspec.Struct):
    """The numbers of sounds classified correctly before and after retraining, by models that were not trained on them."""

    sounds: int
    before: int
    after: int
    won: int
    lost: int


class Replayed(msgspec.Struct):
    """The numbers of sounds analyzed so far whose label would change."""

    sounds: int
    changed: int
    as_corrected: int = msgspec.field(name="as_you_said")
    against: int


class OwnClass(msgspec.Struct):
    """How well a class of the user's own is told apart, by models that were not trained on these sounds."""

    sounds: int
    recognized: int
    taken_for_it: int  # other sounds, shipped ones and the user's

    @property
    def is_told_apart(self) -> bool:
        """Whether most of its sounds are recognized, and few others are taken for it."""
        named = self.recognized + self.taken_for_it
        return (
            self.recognized >= LEAST_RECOGNIZED * self.sounds
            and self.taken_for_it <= MOST_TAKEN_FOR_IT * named
            and named > 0
        )


class Figures(msgspec.Struct):
    """The comparison of a model with the one before it, as stored in its card."""

    elsewhere: Compared
    yours: Compared
    history: Replayed
    own: dict[str, OwnClass] = msgspec.field(default_factory=dict)  # cards of earlier versions have none


class TrainedOn(msgspec.Struct):
    """The numbers of sounds and packs, and of sounds by label, in the training data."""

    sounds: int
    packs: int
    labels: dict[str, int]


class Card(msgspec.Struct):
    """The fields of a model card that are used outside of the worker, which validates the rest."""

    id: str
    parent: str
    made: str
    own: list[str]
    trained_on: TrainedOn
    figures: Figures
    risk: dict[str, list[tuple[float, float]]]


class RetrainResult(NamedTuple):
    """A retrained model, and why it is not used; `why_not_used` is empty if it is."""

    model: StoredModel
    why_not_used: str


def retrain_worker() -> LocalWorkers:
    """Return a pool with one worker for retraining, which ends soon after, because it has loaded large libraries."""
    return LocalWorkers(limit=1, idle_seconds=5.0, file_seconds=RETRAIN_SECONDS)


def store_result(answer: Answer, cache: AnalysisCache) -> RetrainResult:
    """Store the new model, and use it from now on unless it is worse; raises the error if the worker failed."""
    trained = expect(answer, Trained)
    try:
        msgspec.convert(trained.card, Card)
    except msgspec.MsgspecError as exc:
        raise DrumwatchError("the analysis process gave an invalid model, and nothing was stored") from exc
    for content, found in trained.analyzed.items():
        cache.keep(content, found.size_bytes, found.record)
    model = model_store.keep(trained.npz, trained.card)
    why_not = why_worse(figures_of(model.card))
    if not why_not:
        model_store.use(model)
    return RetrainResult(model, why_not)


def figures_of(card: Mapping[str, Any]) -> Figures:
    """Return the comparison in a model card."""
    return msgspec.convert(card["figures"], Figures)


def why_worse(figures: Figures) -> str:
    """Return why a model with these figures must not be used; empty if it may."""
    elsewhere, yours = figures.elsewhere, figures.yours
    net = elsewhere.lost - elsewhere.won
    if net > _by_chance(elsewhere) or net > MOST_LOST * elsewhere.sounds:
        return f"of {elsewhere.sounds} known sounds held out, it classifies {net} fewer correctly than before"
    if yours.after < yours.before:
        return (
            f"of your {yours.sounds} sounds, held out of its training, it classifies {yours.after} correctly; "
            f"the shipped model, {yours.before}"
        )
    return ""


def _by_chance(compared: Compared) -> float:
    """Return how many sounds an equally good model may lose, because the trees are random."""
    return CHANCE_Z * math.sqrt(compared.lost + compared.won)


def describe_figures(figures: Figures) -> list[str]:
    """Return one sentence for each comparison of a model with the one before it."""
    elsewhere, yours, history = figures.elsewhere, figures.yours, figures.history
    fewer = elsewhere.before - elsewhere.after
    sentences = [
        (
            f"{history.changed} of {_sounds(history.sounds)} analyzed so far would get another label: "
            f"{history.as_corrected} in line with your corrections, {history.against} against a label that you confirmed."
        ),
        (
            f"Of your {_sounds(yours.sounds)}, held out of its training, it classifies {yours.after} correctly; "
            f"the shipped model, {yours.before}."
        ),
        (
            f"Of {_sounds(elsewhere.sounds)} from other packs, held out of its training: {elsewhere.before} correct before, "
            f"{elsewhere.after} now{', which chance explains' if 0 < fewer <= _by_chance(elsewhere) else ''}."
        ),
    ]
    sentences += [
        f"{printable(name)}, a class of your own: {one.recognized} of {_sounds(one.sounds)} recognized, held out of its training;"
        f" {one.taken_for_it} of all others taken for it."
        for name, one in sorted(figures.own.items())
    ]
    return sentences if history.sounds else sentences[1:]


def _sounds(count: int) -> str:
    return f"{count} sound{'s' * (count != 1)}"
