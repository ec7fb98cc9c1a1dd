"""Evidence in words: which measurements moved the trees towards the label, and which against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drumwatch.hearing.model import TYPES
from drumwatch.records import LABEL_OF_TYPE, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drumwatch.hearing.model import Model
    from drumwatch.records import Verdict

    Floats = NDArray[np.float32]

MOST = 6


def of(x: Floats, verdict: Verdict, mind: Model) -> list[Reason]:
    """The few strongest reasons, for and against, strongest first; weights are exact path contributions."""
    of_label = np.array([LABEL_OF_TYPE[kind] == verdict.label for kind in TYPES], np.float32)
    moved = mind.forest.contributions(x, mind.group_types @ of_label)
    features: list[str] = mind.card["features"]
    strongest = np.argsort(-np.abs(moved), kind="stable")[:MOST]
    heard = [Reason(in_words(features[at], float(x[at])), float(moved[at]), features[at]) for at in strongest]
    return [*clash(verdict), *heard]


def clash(verdict: Verdict) -> list[Reason]:
    """A name that says something else than the sound does."""
    if verdict.name_says in {"", verdict.label}:
        return []
    against = -verdict.probabilities[verdict.name_says]
    return [Reason(f"named {verdict.name_says}, sounds like {verdict.type}", against, "name")]


def in_words(feature: str, value: float) -> str:
    """The measurement as a person would say it: logarithms back to Hz, seconds and per cent."""
    part, _, what = feature.partition(": ")
    if what in {"brightness", "roll-off"} or what.startswith("pitch at"):
        return f"{what} {part}: silent" if value <= 0 else f"{what} ({part}): {2**value:.0f} Hz"
    if what.endswith("time") or what.startswith(("time", "fall", "centre")):
        return f"{what} ({part}): {1000 * 2**value:.0f} ms"
    if what == "share":
        return f"energy at {part}: {100 * 10 ** (value / 10):.1f} %"
    if what.startswith("energy"):
        return f"{what}: {100 * value:.0f} %"
    if what.startswith("level") or what == "strongest line":
        return f"{what} ({part}): {value:.0f} dB"
    return f"{what} ({part}): {value:.2g}"
