"""A lesson: what the user has said becomes a model file, and figures that tell whether it is any better. Writes nothing itself."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drumwatch.errors import UnreadableAudio, UsageError
from drumwatch.hearing import ear, echo, impressions, memory, model, schooling, taught
from drumwatch.hearing.model import TYPES
from drumwatch.hearing.schooling import Class, Sounds
from drumwatch.workers.protocol import Analyze, AnalyzedAgain, NamedSound, Trained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model
    from drumwatch.workers.protocol import Train

    Floats = NDArray[np.float32]
    Word = tuple[NamedSound, Floats]  # what the user has said, and the sound's evidence

FOLDS = 2  # of the shipped families, each held out once
FEWER_TREES = schooling.TREES // 2  # in each part, where models are only compared
KNOTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
HUMBLE = 10  # niceness


def learn(job: Train) -> Trained:
    """The model that the named `sounds` make of the shipped one, its card, and how it compares."""
    be_humble()
    shipped = ear.ready(str(model.SHIPPED))
    begin = Class(shipped, memory.beside(shipped), job.own)
    heard: dict[str, AnalyzedAgain] = {}
    words = list(heard_words(job.sounds, shipped, heard))
    if not words:
        raise UsageError(
            "None of the sounds that you have named can be heard any more: there is nothing to learn from."
        )
    user = sounds_of(words, begin)
    grown = schooling.grow(begin, user)
    mind, honest = grown.taught(), grown.honest()
    before, after = elsewhere(begin, user)
    figures = {
        "elsewhere": compared(schooling.right(before, begin.sounds), schooling.right(after, begin.sounds)),
        "yours": compared(
            schooling.right(shipped.predict(user.evidence), user), schooling.right(honest, user)
        ),
        "history": replayed(job, mind, words),
    }
    risk = {**shipped.card["risk"], **own_risk(begin, user, honest, after)}
    card = {"made": job.when, **card_of(begin, words), "risk": risk, "figures": figures}
    npz, card = taught.packed(mind, card)
    return Trained(npz, card, heard)


def be_humble() -> None:
    """Nobody waits for a lesson as for a sound."""
    with contextlib.suppress(OSError, AttributeError):  # not there on Windows
        os.nice(HUMBLE)


def heard_words(
    words: Sequence[NamedSound], shipped: Model, heard: dict[str, AnalyzedAgain]
) -> Iterator[Word]:
    """Each word with its evidence: as it was heard, or heard again; what is gone or has changed is left out."""
    for word in words:
        known = impressions.recalled(word.known, shipped)
        if known is None:
            with contextlib.suppress(UnreadableAudio, OSError):
                if ear.file_hash(word.path) == word.content_hash:
                    known = ear.listen(Analyze(word.path, with_digest=True), shipped)[1]
                    size = Path(word.path).stat().st_size
                    heard[word.content_hash] = AnalyzedAgain(size, impressions.as_record(known))
        if known:
            yield word, known.evidence


def sounds_of(words: Sequence[Word], begin: Class) -> Sounds:
    kinds = np.array([*TYPES, *begin.own])
    may_be = np.stack([np.isin(kinds, word.may_be) for word, _ in words])
    return Sounds(
        np.stack([evidence for _, evidence in words]), may_be, np.array([word.pack for word, _ in words])
    )


def elsewhere(begin: Class, user: Sounds) -> tuple[Floats, Floats]:
    """(shipped sounds, types): what is said of the families of a fold by trees that have not met them, before and after the lesson."""
    fold, sounds = folds(begin.sounds.pack), begin.sounds
    before = np.zeros((len(sounds), len(TYPES)), np.float32)
    after = np.zeros((len(sounds), len(TYPES) + len(begin.own)), np.float32)
    for number in range(FOLDS):
        held, rows = fold == number, np.flatnonzero(fold != number)
        before[held] = schooling.untaught(begin, rows, trees=FEWER_TREES).predict(sounds.evidence[held])
        grown = schooling.grow(begin, user, rows, trees=FEWER_TREES)
        after[held] = grown.taught().predict(sounds.evidence[held])
    return before, after


def folds(pack: NDArray[np.str_]) -> NDArray[np.intp]:
    """A fold for each sound, packs whole: the largest first, each to the emptiest fold so far."""
    loads, fold_of = [0] * FOLDS, {}
    for name, size in sorted(Counter(pack.tolist()).items(), key=lambda item: (-item[1], item[0])):
        fold_of[name] = loads.index(min(loads))
        loads[fold_of[name]] += size
    return np.array([fold_of[name] for name in pack.tolist()])


def compared(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, int]:
    return {
        "sounds": len(before),
        "before": int(before.sum()),
        "after": int(after.sum()),
        "won": int((after & ~before).sum()),
        "lost": int((before & ~after).sum()),
    }


def replayed(job: Train, mind: Model, words: Sequence[Word]) -> dict[str, int]:
    """What would have been said otherwise: of how many sounds, how often the way the user corrected, how often against their word."""
    live = ear.ready(job.live)
    kept = {key: found for key, one in job.history.items() if (found := impressions.recalled(one, mind))}
    if not kept:
        return {"sounds": 0, "changed": 0, "as_you_said": 0, "against": 0}
    evidence = np.stack([impression.evidence for impression in kept.values()])
    old, new = labels_said(live, evidence), labels_said(mind, evidence)
    said = {word.content_hash: labels_of(word.may_be, mind) for word, _ in words}
    ways = corrected_ways(words, live, mind)
    changed = [(key, was, now) for key, was, now in zip(kept, old, new, strict=True) if was != now]
    return {
        "sounds": len(kept),
        "changed": len(changed),
        "as_you_said": sum(
            now in said[key] if key in said else (was, now) in ways for key, was, now in changed
        ),
        "against": sum(key in said and was in said[key] for key, was, now in changed),
    }


def labels_said(mind: Model, evidence: Floats) -> list[str]:
    return [mind.labels[at] for at in (mind.predict(evidence) @ mind.label_matrix).argmax(axis=1)]


def labels_of(kinds: Sequence[str], mind: Model) -> set[str]:
    """The labels that these types belong to."""
    return {mind.labels[mind.label_matrix[mind.types.index(kind)].argmax()] for kind in kinds}


def corrected_ways(words: Sequence[Word], live: Model, mind: Model) -> set[tuple[str, str]]:
    """From which label to which the user has corrected."""
    heard = labels_said(live, np.stack([evidence for _, evidence in words]))
    return {
        (was, label)
        for was, (word, _) in zip(heard, words, strict=True)
        for label in labels_of(word.may_be, mind)
        if was not in labels_of(word.may_be, mind)
    }


def own_risk(begin: Class, user: Sounds, honest: Floats, after: Floats) -> dict[str, list[list[float]]]:
    """For each class of the user's own: [confidence, share of wrong ones among sounds said to be it and at least that sure].

    Measured on the user's sounds and on the shipped ones, all held out; rounded towards caution by half a mistake.
    """
    everything = np.concatenate([honest, after])
    may_be = np.concatenate([user.may_be, begin.sounds.may_be])
    said = everything.argmax(axis=1)
    risk = {}
    for at, name in enumerate(begin.own, len(TYPES)):
        sure, wrong = everything[said == at, at], ~may_be[said == at, at]
        shares = [(wrong[sure >= knot].sum() + 0.5) / ((sure >= knot).sum() + 1) for knot in KNOTS]
        falling = np.minimum.accumulate(shares)
        risk[name] = [[knot, round(float(share), 4)] for knot, share in zip(KNOTS, falling, strict=True)]
    return risk


def card_of(begin: Class, words: Sequence[Word]) -> dict[str, Any]:
    """What the model says of itself; no path, no name of a pack or a sound: it may be given away."""
    return {
        **begin.shipped.card,
        "parent": begin.shipped.id,
        "own": list(begin.own),
        "groups": [*begin.shipped.card["groups"], *begin.own],
        "reach": echo.REACH,
        "trained_on": {
            "sounds": len(words),
            "packs": len({word.pack for word, _ in words}),
            "labels": dict(sorted(Counter(word.label for word, _ in words).items())),
        },
    }
