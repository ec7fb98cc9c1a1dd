"""From a verdict to a decision. Pure: deciding does nothing, so `--dry-run`, `why` and the review page can ask as well."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from drumwatch.config import FILING, folder_of, format_of, label_for, like
from drumwatch.filing.naming import layout_for_unsure, place
from drumwatch.records import LABEL_OF_TYPE, LABELS, Action, Decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from drumwatch.config import Config, Match, Watch
    from drumwatch.records import ActionKind, Arrival, Verdict

NEVER_CERTAIN = 1e-6  # no measurement says that nothing is ever wrong, so max_wrong = 0 acts on no file
_LAST_SECOND = 253402300799  # of the year 9999; some disks hold stranger dates


@dataclass(frozen=True, slots=True)
class Risk:
    """Per label: the share of wrong labels among files at least this sure."""

    knots: Mapping[str, tuple[tuple[float, float], ...]]

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Risk:
        """The `risk` of a model's card: `{"kick": [[0.5, 0.3], [0.9, 0.02]], …}`."""
        return cls({label: _falling(knots) for label, knots in card.get("risk", {}).items()})

    def at(self, label: str, confidence: float) -> float:
        """The risk between two measured points; above the last it stays, below the first and where none is, it is 1."""
        knots = self.knots.get(label, ())
        below = [knot for knot in knots if knot[0] <= confidence]
        if not below:
            return 1.0
        left, risk = below[-1]
        right, next_risk = knots[len(below)] if len(below) < len(knots) else (left, risk)
        way = (confidence - left) / (right - left) if right > left else 0.0
        return min(1.0, max(NEVER_CERTAIN, risk + way * (next_risk - risk)))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a verdict means for the user's folders: which one, how sure, and which would be next."""

    label: str
    folder: str
    type: str
    confidence: float
    types: Mapping[str, float]  # of the types that go to the folder; they sum to its confidence
    runner_up: str
    runner_up_confidence: float


def decide(
    arrival: Arrival, verdict: Verdict, config: Config, watch: Watch, risk: Risk, *, confirmed: str = ""
) -> Decision:
    """First matching rule wins; what is too long or unsure is left; else the watch's own action and layout.

    `confirmed` is the label or type that the user gave: it takes the place of the verdict's, and no doubt is left.
    """
    if confirmed:
        verdict = confirm(verdict, confirmed, config.labels)
    case = _Case(arrival, verdict, config, watch, risk, weigh(verdict, config.labels), bool(confirmed))
    for rule in config.rules:
        conditions = list(case.conditions(rule.match))
        if all(holds for holds, _ in conditions):
            because = ", ".join(words for _, words in conditions)
            return case.decision(
                rule.name,
                rule.action or watch.action,
                rule.to or watch.layout,
                f'rule "{rule.name}": {because}',
            )
    if case.too_long and not confirmed:
        seconds = f"{verdict.duration:.1f} s long, and samples end at {watch.max_seconds:g} s"
        return case.decision("too long", "leave", "", f"{seconds}: left alone")
    if not case.sure:
        return case.unsure()
    return case.decision("default", watch.action, watch.layout, f"{case.heard}: {_USUAL[watch.action]}")


def weigh(verdict: Verdict, labels: Mapping[str, str]) -> Standing:
    """The folder that most of the probability goes to, once the user's `[labels]` have sent each type to its own."""
    votes = verdict.types or verdict.probabilities or {verdict.label: verdict.confidence}
    folders: dict[str, dict[str, float]] = {}
    for kind, share in votes.items():
        folders.setdefault(folder_of(label_for(kind, labels), labels), {})[kind] = share
    home = folder_of(label_for(verdict.type or verdict.label, labels), labels)
    ranked = sorted(folders, key=lambda folder: (-sum(folders[folder].values()), folder != home, folder))
    folder, runner_up = ranked[0], ranked[1] if len(ranked) > 1 else ""
    members = folders[folder]
    kind = verdict.type if verdict.type in members else max(members, key=lambda kind: members[kind])
    whole = sum(members.values())
    confidence = verdict.confidence if _is_whole_label(members, votes, verdict.label) else min(1.0, whole)
    return Standing(
        label=label_for(kind, labels),
        folder=folder,
        type=kind,
        confidence=confidence,
        types={kind: share * confidence / whole if whole else 0.0 for kind, share in members.items()},
        runner_up=runner_up,
        runner_up_confidence=sum(folders.get(runner_up, {}).values()),
    )


def confirm(verdict: Verdict, word: str, labels: Mapping[str, str]) -> Verdict:
    """The verdict as the user says it is: a label, a type, or one of the user's own folders."""
    word = next((label for label in LABELS if folder_of(label, labels) == word), word)
    kind = verdict.type if label_for(verdict.type, labels) == word else word
    label = _label_of(word)
    return replace(
        verdict,
        label=label,
        type=kind,
        confidence=1.0,
        probabilities={label: 1.0},
        types={kind: 1.0},
        runner_up="",
    )


_USUAL: dict[ActionKind, str] = {
    "move": "moved to its usual place",
    "copy": "copied to its usual place",
    "hardlink": "linked at its usual place",
    "symlink": "linked at its usual place",
    "tag": "tagged where it is",
    "leave": "left where it is, as the configuration says",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """One arrival with everything that the decision about it looks at."""

    arrival: Arrival
    verdict: Verdict
    config: Config
    watch: Watch
    risk: Risk
    standing: Standing
    confirmed: bool

    @property
    def sure(self) -> bool:
        return self._is_sure(self.standing.types, self.standing.confidence)

    @property
    def too_long(self) -> bool:
        return self.verdict.shape == "long" or self.verdict.duration > self.watch.max_seconds

    @property
    def heard(self) -> str:
        return f"{self.standing.label} at {_percent(self.standing.confidence)}" + " (yours)" * self.confirmed

    def conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        """Each condition of a rule: whether it holds, and what of the file it looked at."""
        yield from self._heard_conditions(match)
        yield from self._file_conditions(match)

    def decision(self, rule: str, kind: ActionKind, layout: str, reason: str) -> Decision:
        action = Action(kind, overwrite_tags=kind == "tag" and self.config.overwrite_tags)
        if kind in FILING:
            destination = self.watch.library / self._place(layout)
            action = Action(kind, destination, leave_link=kind == "move" and self.watch.leave_link)
        if action.destination == self.arrival.path:
            action, reason = Action("leave"), f"{reason}, where it is already"
        return Decision(rule, (action,), reason, self.standing.label, self.standing.confidence, self.sure)

    def unsure(self) -> Decision:
        """Doubt means hands off, or a folder of its own where the user wants one; a doubtful tag is never written."""
        standing, watch = self.standing, self.watch
        next_best = (
            f" ({standing.runner_up} {_percent(standing.runner_up_confidence)})" if standing.runner_up else ""
        )
        wrong = f"{math.ceil(self._risk_of(standing.types, standing.confidence) * 100)} %"
        doubt = f"only {_percent(standing.confidence)} sure of {standing.label}{next_best}"
        doubt += f", where up to {wrong} are wrong and max_wrong allows {watch.max_wrong * 100:g} %"
        if watch.unsure == "leave" or watch.action not in FILING:
            return self.decision("unsure", "leave", "", f"{doubt}: left for review")
        layout = layout_for_unsure(watch.layout, watch.unsure)
        return self.decision("unsure", watch.action, layout, f"{doubt}: put in {watch.unsure} for review")

    def _heard_conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        standing, duration = self.standing, self.verdict.duration
        if match.label:
            named = standing.label in match.label or standing.folder in match.label
            yield named and self.sure, self.heard
        if match.type:
            yield (
                self._is_sure_type(match.type),
                f"{standing.type} at {_percent(standing.types[standing.type])}",
            )
        if match.shape:
            yield self.verdict.shape in match.shape, f"its shape is {self.verdict.shape}"
        if match.min_confidence is not None or match.max_confidence is not None:
            holds = _between(match.min_confidence, standing.confidence, match.max_confidence)
            yield holds, f"{_percent(standing.confidence)} sure of {standing.label}"
        if match.min_seconds is not None or match.max_seconds is not None:
            yield _between(match.min_seconds, duration, match.max_seconds), f"{duration:.1f} s long"

    def _file_conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        path, pack = self.arrival.path, self.arrival.pack
        if match.name:
            yield _any_like(path.name, match.name), f"its name is like {' or '.join(match.name)}"
        if match.pack:
            yield bool(pack) and _any_like(pack, match.pack), f"it came in {pack}"
        if match.folder:
            yield any(path.is_relative_to(folder) for folder in match.folder), f"it came in {path.parent}"
        if match.format:
            yield format_of(path.suffix) in match.format, f"it is {format_of(path.suffix)}"

    def _is_sure_type(self, wanted: Sequence[str]) -> bool:
        """A doubt between clap and rim is no doubt about the folder, but it is one for a rule about claps."""
        kinds = {kind: share for kind, share in self.standing.types.items() if kind in wanted}
        return self.standing.type in kinds and self._is_sure(kinds, sum(kinds.values()))

    def _is_sure(self, kinds: Mapping[str, float], confidence: float) -> bool:
        return self.confirmed or self._risk_of(kinds, confidence) <= self.watch.max_wrong

    def _risk_of(self, kinds: Mapping[str, float], confidence: float) -> float:
        """The measured risk of their labels, each weighted by its part, where a folder takes types of several labels."""
        whole = sum(kinds.values())
        parts = (share * self.risk.at(_label_of(kind), confidence) for kind, share in kinds.items())
        return sum(parts) / whole if whole else 1.0

    def _place(self, layout: str) -> Path:
        path, seconds = self.arrival.path, self.arrival.fingerprint.mtime_ns // 1_000_000_000
        fields = {
            "label": self.standing.folder,
            "type": self.standing.type,
            "pack": self.arrival.pack,
            "name": path.name,
            "confidence": str(_whole_percent(self.standing.confidence)),
            "year": str(time.gmtime(min(max(seconds, 0), _LAST_SECOND)).tm_year),
            "original_folder": "" if path.parent == self.arrival.watch else path.parent.name,
        }
        return place(layout, fields, portable=self.config.portable_names)


def _falling(knots: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    """Sorted by confidence; where more confidence was measured to be worse, the worse figure holds below as well."""
    falling: list[tuple[float, float]] = []
    for confidence, risk in sorted(((float(knot), float(wrong)) for knot, wrong in knots), reverse=True):
        falling.append((confidence, max(risk, falling[-1][1] if falling else 0.0)))
    return tuple(reversed(falling))


def _is_whole_label(members: Mapping[str, float], votes: Mapping[str, float], label: str) -> bool:
    """Whether a folder gets exactly what the model means by the label, for which its confidence is calibrated."""
    return set(members) == {kind for kind in votes if _label_of(kind) == label}


def _label_of(kind: str) -> str:
    return kind if kind in LABELS else LABEL_OF_TYPE.get(kind, kind)


def _any_like(text: str, patterns: Sequence[str]) -> bool:
    return any(like(text, pattern) for pattern in patterns)


def _between(low: float | None, value: float, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _whole_percent(share: float) -> int:
    """Rounded down: 99.6 % sure is not 100."""
    return int(share * 100 + 1e-9)


def _percent(share: float) -> str:
    return f"{_whole_percent(share)} %"
