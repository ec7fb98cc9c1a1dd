"""Decide about a sound whose samples are already in the library: keep it, leave it where it is, or link it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.core.records import HOLDING_SOUND, Action
from drumwatch.filing.naming import limited

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

    `source` is the path by which the sound is known. With "link" the twin's file is linked under the name that the new sound would
    have had, once.
    """
    (action, *_) = decision.actions
    if action.kind not in HOLDING_SOUND or action.destination is None or twin.destination is None:
        return decision
    place, linked = _place_of_link(action, action.destination, twin.destination), link_to(decision, twin)
    same = f"the same sound as {twin.destination}" + (f" from {twin.pack}" if twin.pack else "")
    is_own = twin.source == source and twin.rule != RULE  # the sound itself, which an earlier run has filed
    if is_own:
        same = f"filed before as {twin.destination}"
    elif policy == "link" and linked:
        same = f"linked before as {linked}"
    is_there = place == twin.destination or linked is not None
    if policy == "skip" or (policy == "link" and is_there):
        return replace(decision, rule=RULE, actions=(Action("leave"),), reason=same)
    if policy == "link" and twin.state == "done":
        link = replace(action, kind="hardlink", destination=place, leave_link=False)
        return replace(decision, rule=RULE, actions=(link,), reason=same)
    return replace(decision, reason=f"{decision.reason}; {same}")


def link_to(decision: Decision, twin: Entry) -> Path | None:
    """Return the link to the twin that is there already under the name that the new sound would have had, or None."""
    action = decision.actions[0]
    if action.destination is None or twin.destination is None:
        return None
    place = _place_of_link(action, action.destination, twin.destination)
    try:
        there, first = os.lstat(place), os.lstat(twin.destination)
    except OSError:
        return None
    is_link = place != twin.destination and (there.st_dev, there.st_ino) == (first.st_dev, first.st_ino)
    return place if is_link else None


def _place_of_link(action: Action, wanted: Path, twin: Path) -> Path:
    """Return the name of the new sound with the ending of its twin, which is the file that is linked."""
    place = wanted.with_suffix(twin.suffix)
    return place.with_name(limited(place.name, action.name_limit))


def links_to_twin(decision: Decision) -> bool:
    """Return whether the decision links to a twin instead of filing the sound."""
    return decision.rule == RULE and decision.actions[0].kind == "hardlink"
