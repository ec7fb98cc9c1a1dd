"""The roles of sounds in a kit, and how many of each a kit has. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from drumwatch.core.records import LABEL_OF_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

# In the order of the pads; the name of a role as people read it, and as it begins the name of a file.
ROLES: dict[str, str] = {
    "kick": "kick",
    "snare": "snare",
    "clap": "clap",
    "closed hat": "hat",
    "open hat": "ohat",
    "percussion": "perc",
    "other": "misc",
}

_ROLE_OF_TYPE = {
    "kick": "kick",
    "snare": "snare",
    "clap": "clap",
    "hat-closed": "closed hat",
    "hat-open": "open hat",
}
_ROLE_OF_LABEL = {"kick": "kick", "snare": "snare", "hat": "closed hat", "percussion": "percussion"}

# The role of each place of a kit, the most necessary first; a larger kit begins anew.
_SLOTS = (
    *("kick", "snare", "closed hat", "open hat", "clap", "percussion", "kick", "snare"),
    *("percussion", "closed hat", "other", "percussion", "kick", "clap", "open hat", "percussion"),
)
# Roles that can stand in for each other where one is missing.
PARTNERS = {"snare": "clap", "clap": "snare", "closed hat": "open hat", "open hat": "closed hat"}


def role_of(kind: str, label: str) -> str:
    """Return the role of a sound of this type and label; what is neither known type nor label is other."""
    if role := _ROLE_OF_TYPE.get(kind):
        return role
    return _ROLE_OF_LABEL.get(LABEL_OF_TYPE.get(kind, label), "other")


def quotas(size: int) -> dict[str, int]:
    """Return how many sounds of each role a kit of this size has."""
    wanted = Counter(_SLOTS[at % len(_SLOTS)] for at in range(size))
    return {role: wanted[role] for role in ROLES}


def in_words(missing: Mapping[str, int]) -> str:
    """Return counts of roles in words: "2 claps and 1 open hat"; empty if none is above 0."""
    parts = [f"{count} {_plural(role, count)}" for role, count in missing.items() if count]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _plural(role: str, count: int) -> str:
    if role in ("percussion", "other"):
        return f"{role} sound{'s' * (count != 1)}"
    return f"{role}{'s' * (count != 1)}"
