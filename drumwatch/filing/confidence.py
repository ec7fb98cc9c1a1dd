"""Compare a verdict's confidence with measured error rates, for the user's own folders; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from drumwatch.config import folder_of, label_for
from drumwatch.context.evidence import STRONG
from drumwatch.core.records import LABEL_OF_TYPE, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from drumwatch.core.records import Verdict

NEVER_CERTAIN = 1e-6  # the smallest risk, so that max_wrong = 0 acts on no file


Knots: TypeAlias = "Mapping[str, tuple[tuple[float, float], ...]]"
# What decides about a file: its sound alone, strong evidence of its neighbors, or a name that agrees, which the sound does not contradict
Evidence: TypeAlias = Literal["sound", "neighbors", "name"]
CARD_NAMES: dict[Evidence, str] = {"neighbors": "risk_with_neighbors", "name": "risk_with_name"}


@dataclass(frozen=True, slots=True)
class RiskCurve:
    """Per label: the error rate among files with at least a certain confidence."""

    knots: Knots
    by_evidence: Mapping[Evidence, Knots] = field(
        default_factory=dict
    )  # where others were measured for such files

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> RiskCurve:
        """Return the `risk` of a model's card: `{"kick": [[0.5, 0.3], [0.9, 0.02]], …}`, and those for more evidence than the sound."""
        return cls(
            _knots_of(card.get("risk", {})),
            {kind: _knots_of(card[name]) for kind, name in CARD_NAMES.items() if name in card},
        )

    def fitting(self, evidence: Evidence) -> RiskCurve:
        """Return the risk of files that are judged by this evidence; labels that were not measured with it keep their usual risk."""
        return RiskCurve({**self.knots, **self.by_evidence.get(evidence, {})})

    def stricter(self, factors: Mapping[str, float]) -> RiskCurve:
        """Return the risk with some labels multiplied by a factor, at most 1."""
        return RiskCurve(
            _raised(self.knots, factors),
            {kind: _raised(knots, factors) for kind, knots in self.by_evidence.items()},
        )

    def at(self, label: str, confidence: float) -> float:
        """Return the error rate at the highest measured point below the confidence; 1 if there is none."""
        reached = [risk for point, risk in self.knots.get(label, ()) if point <= confidence]
        return reached[-1] if reached else 1.0

    def of(self, types: Mapping[str, float], confidence: float) -> float:
        """Return the error rate for a folder: the mean of its labels' rates, weighted by the probability of each type."""
        whole = sum(types.values())
        parts = (share * self.at(_label_of(kind), confidence) for kind, share in types.items())
        return sum(parts) / whole if whole else 1.0


@dataclass(frozen=True, slots=True)
class FolderScore:
    """What a verdict means for the user's folders: the folder, its confidence, and the runner-up."""

    label: str
    folder: str
    type: str
    confidence: float
    types: Mapping[str, float]  # probabilities of the types in the folder; they sum to the confidence
    runner_up: str
    runner_up_confidence: float
    is_label: (
        bool  # whether the folder holds exactly the types of one label, for which error rates were measured
    )


def score_folders(verdict: Verdict, labels: Mapping[str, str]) -> FolderScore:
    """Return the folder with the highest probability, after the user's `[labels]` have assigned each type to a folder."""
    probabilities = verdict.types or verdict.probabilities or {verdict.label: verdict.confidence}
    folders: dict[str, dict[str, float]] = {}
    for kind, share in probabilities.items():
        folders.setdefault(folder_of(label_for(kind, labels), labels), {})[kind] = share
    own = folder_of(label_for(verdict.type or verdict.label, labels), labels)
    ranked = sorted(folders, key=lambda folder: (-sum(folders[folder].values()), folder != own, folder))
    folder, runner_up = ranked[0], ranked[1] if len(ranked) > 1 else ""
    members = folders[folder]
    kind = verdict.type if verdict.type in members else max(members, key=lambda kind: members[kind])
    whole, is_label = sum(members.values()), _is_whole_label(members, probabilities, verdict.label)
    confidence = min(1.0, verdict.confidence if is_label else whole)
    return FolderScore(
        label=label_for(kind, labels),
        folder=folder,
        type=kind,
        confidence=confidence,
        types={kind: share * confidence / whole if whole else 0.0 for kind, share in members.items()},
        runner_up=runner_up,
        runner_up_confidence=sum(folders.get(runner_up, {}).values()),
        is_label=is_label,
    )


def confirm(verdict: Verdict, label: str, labels: Mapping[str, str]) -> Verdict:
    """Return the verdict with the user's own label, type or folder, at confidence 1."""
    given = next((name for name in LABELS if folder_of(name, labels) == label), label)
    kind = verdict.type if label_for(verdict.type, labels) == given else given
    label = _label_of(given)
    return replace(
        verdict,
        label=label,
        type=kind,
        confidence=1.0,
        probabilities={label: 1.0},
        types={kind: 1.0},
        runner_up="",
    )


def evidence_behind(verdict: Verdict) -> Evidence:
    """Return the evidence that decided about a verdict: the error rates of such files hold for it."""
    if verdict.name_says == verdict.label and not verdict.clash:
        return "name"
    return "neighbors" if verdict.context_strength >= STRONG else "sound"


def _knots_of(table: Mapping[str, Sequence[Sequence[float]]]) -> Knots:
    return {label: _falling(knots) for label, knots in table.items()}


def _raised(table: Knots, factors: Mapping[str, float]) -> Knots:
    return {
        label: tuple((point, min(1.0, risk * factors.get(label, 1.0))) for point, risk in knots)
        for label, knots in table.items()
    }


def _falling(knots: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Return the points sorted by confidence with a non-increasing risk: a higher risk also holds for lower confidence."""
    falling: list[tuple[float, float]] = []
    worst = NEVER_CERTAIN
    for confidence, risk in sorted(((float(point), float(wrong)) for point, wrong in knots), reverse=True):
        worst = min(1.0, max(worst, risk))
        falling.append((confidence, worst))
    return tuple(reversed(falling))


def _is_whole_label(members: Mapping[str, float], probabilities: Mapping[str, float], label: str) -> bool:
    """Return whether the folder holds exactly the types of the label, for which the model's confidence is calibrated."""
    return set(members) == {kind for kind in probabilities if _label_of(kind) == label}


def _label_of(kind: str) -> str:
    return kind if kind in LABELS else LABEL_OF_TYPE.get(kind, kind)
