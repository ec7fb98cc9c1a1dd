"""Which evidence a verdict rests on, in the same words wherever a sound is judged: the sound, its name, its neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drumwatch.core.records import Verdict

SOUND, NAME, NEIGHBORS = "sound", "name", "neighbors"


def evidence_used(verdict: Verdict) -> tuple[str, ...]:
    """Return what the verdict rests on: SOUND, and NAME and NEIGHBORS where they had something to say."""
    named = NAME if verdict.name_says or verdict.with_name else ""
    neighbors = NEIGHBORS if verdict.context_strength > 0 else ""
    return tuple(filter(None, (SOUND, named, neighbors)))


def describe_evidence(verdict: Verdict) -> str:
    """Return what the verdict rests on in words: "sound alone", "sound, name and neighbors"."""
    used = evidence_used(verdict)
    if len(used) == 1:
        return f"{SOUND} alone"
    return f"{', '.join(used[:-1])} and {used[-1]}"


def differs_by_sound(verdict: Verdict) -> str:
    """Return the label by sound alone, if name or neighbors have made another one of it; else an empty string."""
    by_sound = max(verdict.by_sound, key=lambda label: verdict.by_sound[label], default="")
    return by_sound if by_sound != verdict.label else ""
