"""Check `max_wrong` in practice: the share of automatically filed sounds that were corrected, by label and by pack."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from drumwatch.config import folder_of, label_for
from drumwatch.core.formatting import printable
from drumwatch.filing.confidence import RiskCurve, evidence_behind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drumwatch.config import Config
    from drumwatch.filing.confidence import Evidence
    from drumwatch.journal import Journal
    from drumwatch.workers.model_store import StoredModel

WINDOW = 200  # the newest automatically filed sounds that are counted
DRIFT_Z = 1.28  # standard deviations: one label in ten within max_wrong exceeds this by chance
FEW = 3  # corrections; fewer are ignored, whatever their share
LEAST_RISK = (
    0.005  # lower bound of the expected risk, so that a few corrections do not raise it a hundredfold
)
MOST = 20.0  # highest factor


class Drift(NamedTuple):
    """More corrections than `max_wrong` allows, for a label or a pack; `factor` multiplies the risk of a label from now on."""

    kind: Literal["label", "pack"]
    name: str
    filed: int
    wrong: int
    factor: float = 1.0

    def describe(self, max_wrong: float) -> str:
        """Return the message for the user."""
        what = f"{printable(self.name)}: you corrected {self.wrong} of the last {self.filed} filed alone, and you"
        more = ": it has to be surer from now on" if self.kind == "label" else ""
        return f"{what} allow {max_wrong * 100:g} of 100{more}"


class Outcome(NamedTuple):
    """One sound that was filed automatically: the label by the model, its confidence, and whether the user corrected it."""

    label: str
    pack: str
    confidence: float
    wrong: bool
    evidence: Evidence = "sound"


def watched_risk(journal: Journal, config: Config, model: StoredModel) -> tuple[RiskCurve, list[Drift]]:
    """Return the model's risk curve, raised for labels with too many corrections, and the drifts that were found."""
    risk = RiskCurve.from_card(model.card)
    found = list(drifts(outcomes(journal, config), risk, config.max_wrong))
    return risk.stricter({one.name: one.factor for one in found if one.kind == "label"}), found


def outcomes(journal: Journal, config: Config) -> list[Outcome]:
    """Return the outcome of each of the newest automatically filed sounds."""
    return [
        Outcome(
            entry.verdict.label,
            entry.pack,
            entry.verdict.confidence,
            bool(confirmed)
            and folder_for(confirmed, config.labels) != folder_for(entry.label, config.labels),
            evidence_behind(entry.verdict),
        )
        for entry, confirmed in journal.confirmations.filed_without_review(WINDOW)
        if entry.verdict
    ]


def folder_for(label: str, labels: Mapping[str, str]) -> str:
    """Return the folder for a label, a type or a class of the user's own."""
    return folder_of(label_for(label, labels), labels)


def drifts(filed: Iterable[Outcome], risk: RiskCurve, max_wrong: float) -> Iterable[Drift]:
    """Yield the labels, then the packs, with significantly more corrections than `max_wrong` allows."""
    by_label, by_pack = defaultdict(list), defaultdict(list)
    for one in filed:
        by_label[one.label].append(one)
        if one.pack:
            by_pack[one.pack].append(one)
    for name, ones in sorted(by_label.items()):
        wrong = sum(one.wrong for one in ones)
        if exceeds(wrong, len(ones), max_wrong):
            expected = sum(risk.fitting(one.evidence).at(name, one.confidence) for one in ones) / len(ones)
            factor = wrong / len(ones) / max(expected, LEAST_RISK)
            yield Drift("label", name, len(ones), wrong, min(MOST, max(1.0, factor)))
    for name, ones in sorted(by_pack.items()):
        wrong = sum(one.wrong for one in ones)
        if exceeds(wrong, len(ones), max_wrong):
            yield Drift("pack", name, len(ones), wrong)


def exceeds(wrong: int, filed: int, max_wrong: float) -> bool:
    """Return whether the lower bound of Wilson's interval for the share of wrong labels lies above `max_wrong`."""
    if wrong < FEW:
        return False
    share, z = wrong / filed, DRIFT_Z
    middle = share + z * z / (2 * filed)
    spread = z * math.sqrt(share * (1 - share) / filed + z * z / (4 * filed * filed))
    return (middle - spread) / (1 + z * z / filed) > max_wrong
