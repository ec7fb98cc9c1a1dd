"""Whether `max_wrong` holds in practice: how many of the sounds filed alone were corrected, by label and by pack."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.formatting import printable
from drumwatch.filing.confidence import RiskCurve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.workers.model_store import StoredModel

WINDOW = 200  # sounds filed alone, the newest
SURE_THAT_BROKEN = 1.28  # standard deviations: one label in ten that keeps its word looks broken by chance
FEW = 3  # corrections: fewer are an accident, whatever share they are
LEAST_RISK = 0.005  # no label is so safe that a few corrections may raise it a hundredfold
MOST = 20.0  # times


class Drift(NamedTuple):
    """More corrections than `max_wrong` allows, for a label or a pack; for a label, how many times as risky it is from now on."""

    kind: Literal["label", "pack"]
    name: str
    filed: int
    wrong: int
    factor: float = 1.0

    def told(self, max_wrong: float) -> str:
        what = f"{printable(self.name)}: you corrected {self.wrong} of the last {self.filed} filed alone, and max_wrong"
        more = ": it has to be surer from now on" if self.kind == "label" else ""
        return f"{what} allows {max_wrong * 100:g} %{more}"


class Outcome(NamedTuple):
    """One sound that was filed without asking: by which label of the model's, how sure, and whether the user corrected it."""

    label: str
    pack: str
    confidence: float
    wrong: bool


def watched_risk(journal: Journal, config: Config, model: StoredModel) -> tuple[RiskCurve, list[Drift]]:
    """The model's risk, raised where the user's corrections say that it is higher here; and what was found."""
    risk = RiskCurve.from_card(model.card)
    found = list(drifts(outcomes(journal, config), risk, config.max_wrong))
    return risk.stricter({one.name: one.factor for one in found if one.kind == "label"}), found


def outcomes(journal: Journal, config: Config) -> list[Outcome]:
    return [
        Outcome(
            entry.verdict.label,
            entry.pack,
            entry.verdict.confidence,
            bool(word) and folder_meant(word, config.labels) != folder_meant(entry.label, config.labels),
        )
        for entry, word in journal.confirmations.filed_without_review(WINDOW)
        if entry.verdict
    ]


def folder_meant(word: str, labels: Mapping[str, str]) -> str:
    """The folder that a label, a type or a word of the user's own stands for."""
    return folder_of(label_for(word, labels), labels)


def drifts(filed: Iterable[Outcome], risk: RiskCurve, max_wrong: float) -> Iterable[Drift]:
    """Labels, then packs, of which more was corrected than chance explains if `max_wrong` held."""
    by_label, by_pack = defaultdict(list), defaultdict(list)
    for one in filed:
        by_label[one.label].append(one)
        if one.pack:
            by_pack[one.pack].append(one)
    for name, ones in sorted(by_label.items()):
        wrong = sum(one.wrong for one in ones)
        if is_broken(wrong, len(ones), max_wrong):
            expected = sum(risk.at(name, one.confidence) for one in ones) / len(ones)
            factor = wrong / len(ones) / max(expected, LEAST_RISK)
            yield Drift("label", name, len(ones), wrong, min(MOST, max(1.0, factor)))
    for name, ones in sorted(by_pack.items()):
        wrong = sum(one.wrong for one in ones)
        if is_broken(wrong, len(ones), max_wrong):
            yield Drift("pack", name, len(ones), wrong)


def is_broken(wrong: int, filed: int, max_wrong: float) -> bool:
    """Whether even the lower end of what the share may be (Wilson's interval) lies above `max_wrong`."""
    if wrong < FEW:
        return False
    share, z = wrong / filed, SURE_THAT_BROKEN
    middle = share + z * z / (2 * filed)
    spread = z * math.sqrt(share * (1 - share) / filed + z * z / (4 * filed * filed))
    return (middle - spread) / (1 + z * z / filed) > max_wrong
