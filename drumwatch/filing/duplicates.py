"""Decide about a sound whose samples are already in the library: keep it, leave it where it is, or link it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.records import HOLDING_SOUND, Action

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config.settings import Duplicates
    from drumwatch.core.records import Decision, Entry

RULE = "duplicate"


def is_there(entry: Entry, arrival: Path) -> bool:
    """Return whether the entry's file is still where it was put, and is not the file that has arrived."""
    place = entry.destination
    if place is None or place == arrival:
        return False
    if entry.state == "planned":
        return True  # of the same group: it is filed before its twin
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


def decided(policy: Duplicates, decision: Decision, twin: Entry, source: Path) -> Decision:
    """Return the decision for a sound whose twin is already in the library, by the user's setting.

    `source` is the path by which the sound is known: a twin that came from there is the sound itself, filed before. With "link" the
    twin's file is linked under the name that the new sound would have had.
    """
    (action, *_) = decision.actions
    if action.kind not in HOLDING_SOUND or action.destination is None or twin.destination is None:
        return decision
    same = f"the same sound as {twin.destination}" + (f" from {twin.pack}" if twin.pack else "")
    if twin.source == source:
        same = f"filed before as {twin.destination}"
    if policy == "skip":
        leave = Action("leave")
        return replace(decision, rule=RULE, actions=(leave,), reason=same)
    if policy == "link" and twin.state == "done":
        link = Action("hardlink", action.destination.with_suffix(twin.destination.suffix))
        return replace(decision, rule=RULE, actions=(link,), reason=f"{same}: linked to that")
    return replace(decision, reason=f"{decision.reason}; {same}")


def links_to_twin(decision: Decision) -> bool:
    """Return whether the decision links to a twin instead of filing the sound."""
    return decision.rule == RULE and decision.actions[0].kind == "hardlink"
