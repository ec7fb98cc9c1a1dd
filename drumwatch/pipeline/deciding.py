"""Decide about analyzed sounds: by the user's labels, the rules, and the model's risk curve. Changes nothing on the disk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.config import needs_note
from drumwatch.core import root_notes
from drumwatch.core.records import FILING, Action
from drumwatch.filing import duplicates
from drumwatch.filing.held_file import content_hash
from drumwatch.filing.rules import RiskCurve, decide
from drumwatch.filing.up_to_date import is_up_to_date
from drumwatch.intake.stability import stamp_of
from drumwatch.pipeline.portable_disks import PortableDisks
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config import Watch
    from drumwatch.config.holder import ConfigHolder
    from drumwatch.core.records import Arrival, Decision, Entry
    from drumwatch.journal import Journal
    from drumwatch.pipeline.records import PlannedFiling
    from drumwatch.workers.model_store import StoredModel


class Decider:
    """Decides about analyzed sounds, and knows whether an earlier decision is still in effect."""

    def __init__(
        self, config: ConfigHolder, journal: Journal, model: StoredModel, disks: PortableDisks | None = None
    ) -> None:
        self._config = config
        self._disks = disks or PortableDisks()
        self._journal = journal
        self.use_model(model)

    def use_model(self, model: StoredModel, risk: RiskCurve | None = None) -> None:
        """Use this model from now on, with the risk curve of its card unless another one is given."""
        self.model = model
        self._risk = risk or RiskCurve.from_card(model.card)

    def decide(self, arrival: Arrival, watch: Watch, sound: Analyzed, confirmed: str = "") -> Decision:
        """Return the decision about a sound.

        The user's label of this sound takes precedence over the label of a near copy, and that over the model's verdict.
        """
        confirmed = confirmed or self._journal.confirmations.label_of(sound.content_hash)
        of_copy = (
            "" if confirmed or not sound.copy_of else self._journal.confirmations.label_of(sound.copy_of)
        )
        return decide(
            arrival,
            sound.verdict,
            self._config.current,
            watch,
            self._risk,
            confirmed=confirmed or of_copy,
            copy=bool(of_copy),
            portable=self._disks.holds(watch.library),
        )

    def is_up_to_date(self, arrival: Arrival, watch: Watch) -> bool:
        """Return whether an earlier run did with this file what would be decided today, and the result is still there."""
        entry = self._journal.entries.latest_about(arrival.path, arrival.stamp)
        if entry and entry.is_kept_whole:
            entry = self._entry_of_kept(entry, arrival, watch)
        if entry is None or entry.verdict is None or entry.model != self.model.id:
            return False
        if root_notes.is_unknown(entry.verdict) and needs_note(self._config.current, watch):
            return False
        decision = self.decide(arrival, watch, Analyzed(entry.verdict, entry.content_hash))
        return is_up_to_date(entry, decision.actions[0])

    def was_searched_in_vain(self, arrival: Arrival, watch: Watch, sound: Analyzed) -> bool:
        """Return whether a sound that is filed was analyzed again only for its root note, which cannot be found now."""
        if not (root_notes.is_unknown(sound.verdict) and needs_note(self._config.current, watch)):
            return False
        action = self.decide(arrival, watch, sound).actions[0]
        return self.is_in_effect(arrival, action, analyzed=True)

    def is_in_effect(self, arrival: Arrival, action: Action, *, analyzed: bool = False) -> bool:
        """Return whether an earlier run carried out this action on this file, and the result is still there.

        With `analyzed`, only an entry with a verdict counts.
        """
        entry = self._journal.entries.latest_about(arrival.path, arrival.stamp)
        if entry is None or (analyzed and entry.verdict is None):
            return False
        return is_up_to_date(entry, action)

    def _entry_of_kept(self, kept: Entry, arrival: Arrival, watch: Watch) -> Entry | None:
        """Return the entry by which a sound was filed after its pack had come to the library; None unless both are in place."""
        claim, place = arrival.claim, kept.destination
        if claim is None or claim.keep_at is None or place is None:
            return None
        stamp = stamp_of(place)
        is_there = is_up_to_date(kept, Action(watch.action, claim.keep_at))
        return self._journal.entries.latest_about(place, stamp) if stamp and is_there else None

    def apply_duplicate_setting(self, filing: PlannedFiling) -> PlannedFiling:
        """Return the filing as the setting `duplicates` wants it, if the same sound is in the library already."""
        twin = self._twin(filing.sound_digest, filing.arrival.path)
        if twin is None:
            return filing
        decision = self._as_duplicate(filing.decision, twin, filing.arrival)
        if not duplicates.links_to_twin(decision) or twin.destination is None:
            detail = replace(filing.detail, twin=duplicates.link_to(filing.decision, twin))
            return replace(filing, decision=decision, detail=detail)
        stamp = stamp_of(twin.destination)
        if stamp is None:
            return filing
        return replace(
            filing,
            arrival=replace(filing.arrival, path=twin.destination, stamp=stamp, origin=None),
            decision=decision,
            content_hash=content_hash(twin.destination),
            duplicate=filing.arrival,
        )

    def foresee(self, arrival: Arrival, watch: Watch, sound: Analyzed) -> Decision:
        """Return the decision as it would be carried out now, with the setting `duplicates` for a file outside the library."""
        decision = self.decide(arrival, watch, sound)
        if arrival.path.is_relative_to(watch.library):
            return decision
        twin = self._twin(sound.sound_digest, arrival.path)
        return self._as_duplicate(decision, twin, arrival) if twin else decision

    def _as_duplicate(self, decision: Decision, twin: Entry, arrival: Arrival) -> Decision:
        return duplicates.decided(self._config.current.duplicates, decision, twin, arrival.known_as)

    def _twin(self, sound_digest: str, path: Path) -> Entry | None:
        """Return an entry whose file is there and has the same samples; None if no digest was asked for."""
        if not sound_digest:
            return None
        found = self._journal.confirmations.same_sound(sound_digest)
        return next((entry for entry in found if duplicates.is_there(entry, path)), None)


def inside_archive(decision: Decision) -> Decision:
    """Return the decision for an unpacked file: every way of filing becomes a move, and nothing is tagged."""
    actions = tuple(
        replace(action, kind="move" if action.kind in FILING else "leave", leave_link=False)
        for action in decision.actions
    )
    has_tag = any(action.kind == "tag" for action in decision.actions)
    reason = f"{decision.reason}; nothing is tagged inside an archive" if has_tag else decision.reason
    return replace(decision, actions=actions, reason=reason)


def left_in_place(decision: Decision, why: str) -> Decision:
    """Return the decision with its label, but with the file left where it is for this reason."""
    return replace(decision, actions=(Action("leave"),), reason=f"{decision.label}: left alone, as {why}")
