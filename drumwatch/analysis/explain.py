"""Explain a verdict: which features and which other evidence moved the label's probability up or down."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.analysis.model.model_file import TYPES
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from drumwatch.analysis.model.model_file import Model
    from drumwatch.core.records import Verdict

    Floats = NDArray[np.float32]

MOST = 6
FELT = 0.01  # smallest change of a probability by correction or name that is reported

UNITS: tuple[tuple[str, Callable[[float], str]], ...] = (
    (r"^ear:", lambda log_p: f"{100 * math.exp(log_p):.0f} %"),
    (r"brightness|roll-off|pitch at", lambda octaves: f"{2**octaves:.0f} Hz" if octaves > 0 else "silent"),
    (r"time|fall by", lambda log_seconds: f"{1000 * 2**log_seconds:.0f} ms"),
    (r": share$", lambda db: f"{100 * 10 ** (db / 10):.1f} %"),
    (r": energy", lambda share: f"{100 * share:.0f} %"),
    (r"level|line$|against all", lambda db: f"{db:.0f} dB"),
)


def of(x: Floats, types: Floats, verdict: Verdict, classifier: Model) -> list[Reason]:
    """Return the strongest reasons for and against the label, with exact path contributions of the forest.

    Parameters
    ----------
    x : float32, shape (EVIDENCE,)
        The feature vector.
    types : float32, shape (types,)
        Probabilities by sound alone; the rest of the verdict's confidence comes from the file name.
    verdict : Verdict
    classifier : Model
    """
    features = x[: -len(TYPES)]
    of_label = classifier.label_matrix[:, classifier.labels.index(verdict.label)]
    of_group = classifier.group_types @ of_label
    contributions = classifier.forest.contributions(features, of_group)
    names: list[str] = classifier.card["features"]
    strongest = np.argsort(-np.abs(contributions), kind="stable")[:MOST]
    by_feature = [
        Reason(in_words(names[index], float(x[index])), float(contributions[index]), names[index])
        for index in strongest
    ]
    trees = float(classifier.forest.predict(features) @ of_group)
    corrections = list(from_corrections(x, of_label, classifier))
    by_sound = float(types @ of_label)
    by_nets = learned(x, verdict.label, by_sound - trees - sum(reason.weight for reason in corrections))
    return [
        *novelty_reason(features, classifier),
        *named(verdict, by_sound),
        *by_nets,
        *corrections,
        *by_feature,
    ]


def from_corrections(x: Floats, of_label: Floats, classifier: Model) -> Iterator[Reason]:
    """Yield how far the user's corrections of similar sounds move the label, if that is more than FELT.

    `x` has the shape (EVIDENCE,), `of_label` the shape (types,) with 1 for the types of the label.
    """
    if classifier.echo:
        without = classifier.uncorrected(x, classifier.forest.predict(x[: -len(TYPES)]))
        change = float((classifier.echo.moved(x, without) - without) @ of_label)
        if abs(change) > FELT:
            yield Reason("what you said of sounds like it", change, "echo")


def novelty_reason(features: Floats, classifier: Model) -> list[Reason]:
    """Return a reason if the novelty score is above 1; `features` has the shape (features,)."""
    novelty = float(classifier.known.novelty(features))
    return (
        [Reason("unlike anything the model learned from", -min(novelty - 1, 1.0), "strange")]
        if novelty > 1
        else []
    )


def learned(x: Floats, label: str, change: float) -> list[Reason]:
    """Return the probability that the nets give the label, and how far they moved the forest's probability.

    Nothing is returned for a class of the user's own, which the nets do not know. `x` has the shape (EVIDENCE,).
    """
    if label not in LABELS:
        return []
    of_label = np.array([LABEL_OF_TYPE[kind] == label for kind in TYPES], np.float32)
    share = float(np.exp(x[-len(TYPES) :]) @ of_label)
    return [Reason(in_words(f"ear: {label}", math.log(max(share, 1e-3))), change, f"ear: {label}")]


def named(verdict: Verdict, by_sound: float) -> list[Reason]:
    """Return how far the name of the file or its folder moves the label, if that is more than FELT."""
    change = verdict.probabilities[verdict.label] - by_sound
    says = verdict.name_says or "more than one thing"
    return [Reason(f"its name says {says}", change, "name")] if abs(change) > FELT else []


def in_words(feature: str, value: float) -> str:
    """Return a feature's value in plain units: Hz, ms, dB or percent instead of logarithms."""
    part, _, what = feature.partition(": ")
    text = next((convert(value) for pattern, convert in UNITS if re.search(pattern, feature)), f"{value:.2g}")
    if part == "ear":
        return f"the learned ear hears {what}: {text}"
    return f"{what} ({part}): {text}"
