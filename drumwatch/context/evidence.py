"""The evidence of a sound's neighbors: pooled at each level into a factor for each label, and multiplied onto the probabilities by sound.

By Bayes: files named alike are one instrument, or a jumble that is no evidence. If their sounds disagree, the factor is flat. Every
constant was chosen on the corpus, by family; docs/model.md has the figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import mul
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import msgspec

from drumwatch.core.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Level: TypeAlias = Literal["stem", "word", "folder"]
Five: TypeAlias = tuple[float, float, float, float, float]  # a number for each of LABELS, in their order
Counts: TypeAlias = tuple[int, int, int, int, int]
Factor: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]

# The share of each label among all sounds: half the corpus's, half the same for all.
PRIOR: Five = (0.147, 0.153, 0.156, 0.266, 0.278)
ODD = 0.06  # the share of sounds that are not what their neighbors are
# More neighbors than these count no more; as they resemble each other, n of them count as sqrt(n)
MOST_COUNTED = 16
MOST_EXPONENT = 30.0
# The probability that neighbors of a level have one label, rather than being a jumble
UNIFORM: dict[Level, float] = {"stem": 0.8, "word": 0.5, "folder": 0.3}
FLATTENING = 0.5  # how much a probability is flattened where the evidence of the neighbors has full strength
FULL_STRENGTH = 2.0  # natural log
CONFIRMED, NOT_CONFIRMED = 0.96, 0.01  # probabilities of a neighbor that the user has confirmed or corrected
_RATIO = [(1 - ODD) / prior for prior in PRIOR]
SMALLEST_CHANGE = 0.01  # smallest change of a probability by evidence other than the sound that is reported
STRONG = 1.0  # strength from which on the error rates of sounds with such neighbors hold


@dataclass(frozen=True, slots=True)
class LevelEvidence:
    """The evidence of the neighbors of one level about a sound."""

    level: Level
    factor: tuple[Factor, Factor, Factor, Factor, Factor]  # multiplies the probability of each label
    sounds: int  # neighbors, each distinct sound once
    likeliest: Counts  # of these, those whose likeliest label it is
    shared: str = ""  # what they share: the stem, the word, or the folder's name
    confirmed: int = 0  # of these, those that the user has confirmed or corrected

    @property
    def strength(self) -> float:
        """The strength of the evidence: 0 if it is none."""
        return strength(self.factor)


def evidence_of(p: Sequence[float]) -> Five:
    """Return the evidence of one neighbor with these probabilities of LABELS: log-likelihood ratios, log ODD at worst."""
    a, b, c, d, e = [math.log(share * ratio + ODD) for share, ratio in zip(p, _RATIO, strict=True)]
    return (a, b, c, d, e)


def confirmed_as(given: str) -> Five:
    """Return the probabilities of a neighbor that the user has given this label or type."""
    label = LABEL_OF_TYPE.get(given, given)
    a, b, c, d, e = (CONFIRMED if label == one else NOT_CONFIRMED for one in LABELS)
    return (a, b, c, d, e)


def count_weight(count: int) -> float:
    """Return how much `count` neighbors that resemble each other count together: the square root, 4 at most."""
    return math.sqrt(min(count, MOST_COUNTED))


def factor_of(level: Level, total: Sequence[float], votes: int) -> Five:
    """Return the factor of a level from the sum of the evidence of its `votes` (at least one)."""
    weight = count_weight(votes) / votes
    odds = [math.exp(max(-MOST_EXPONENT, min(MOST_EXPONENT, share * weight))) for share in total]
    uniform = UNIFORM[level]
    # This sound may be the odd one among them
    usual = ODD * sum(map(mul, odds, PRIOR))
    least, slope = (1 - uniform) + uniform * usual, uniform * (1 - ODD)
    a, b, c, d, e = [least + slope * ratio for ratio in odds]
    return (a, b, c, d, e)


def combined(levels: Iterable[LevelEvidence]) -> Five:
    """Return the product of the factors of several levels; all ones if there are none."""
    product = [1.0] * len(LABELS)
    for one in levels:
        product = [whole * part for whole, part in zip(product, one.factor, strict=True)]
    a, b, c, d, e = product
    return (a, b, c, d, e)


def strength(factor: Sequence[float]) -> float:
    """Return the strength of the evidence: the natural log of the largest over the smallest factor."""
    return math.log(max(factor) / min(factor))


def in_context(p: Sequence[float], factor: Sequence[float]) -> tuple[float, ...]:
    """Return the probabilities of the labels after the evidence of the neighbors.

    `p` holds the probabilities by sound alone: of LABELS, then of the user's own classes, for which the largest factor counts, so that
    no neighbor counts against them. The result is flattened by the strength of the evidence; if that is 0, it is `p`.
    """
    strong = strength(factor)
    if strong == 0:
        return tuple(p)
    own = [max(factor)] * (len(p) - len(factor))
    raised = [share * part for share, part in zip(p, [*factor, *own], strict=True)]
    exponent = 1 / (1 + FLATTENING * min(1.0, strong / FULL_STRENGTH))
    flat = [(share / sum(raised)) ** exponent for share in raised]
    return tuple(share / sum(flat) for share in flat)


def as_five(p: Mapping[str, float]) -> Five:
    """Return the probabilities of LABELS in their order, from a verdict's; a label that is missing has none."""
    a, b, c, d, e = (p.get(label, 0.0) for label in LABELS)
    return (a, b, c, d, e)


SOUNDS_LIKE = {
    "kick": "a kick",
    "snare": "a snare",
    "hat": "a hat",
    "percussion": "percussion",
    "other": "something other",
}


def describe(evidence: LevelEvidence, label: str) -> str:
    """Return in words how many of the neighbors sound like this one of LABELS: "11 of 12 sounds named like it sound like a snare"."""
    agreeing, count = evidence.likeliest[LABELS.index(label)], evidence.sounds
    who = {
        "stem": "named like it",
        "word": f'with "{evidence.shared}" in the name',
        "folder": "of its folder",
    }[evidence.level]
    like = f"like {SOUNDS_LIKE[label]}"
    if count == 1:
        text = f"the other sound {who} {'sounds' if agreeing else 'does not sound'} {like}"
    else:
        text = f"{agreeing} of {count} sounds {who} sound {like}"
    by_user = f"{evidence.confirmed} of them as you said" if count > 1 else "as you said"
    return f"{text}, {by_user}" if evidence.confirmed else text
