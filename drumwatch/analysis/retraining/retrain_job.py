"""Retrain the model with the user's corrections: returns the model file and its metrics, and writes nothing."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis import analysis_records, analyze
from drumwatch.analysis.model import kernel_correction, model_file, reference_sounds, user_model
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.retraining import retrain
from drumwatch.analysis.retraining.retrain import Sounds, TrainingContext
from drumwatch.core.errors import UnreadableAudio, UsageError
from drumwatch.workers.protocol import Analyze, AnalyzedAgain, NamedSound, Trained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Card, Model
    from drumwatch.workers.protocol import Train

    Floats = NDArray[np.float32]
    LabelledSound = tuple[NamedSound, Floats]  # a confirmed sound and its feature vector, shape (vector,)

FOLDS = 2  # of the shipped packs, each held out once
FEWER_TREES = retrain.TREES // 2  # in each part, for models that are only compared
CONFIDENCE_STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
NICENESS = 10  # nice value


def train_user_model(job: Train) -> Trained:
    """Return the retrained model, its card with metrics, and the sounds that were analyzed again.

    Raises UsageError if no confirmed sound can be analyzed.
    """
    lower_priority()
    shipped = analyze.loaded_model(str(model_file.SHIPPED))
    base = TrainingContext(shipped, reference_sounds.reference_sounds_of(shipped), job.own)
    analyzed: dict[str, AnalyzedAgain] = {}
    confirmed = list(with_feature_vectors(job.sounds, shipped, analyzed))
    if not confirmed:
        raise UsageError(
            "None of the sounds that you have labelled can be analyzed any more: there is nothing to learn from."
        )
    user = sounds_of(confirmed, base)
    retrained = retrain.fit(base, user)
    classifier, held_out = retrained.corrected(), retrained.held_out()
    before, after = held_out_families(base, user)
    figures = {
        "elsewhere": compared(retrain.right(before, base.sounds), retrain.right(after, base.sounds)),
        "yours": compared(retrain.right(shipped.predict(user.vectors), user), retrain.right(held_out, user)),
        "history": replayed(job, classifier, confirmed),
        "own": own_classes(base, user, held_out, after),
    }
    risk = {**shipped.card["risk"], **own_risk(base, user, held_out, after)}
    card = {"made": job.when, **card_of(base, confirmed), "risk": risk, "figures": figures}
    npz, card = user_model.packed(classifier, card)
    return Trained(npz, card, analyzed)


def lower_priority() -> None:
    """Lower the scheduling priority of this process, because retraining is not urgent."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)


def with_feature_vectors(
    confirmed: Sequence[NamedSound], shipped: Model, analyzed: dict[str, AnalyzedAgain]
) -> Iterator[LabelledSound]:
    """Yield each confirmed sound with its feature vector, from the stored analysis or from a new one.

    A file that is gone, has changed or cannot be decoded is left out. New analyses are added to `analyzed` by hash.
    """
    for sound in confirmed:
        known = analysis_records.from_cache(sound.known, shipped)
        if known is None:
            with contextlib.suppress(UnreadableAudio, OSError):
                if analyze.file_hash(sound.path) == sound.content_hash:
                    known = analyze.measure(Analyze(sound.path, with_digest=True), shipped)[1]
                    size = Path(sound.path).stat().st_size
                    analyzed[sound.content_hash] = AnalyzedAgain(size, analysis_records.as_record(known))
        if known:
            yield sound, known.vector


def sounds_of(confirmed: Sequence[LabelledSound], base: TrainingContext) -> Sounds:
    """Return the confirmed sounds as arrays."""
    types = np.array([*TYPES, *base.own])
    allowed = np.stack([np.isin(types, sound.may_be) for sound, _ in confirmed])
    return Sounds(
        np.stack([vector for _, vector in confirmed]),
        allowed,
        np.array([sound.pack for sound, _ in confirmed]),
        np.array([sound.weight for sound, _ in confirmed], np.float32),
    )


def held_out_families(base: TrainingContext, user: Sounds) -> tuple[Floats, Floats]:
    """Return predictions for the shipped sounds before and after retraining, by trees that were fitted without their fold.

    Returns
    -------
    before : float32, shape (shipped sounds, TYPES)
    after : float32, shape (shipped sounds, types and own classes)
    """
    fold, sounds = folds(base.sounds.pack), base.sounds
    before = np.zeros((len(sounds), len(TYPES)), np.float32)
    after = np.zeros((len(sounds), len(TYPES) + len(base.own)), np.float32)
    for fold_number in range(FOLDS):
        test, rows = fold == fold_number, np.flatnonzero(fold != fold_number)
        before[test] = retrain.fit_without_user(base, rows, trees=FEWER_TREES).predict(sounds.vectors[test])
        retrained = retrain.fit(base, user, rows, trees=FEWER_TREES)
        after[test] = retrained.corrected().predict(sounds.vectors[test])
    return before, after


def folds(pack: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return the fold of each sound, shape (sounds,); a pack is never split.

    Packs are assigned by falling size, each to the fold with the fewest sounds. `pack` has the shape (sounds,).
    """
    loads, fold_of = [0] * FOLDS, {}
    for name, size in sorted(Counter(pack.tolist()).items(), key=lambda item: (-item[1], item[0])):
        fold_of[name] = loads.index(min(loads))
        loads[fold_of[name]] += size
    return np.array([fold_of[name] for name in pack.tolist()])


def compared(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, int]:
    """Count the right predictions before and after, and those won and lost; both masks have the shape (sounds,)."""
    return {
        "sounds": len(before),
        "before": int(before.sum()),
        "after": int(after.sum()),
        "won": int((after & ~before).sum()),
        "lost": int((before & ~after).sum()),
    }


def replayed(job: Train, classifier: Model, sounds: Sequence[LabelledSound]) -> dict[str, int]:
    """Count how the retrained model would classify the sounds in the history.

    Returns the number of sounds, of changed labels, of changes in the direction of the user's corrections, and of changes
    against a label that the user confirmed.
    """
    live = analyze.loaded_model(job.live)
    records = {
        key: record
        for key, one in job.history.items()
        if (record := analysis_records.from_cache(one, classifier))
    }
    if not records:
        return {"sounds": 0, "changed": 0, "as_you_said": 0, "against": 0}
    vectors = np.stack([record.vector for record in records.values()])
    old, new = predicted_labels(live, vectors), predicted_labels(classifier, vectors)
    confirmed = {sound.content_hash: labels_of(sound.may_be, classifier) for sound, _ in sounds}
    corrected = corrected_pairs(sounds, live, classifier)
    changed = [(key, was, now) for key, was, now in zip(records, old, new, strict=True) if was != now]
    return {
        "sounds": len(records),
        "changed": len(changed),
        "as_you_said": sum(
            now in confirmed[key] if key in confirmed else (was, now) in corrected
            for key, was, now in changed
        ),
        "against": sum(key in confirmed and was in confirmed[key] for key, was, now in changed),
    }


def predicted_labels(classifier: Model, vectors: Floats) -> list[str]:
    """Return the most likely label of each sound; `vectors` has the shape (sounds, vector)."""
    return [
        classifier.labels[at] for at in (classifier.predict(vectors) @ classifier.label_matrix).argmax(axis=1)
    ]


def labels_of(kinds: Sequence[str], classifier: Model) -> set[str]:
    """Return the labels that these types belong to."""
    return {
        classifier.labels[classifier.label_matrix[classifier.types.index(kind)].argmax()] for kind in kinds
    }


def corrected_pairs(sounds: Sequence[LabelledSound], live: Model, classifier: Model) -> set[tuple[str, str]]:
    """Return the pairs of labels (predicted, corrected) that occur in the user's corrections."""
    predicted = predicted_labels(live, np.stack([vector for _, vector in sounds]))
    return {
        (was, label)
        for was, (sound, _) in zip(predicted, sounds, strict=True)
        for label in labels_of(sound.may_be, classifier)
        if was not in labels_of(sound.may_be, classifier)
    }


def own_classes(
    base: TrainingContext, user: Sounds, held_out: Floats, after: Floats
) -> dict[str, dict[str, int]]:
    """Count for each class of the user's own its sounds, those that are recognized, and other sounds that are taken for it.

    By held-out predictions for the user's sounds, `held_out`, shape (user's sounds, types), and for the shipped sounds, `after`,
    shape (shipped sounds, types).
    """
    predicted, shipped = held_out.argmax(axis=1), after.argmax(axis=1)
    return {
        name: {
            "sounds": int(user.allowed[:, at].sum()),
            "recognized": int((user.allowed[:, at] & (predicted == at)).sum()),
            "taken_for_it": int((~user.allowed[:, at] & (predicted == at)).sum() + (shipped == at).sum()),
        }
        for at, name in enumerate(base.own, len(TYPES))
    }


def own_risk(
    base: TrainingContext, user: Sounds, held_out: Floats, after: Floats
) -> dict[str, list[list[float]]]:
    """Return for each of the user's classes pairs [confidence, error rate of predictions with at least that confidence].

    Measured on held-out predictions for the user's sounds, `held_out`, shape (user's sounds, types), and for the shipped sounds,
    `after`, shape (shipped sounds, types). Half an error is added to each count, so that few sounds never look safe.
    """
    probabilities = np.concatenate([held_out, after])
    allowed = np.concatenate([user.allowed, base.sounds.allowed])
    predicted = probabilities.argmax(axis=1)
    risk = {}
    for at, name in enumerate(base.own, len(TYPES)):
        confidence, wrong = probabilities[predicted == at, at], ~allowed[predicted == at, at]
        shares = [
            (wrong[confidence >= step].sum() + 0.5) / ((confidence >= step).sum() + 1)
            for step in CONFIDENCE_STEPS
        ]
        monotone = np.minimum.accumulate(shares)
        risk[name] = [
            [step, round(float(share), 4)] for step, share in zip(CONFIDENCE_STEPS, monotone, strict=True)
        ]
    return risk


def card_of(base: TrainingContext, confirmed: Sequence[LabelledSound]) -> Card:
    """Return the card of the retrained model; it holds no path and no name of a pack or sound, because it may be shared."""
    return {
        **base.shipped.card,
        "parent": base.shipped.id,
        "own": list(base.own),
        "groups": [*base.shipped.card["groups"], *base.own],
        "reach": kernel_correction.BANDWIDTH,
        "trained_on": {
            "sounds": len(confirmed),
            "packs": len({sound.pack for sound, _ in confirmed}),
            "labels": dict(sorted(Counter(sound.label for sound, _ in confirmed).items())),
        },
    }
