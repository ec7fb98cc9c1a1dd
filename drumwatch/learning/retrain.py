"""From confirmed labels to a model in force: taught in a worker, compared in shadow, taken only where it is no worse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from drumwatch.workers import model_store
from drumwatch.workers.jobs import expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Trained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.workers.analysis_cache import AnalysisCache
    from drumwatch.workers.model_store import StoredModel
    from drumwatch.workers.protocol import Answer

LESSON_SECONDS = 900.0  # a lesson takes some seconds; this is for a machine that is very busy
CHANCE = 1.65  # standard deviations: of models that are no worse, one in twenty looks so by chance
MOST_LOST = 0.01  # share of the shipped sounds that may be lost elsewhere, even where chance might do it


class Compared(msgspec.Struct):
    """How many sounds were named right before and after a lesson, by models that have not met them."""

    sounds: int
    before: int
    after: int
    won: int
    lost: int


class Replayed(msgspec.Struct):
    """How many of the sounds heard so far would be named otherwise."""

    sounds: int
    changed: int
    as_you_said: int
    against: int


class Figures(msgspec.Struct):
    """How a model compares with the one before it, as its card tells."""

    elsewhere: Compared
    yours: Compared
    history: Replayed


class RetrainResult(NamedTuple):
    """What came of a lesson: the model, and why it is not in force; empty where it is."""

    model: StoredModel
    worse: str


def retrain_worker() -> LocalWorkers:
    """One worker for lessons, which ends soon after: it has loaded what hearing never needs."""
    return LocalWorkers(limit=1, idle_seconds=5.0, file_seconds=LESSON_SECONDS)


def conclude(answer: Answer, recall: AnalysisCache) -> RetrainResult:
    """The new model is written down, and from now on in force unless it is worse; raises what the worker met."""
    trained = expect(answer, Trained)
    for content, found in trained.analyzed.items():
        recall.keep(content, found.size_bytes, found.record)
    model = model_store.keep(trained.npz, trained.card)
    worse = why_worse(figures_of(model.card))
    if not worse:
        model_store.use(model)
    return RetrainResult(model, worse)


def figures_of(card: Mapping[str, Any]) -> Figures:
    return msgspec.convert(card["figures"], Figures)


def why_worse(figures: Figures) -> str:
    """Why a model with these figures must not go live; empty where it may."""
    elsewhere, yours = figures.elsewhere, figures.yours
    net = elsewhere.lost - elsewhere.won
    if net > _by_chance(elsewhere) or net > MOST_LOST * elsewhere.sounds:
        return f"of {elsewhere.sounds} known sounds held out, it names {net} fewer right than before"
    if yours.after < yours.before:
        return (
            f"of your {yours.sounds} sounds, it names {yours.after} right without having met them; "
            f"the shipped model, {yours.before}"
        )
    return ""


def _by_chance(compared: Compared) -> float:
    """How many sounds a model that is no worse may lose: trees are drawn by lot."""
    return CHANCE * math.sqrt(compared.lost + compared.won)


def in_words(figures: Figures) -> list[str]:
    """What would be different with a model, one sentence each."""
    elsewhere, yours, history = figures.elsewhere, figures.yours, figures.history
    fewer = elsewhere.before - elsewhere.after
    told = [
        (
            f"{history.changed} of {_sounds(history.sounds)} heard so far would change, "
            f"{history.as_you_said} of them the way you corrected, {history.against} against your word."
        ),
        (
            f"Of your {_sounds(yours.sounds)}, it names {yours.after} right without having met them; "
            f"the shipped model, {yours.before}."
        ),
        (
            f"Of {_sounds(elsewhere.sounds)} from other makers, held out: {elsewhere.before} right before, "
            f"{elsewhere.after} now{', which chance explains' if 0 < fewer <= _by_chance(elsewhere) else ''}."
        ),
    ]
    return told if history.sounds else told[1:]


def _sounds(count: int) -> str:
    return f"{count} sound{'s' * (count != 1)}"
