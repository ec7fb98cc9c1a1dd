"""The same sound once more, by what is heard and not by its bytes: kept, left where it is, or linked. Pure but for one look."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from drumwatch.records import Action

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.config.settings import Duplicates
    from drumwatch.records import Decision, Entry

RULE = "duplicate"
FILED = frozenset({"move", "copy", "hardlink"})  # these bring a file of its own


def is_there(entry: Entry, arrival: Path) -> bool:
    """Whether the entry's file still lies where it was put, and is not the very file that has arrived."""
    place = entry.destination
    if place is None or place == arrival:
        return False
    if entry.state == "planned":
        return True  # of this very group: it is put there before its twin's turn comes
    try:
        return stat.S_ISREG(os.lstat(place).st_mode)
    except OSError:
        return False


def decided(policy: Duplicates, decision: Decision, twin: Entry) -> Decision:
    """What to do about a sound whose twin is in the library already: as the user wishes, and with a word about the twin.

    A link is one to the twin's file, under the name that the newcomer would have had.
    """
    (action, *_) = decision.actions
    if action.kind not in FILED or action.destination is None or twin.destination is None:
        return decision
    same = f"the same sound as {twin.destination}" + (f" from {twin.pack}" if twin.pack else "")
    if policy == "skip":
        leave = Action("leave")
        return replace(decision, rule=RULE, actions=(leave,), reason=f"{same}: left where it is")
    if policy == "link" and twin.state == "done":
        link = Action("hardlink", action.destination.with_suffix(twin.destination.suffix))
        return replace(decision, rule=RULE, actions=(link,), reason=f"{same}: linked to that")
    return replace(decision, reason=f"{decision.reason}; {same}")


def links_to_twin(decision: Decision) -> bool:
    return decision.rule == RULE and decision.actions[0].kind == "hardlink"
