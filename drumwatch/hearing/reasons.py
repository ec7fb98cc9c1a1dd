"""Evidence in words: which measurements moved the trees towards the label, and which against it."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.model import TYPES
from drumwatch.records import LABEL_OF_TYPE, LABELS, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model
    from drumwatch.records import Verdict

    Floats = NDArray[np.float32]

MOST = 6
FELT = 0.01  # an echo or a name that moves less is not worth a line

UNITS: tuple[tuple[str, Callable[[float], str]], ...] = (
    (r"^ear:", lambda log_p: f"{100 * math.exp(log_p):.0f} %"),
    (r"brightness|roll-off|pitch at", lambda octaves: f"{2**octaves:.0f} Hz" if octaves > 0 else "silent"),
    (r"time|fall by", lambda log_seconds: f"{1000 * 2**log_seconds:.0f} ms"),
    (r": share$", lambda db: f"{100 * 10 ** (db / 10):.1f} %"),
    (r": energy", lambda share: f"{100 * share:.0f} %"),
    (r"level|line$|against all", lambda db: f"{db:.0f} dB"),
)


def of(x: Floats, heard: Floats, verdict: Verdict, mind: Model) -> list[Reason]:
    """The few strongest reasons, for and against, strongest first; the trees' are exact path contributions.

    `heard` are the types' probabilities by sound alone; whatever the verdict has beyond them comes of the name.
    """
    measured = x[: -len(TYPES)]
    of_label = mind.label_matrix[:, mind.labels.index(verdict.label)]
    worth = mind.group_types @ of_label
    moved = mind.forest.contributions(measured, worth)
    features: list[str] = mind.card["features"]
    strongest = np.argsort(-np.abs(moved), kind="stable")[:MOST]
    seen = [Reason(in_words(features[at], float(x[at])), float(moved[at]), features[at]) for at in strongest]
    trees = float(mind.forest.predict(measured) @ worth)
    said = list(echoed(x, of_label, mind))
    by_sound = float(heard @ of_label)
    ear = learned(x, verdict.label, by_sound - trees - sum(reason.weight for reason in said))
    return [*strange(measured, mind), *named(verdict, by_sound), *ear, *said, *seen]


def echoed(x: Floats, of_label: Floats, mind: Model) -> Iterator[Reason]:
    """How far the user's words on sounds like this one move the label, where they do."""
    if mind.echo:
        without = mind.unechoed(x, mind.forest.predict(x[: -len(TYPES)]))
        moved = float((mind.echo.moved(x, without) - without) @ of_label)
        if abs(moved) > FELT:
            yield Reason("what you said of sounds like it", moved, "echo")


def strange(measured: Floats, mind: Model) -> list[Reason]:
    """Said where a sound lies farther from all labelled ones than nearly any sound of a family never heard."""
    far = float(mind.known.strangeness(measured))
    return (
        [Reason("unlike anything the model learned from", -min(far - 1, 1.0), "strange")] if far > 1 else []
    )


def learned(x: Floats, label: str, moved: float) -> list[Reason]:
    """What the nets make of the label, and how far their word `moved` the trees' one; no net knows a class of the user's own."""
    if label not in LABELS:
        return []
    of_label = np.array([LABEL_OF_TYPE[kind] == label for kind in TYPES], np.float32)
    share = float(np.exp(x[-len(TYPES) :]) @ of_label)
    return [Reason(in_words(f"ear: {label}", math.log(max(share, 1e-3))), moved, f"ear: {label}")]


def named(verdict: Verdict, by_sound: float) -> list[Reason]:
    """How far the name of the file or its folder moves the label, where it does."""
    moved = verdict.probabilities[verdict.label] - by_sound
    says = verdict.name_says or "more than one thing"
    return [Reason(f"its name says {says}", moved, "name")] if abs(moved) > FELT else []


def in_words(feature: str, value: float) -> str:
    """The measurement as a person would say it: logarithms back to Hz, seconds and per cent."""
    part, _, what = feature.partition(": ")
    said = next((say(value) for pattern, say in UNITS if re.search(pattern, feature)), f"{value:.2g}")
    if part == "ear":
        return f"the learned ear hears {what}: {said}"
    return f"{what} ({part}): {said}"
