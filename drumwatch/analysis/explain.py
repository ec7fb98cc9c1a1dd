"""Explain a verdict: which facts about the sound and which other evidence moved the label's probability up or down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drumwatch.analysis.features import FEATURE_NAMES
from drumwatch.analysis.model.model_file import TYPES
from drumwatch.analysis.sound_facts import FACETS, OF_FEATURE, facts_of, phrase, quantities_of
from drumwatch.context.evidence import SMALLEST_CHANGE, SOUNDS_LIKE
from drumwatch.core.records import LABEL_OF_TYPE, LABELS, Reason
from drumwatch.core.records import TYPES as TYPES_OF_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from drumwatch.analysis.filename_hints import Hint
    from drumwatch.analysis.model.model_file import Model
    from drumwatch.analysis.sound_facts import Fact, FoundFact
    from drumwatch.core.records import Verdict

    Floats = NDArray[np.float32]

MOST = 6  # facts about the sound
SMALLEST_OF_FACT = 0.003  # the same by a fact about the sound
CALLED = {
    "kick": "a kick",
    "snare": "a snare",
    "hat-closed": "a closed hat",
    "hat-open": "an open hat",
    "clap": "a clap",
    "rim": "a rim",
    "tom": "a tom",
    "hand-drum": "a hand drum",
    "bell": "a bell",
    "shaker": "a shaker",
    "cymbal": "a cymbal",
    "loop": "a loop",
    "bass": "a bass",
    "tonal": "an instrument",
    "vocal": "a voice",
    "fx": "an effect",
}
MOST_LABELS = 2  # that a name may mean and that are listed
COLUMNS = {
    facet.name: np.array([at for at, name in enumerate(FEATURE_NAMES) if OF_FEATURE[name] == facet.name])
    for facet in FACETS
}
ONE_PHRASE = ("body", "length", "attack")  # facets that are said in one phrase where all speak for the label


def in_percent(share: float) -> str:
    """Return a share from 0 to 1 as text."""
    return f"{100 * share:.0f} %"


class Evidence(NamedTuple):
    """What a verdict rests on, one after the other: the sound, its neighbors, and the file name."""

    by_sound: Floats  # shape (types,): probabilities by sound alone
    in_context: Floats  # shape (types,): the same after the evidence of the neighbors
    hint: Hint  # what the file name says


def of(x: Floats, evidence: Evidence, verdict: Verdict, classifier: Model) -> list[Reason]:
    """Return the strongest reasons for and against the label; those by sound rest on exact path contributions of the forest.

    `x` is the feature vector, float32 of shape (vector,).
    """
    features = x[: -len(TYPES)]
    of_label = classifier.label_matrix[:, classifier.labels.index(verdict.label)]
    of_group = classifier.group_types @ of_label
    contributions = classifier.forest.contributions(features, of_group)
    trees = float(classifier.forest.predict(features) @ of_group)
    corrections = list(by_corrections(x, of_label, classifier))
    by_nets = float(evidence.by_sound @ of_label) - trees - sum(reason.weight for reason in corrections)
    return [
        *novelty_reason(features, classifier),
        *verdict.context,
        *name_reason(verdict, evidence.hint, float(evidence.in_context @ of_label)),
        *nets_reason(x, verdict, by_nets),
        *corrections,
        *by_facts(facts_of(quantities_of(x)), contributions, verdict),
    ]


def by_facts(facts: Mapping[str, FoundFact], contributions: Floats, verdict: Verdict) -> list[Reason]:
    """Return the facts about the sound that speak for the label or against it, the strongest first; ONE_PHRASE as one where possible.

    A fact counts as much as the features of its facet. `contributions`, shape (features,), are those to the label's probability.
    """
    reasons = {}
    for facet, found in facts.items():
        columns = COLUMNS[facet]
        weight = float(contributions[columns].sum())
        if speaks(found.fact, weight, verdict):
            strongest = columns[np.abs(contributions[columns]).argmax()]
            reasons[facet] = Reason(found.text, weight, FEATURE_NAMES[strongest], found.measured)
    together = [facet for facet in ONE_PHRASE if facet in reasons and reasons[facet].weight > 0]
    if ONE_PHRASE[0] in together:
        body, length, attack = (facts[facet].fact if facet in together else None for facet in ONE_PHRASE)
        parts = [reasons.pop(facet) for facet in together]
        measured = "; ".join(part.measured for part in parts)
        text = phrase(body, length, attack) if body else ""
        reasons["phrase"] = Reason(text, sum(part.weight for part in parts), parts[0].feature, measured)
    return sorted(reasons.values(), key=lambda reason: -abs(reason.weight))[:MOST]


def speaks(fact: Fact, weight: float, verdict: Verdict) -> bool:
    """Return whether a fact with this weight is a reason that a musician understands.

    It speaks for the label if it is typical of the type and raises the label's probability, and against it if it is unusual for the type
    and lowers it. About a class of the user's own, nobody knows what is usual.
    """
    if abs(weight) < SMALLEST_OF_FACT:
        return False
    if verdict.type not in LABEL_OF_TYPE:
        return True
    return fact.is_typical_of(verdict.type) if weight > 0 else fact.is_odd_for(verdict.type)


def by_corrections(x: Floats, of_label: Floats, classifier: Model) -> Iterator[Reason]:
    """Yield how far the user's corrections of similar sounds change the label's probability, if more than SMALLEST_CHANGE.

    `x` has the shape (vector,), `of_label` the shape (types,) with 1 for the types of the label.
    """
    if classifier.correction:
        without = classifier.uncorrected(x, classifier.forest.predict(x[: -len(TYPES)]))
        change = float((classifier.correction.apply(x, without) - without) @ of_label)
        if abs(change) > SMALLEST_CHANGE:
            yield Reason("your corrections of similar sounds", change, "echo")


def novelty_reason(features: Floats, classifier: Model) -> list[Reason]:
    """Return a reason if the novelty score is above 1; `features` has the shape (features,)."""
    score = float(classifier.novelty.score(features))
    if score <= 1:
        return []
    measured = f"novelty {score:.2f}, where 1 is the most that is usual"
    return [
        Reason("unlike anything that drumwatch has learned from", -min(score - 1, 1.0), "strange", measured)
    ]


def nets_reason(x: Floats, verdict: Verdict, change: float) -> list[Reason]:
    """Return what the sound is as a whole to the nets, if they raise the label's probability for it, or lower it for another one.

    Nothing is returned for a class of the user's own, which the nets do not know. `x` has the shape (vector,), `change` is how far the nets
    change the forest's probability.
    """
    label = verdict.label
    if label not in LABELS or abs(change) < SMALLEST_CHANGE:
        return []
    by_nets = np.exp(x[-len(TYPES) :])
    shares = {one: sum(float(by_nets[TYPES.index(kind)]) for kind in TYPES_OF_LABEL[one]) for one in LABELS}
    first = max(LABELS, key=lambda one: shares[one])
    if (first == label) != (change > 0):
        return []  # they agree with the forest, and only the size differs
    kind = max(TYPES_OF_LABEL[first], key=lambda one: by_nets[TYPES.index(one)])
    called = CALLED[kind] if kind == verdict.type or first != label else SOUNDS_LIKE[first]
    text = f"as a whole it sounds {'' if first == label else 'more '}like {called}"
    return [
        Reason(text, change, f"ear: {label}", f"the neural nets give {first} {in_percent(shares[first])}")
    ]


def name_reason(verdict: Verdict, hint: Hint, without: float) -> list[Reason]:
    """Return how far the name of the file or its folder changes the label's probability, if more than SMALLEST_CHANGE."""
    change = verdict.probabilities[verdict.label] - without
    if abs(change) <= SMALLEST_CHANGE:
        return []
    whose = "its folder's name" if hint.of_folder else "its name"
    labels = [label for label in LABELS if any(LABEL_OF_TYPE[kind] == label for kind in hint.types)]
    if len(hint.types) == 1:
        text = f"{whose} says {next(iter(hint.types))}"
    elif len(labels) <= MOST_LABELS:
        text = f"{whose} says {' or '.join(labels)}"
    else:
        text = f"{whose} fits several labels"
    return [Reason(text, change, "name", f"of names that say something, {in_percent(hint.right)} are right")]
