"""Decide what to do with a sound; pure, so that `--dry-run`, `why` and the review page can ask too."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.config import format_of, like
from drumwatch.core.formatting import share
from drumwatch.core.records import FILING, Action, Decision
from drumwatch.core.root_notes import note_as
from drumwatch.filing.actions.registry import handler_of
from drumwatch.filing.confidence import RiskCurve, confirm, evidence_behind, score_folders
from drumwatch.filing.naming import is_split_of, layout_for_unsure, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Config, Match, Rule, Watch
    from drumwatch.core.records import ActionKind, Arrival, Verdict
    from drumwatch.filing.confidence import FolderScore

__all__ = ["RiskCurve", "confirm", "decide", "score_folders"]

_LAST_SECOND = 253402300799  # of the year 9999; some files have later dates


def decide(
    arrival: Arrival,
    verdict: Verdict,
    config: Config,
    watch: Watch,
    risk: RiskCurve,
    *,
    confirmed: str = "",
    copy: bool = False,
    portable: bool = False,
) -> Decision:
    """Return the decision: the first matching rule, else leave what is too long or unsure, else the watch's action and layout.

    `confirmed` is the label or type that the user gave this sound, or a near `copy` of it; it replaces the verdict's label, and the
    decision counts as sure. With `portable`, names are portable whatever the configuration says, because the library's disk is so.
    """
    evidence = evidence_behind(verdict)
    if confirmed:
        verdict = confirm(verdict, confirmed, config.labels)
    score = score_folders(verdict, config.labels)
    fitting = risk.fitting(evidence) if score.is_label else risk
    case = _Case(
        arrival,
        verdict,
        config,
        watch,
        risk,
        fitting,
        score,
        bool(confirmed),
        copy,
        portable,
    )
    for rule in config.rules:
        conditions = list(case.conditions(rule.match))
        if all(holds for holds, _ in conditions):
            return case.by_rule(rule, facts=", ".join(fact for _, fact in conditions))
    if case.too_long and not confirmed:
        return case.left_as_too_long()
    return case.by_default() if case.sure else case.unsure()


@dataclass(frozen=True, slots=True)
class _Case:
    """One arrival with everything that the decision depends on."""

    arrival: Arrival
    verdict: Verdict
    config: Config
    watch: Watch
    risk: RiskCurve  # of any part of a label, by the sound
    folder_risk: RiskCurve  # of the folder, by what decided about the verdict
    score: FolderScore
    confirmed: bool
    copy: bool
    portable: bool  # because of the library's disk

    @property
    def sure(self) -> bool:
        risk = self.folder_risk.of(self.score.types, self.score.confidence)
        return self.confirmed or risk <= self.watch.max_wrong

    @property
    def too_long(self) -> bool:
        return self.verdict.shape == "long" or self.verdict.duration > self.watch.max_seconds

    @property
    def label_sentence(self) -> str:
        by_user = ", as you said of a near copy" if self.copy else ", as you said"
        return self.score.label + (by_user if self.confirmed else f" at {share(self.score.confidence)}")

    def conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        """Yield for each condition of a rule whether it holds, and the fact about the file that it tested."""
        yield from self._verdict_conditions(match)
        yield from self._file_conditions(match)

    def by_rule(self, rule: Rule, facts: str) -> Decision:
        kind, layout = self._allowed(rule.action or self.watch.action), rule.to or self.watch.layout
        limits = _Limits.of(self.watch).changed_by(rule)
        return self._decision(rule.name, kind, layout, f'rule "{rule.name}": {facts}', limits)

    def by_default(self) -> Decision:
        watch = self.watch
        is_kept = self.arrival.claim is not None and self.arrival.claim.keep_at is not None
        unpacked = self.arrival.origin and watch.action in FILING and not is_kept
        kind = self._allowed(watch.action)
        how = "unpacked to its usual place" if unpacked else handler_of(kind).words.decided
        if self.arrival.claim and watch.action == "tag" and kind == "leave":
            how = f"not tagged, as it belongs to {self.arrival.claim.by}"
        return self._decision("default", kind, watch.layout, f"{self.label_sentence}: {how}")

    def left_as_too_long(self) -> Decision:
        sentence = f"{self.verdict.duration:.1f} s long, and samples end at {self.watch.max_seconds:g} s"
        return self._decision("too long", "leave", "", sentence)

    def unsure(self) -> Decision:
        """Leave an unsure file, or put it into the folder for unsure ones if the user wants that; tags are never written."""
        score, watch = self.score, self.watch
        next_best = f" ({score.runner_up} {share(score.runner_up_confidence)})" if score.runner_up else ""
        risk = self.folder_risk.of(score.types, score.confidence)
        doubt = f"{share(score.confidence)} sure of {score.label}{next_best}: {_told(risk, watch.max_wrong)}"
        if watch.unsure == "leave" or watch.action not in FILING:
            return self._decision("unsure", "leave", "", doubt)
        layout = layout_for_unsure(watch.layout, watch.unsure)
        return self._decision("unsure", self._allowed(watch.action), layout, doubt)

    def _allowed(self, kind: ActionKind) -> ActionKind:
        """Return the requested action, or its replacement for a sound that a project needs where it is."""
        claim = self.arrival.claim
        if claim and (kind == "move" or (claim.keep_at and kind in ("copy", "hardlink"))):
            return claim.instead
        return "leave" if claim and claim.untouched and kind == "tag" else kind

    def _decision(
        self, rule: str, kind: ActionKind, layout: str, reason: str, limits: _Limits | None = None
    ) -> Decision:
        if (claim := self.arrival.claim) and kind != "leave":
            kept = "it is kept with its pack" if claim.keep_at else "the original is kept"
            reason = f"{reason}; {kept} for {claim.by}"
        action = Action(kind, overwrite_tags=kind == "tag" and self.config.overwrite_tags)
        if kind in FILING:
            limits = limits or _Limits.of(self.watch)
            action = Action(
                kind,
                self.watch.library / self._place(layout, limits),
                leave_link=kind == "move" and self.watch.leave_link,
                name_limit=limits.name_limit,
                max_per_folder=limits.max_per_folder,
            )
            if len(os.fsencode(self.arrival.path.name)) > limits.name_limit > 0:
                reason = f"{reason}; its name is longer than {limits.name_limit} letters"
        if action.destination and self._is_there(action.destination, action):
            action, reason = Action("leave"), f"{self.label_sentence}: it is in its place already"
        score = self.score
        return Decision(rule, (action,), reason, score.label, score.confidence, self.sure, score.type)

    def _verdict_conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        score, duration = self.score, self.verdict.duration
        if match.label:
            named = score.label in match.label or score.folder in match.label
            yield named and self.sure, self.label_sentence
        if match.type:
            yield (
                self._is_sure_type(match.type),
                f"{score.type} at {share(score.types[score.type])}",
            )
        if match.shape:
            yield self.verdict.shape in match.shape, f"its shape is {self.verdict.shape}"
        if match.min_confidence is not None or match.max_confidence is not None:
            holds = _between(match.min_confidence, score.confidence, match.max_confidence)
            yield holds, f"{share(score.confidence)} sure of {score.label}"
        if match.min_seconds is not None or match.max_seconds is not None:
            yield _between(match.min_seconds, duration, match.max_seconds), f"{duration:.1f} s long"
        yield from self._tonal_conditions(match)

    def _tonal_conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        """The conditions on root note and tempo: a sound that has none meets none."""
        if match.note:
            note = note_as(self.score.type, self.verdict)
            yield note in match.note and bool(note), f"its note is {note}"
        if match.min_bpm is not None or match.max_bpm is not None:
            tempo = self.verdict.tempo or 0.0
            yield bool(tempo) and _between(match.min_bpm, tempo, match.max_bpm), f"{tempo:.0f} beats a minute"

    def _file_conditions(self, match: Match) -> Iterator[tuple[bool, str]]:
        path, pack = self.arrival.known_as, self.arrival.pack
        if match.name:
            yield _any_like(path.name, match.name), f"its name is like {' or '.join(match.name)}"
        if match.pack:
            yield bool(pack) and _any_like(pack, match.pack), f"it came in {pack}"
        if match.folder:
            yield any(path.is_relative_to(folder) for folder in match.folder), f"it came in {path.parent}"
        if match.format:
            yield format_of(path.suffix) in match.format, f"it is {format_of(path.suffix)}"

    def _is_sure_type(self, wanted: Sequence[str]) -> bool:
        """Return whether one of these types is sure: clap or rim may be unsure while their common folder is sure."""
        kinds = {kind: share for kind, share in self.score.types.items() if kind in wanted}
        risk = self.risk.of(kinds, sum(kinds.values()))
        return self.score.type in kinds and (self.confirmed or risk <= self.watch.max_wrong)

    def _is_there(self, destination: Path, action: Action) -> bool:
        """Return whether the sound is at its place already, or in a folder that has a number because others were full."""
        here = self.arrival.path
        return here == destination or (
            action.max_per_folder > 0 and is_split_of(here, destination, action.name_limit)
        )

    def _place(self, layout: str, limits: _Limits) -> Path:
        path, seconds = self.arrival.path, self.arrival.stamp.mtime_ns // 1_000_000_000
        fields = {
            "label": self.score.folder,
            "type": self.score.type,
            "pack": self.arrival.pack,
            "name": path.name,
            "confidence": str(_whole_percent(self.score.confidence)),
            "year": str(time.gmtime(min(max(seconds, 0), _LAST_SECOND)).tm_year),
            "note": note_as(self.score.type, self.verdict),
            "bpm": f"{self.verdict.tempo:.0f}" if self.verdict.tempo else "",
            "original_folder": "" if path.parent == self.arrival.watch else path.parent.name,
        }
        portable = self.portable or limits.portable_names
        return place(layout, fields, portable=portable, name_limit=limits.name_limit)


class _Limits(NamedTuple):
    """What the device that is to read the library wants of names and folders."""

    portable_names: bool
    name_limit: int
    max_per_folder: int

    @classmethod
    def of(cls, watch: Watch) -> _Limits:
        return cls(watch.portable_names, watch.name_limit, watch.max_per_folder)

    def changed_by(self, rule: Rule) -> _Limits:
        """Return the limits with those that the rule has itself."""
        return _Limits(
            self.portable_names if rule.portable_names is None else rule.portable_names,
            self.name_limit if rule.name_limit is None else rule.name_limit,
            self.max_per_folder if rule.max_per_folder is None else rule.max_per_folder,
        )


def _told(risk: float, max_wrong: float) -> str:
    """Return what the error rate and `max_wrong` mean, rounded up: the rate is 1 where none was measured."""
    allowed, wrong = f"{max_wrong * 100:g}", math.ceil(risk * 100)
    if risk >= 1:
        return f"so unsure that nobody knows how many of 100 such sounds are wrong; you allow {allowed}"
    return f"of 100 sounds it is this sure of, {wrong} {'is' if wrong == 1 else 'are'} wrong; you allow {allowed}"


def _any_like(text: str, patterns: Sequence[str]) -> bool:
    return any(like(text, pattern) for pattern in patterns)


def _between(low: float | None, value: float, high: float | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)


def _whole_percent(share: float) -> int:
    """Round down, so that 99.6 % does not become 100 %."""
    return int(share * 100 + 1e-9)
