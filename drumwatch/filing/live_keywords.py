"""The keywords by which Ableton Live's browser shows a sound, in Live's own spelling. Pure.

A keyword that is spelled in another way becomes a new tag in Live, for good: so nothing is made up, and what Live has no word
for gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.root_notes import note_as

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.core.records import Verdict

SURE_TYPE = 0.9  # the probability from which a type is more than its label's word

BY_LABEL: dict[str, str] = {
    "kick": "Drums|Kick",
    "snare": "Drums|Snare",
    "hat": "Drums|Hihat",
    "percussion": "Drums|Percussion",
}
BY_TYPE: dict[str, str] = {
    "kick": "Drums|Kick",
    "snare": "Drums|Snare",
    "hat-closed": "Drums|Hihat|Closed Hihat",
    "hat-open": "Drums|Hihat|Open Hihat",
    "clap": "Drums|Clap",
    "rim": "Drums|Snare|Rim",
    "tom": "Drums|Tom",
    "hand-drum": "Drums|Percussion",
    "bell": "Drums|Percussion",
    "shaker": "Drums|Percussion|Shaker",
    "cymbal": "Drums|Cymbal",
}
# Live has sharps only, with a sign of their own (U+266F), and says nothing of the octave
BY_NOTE: dict[str, str] = {
    "C": "Key|C",
    "C#": "Key|C\u266f",
    "D": "Key|D",
    "D#": "Key|D\u266f",
    "E": "Key|E",
    "F": "Key|F",
    "F#": "Key|F\u266f",
    "G": "Key|G",
    "G#": "Key|G\u266f",
    "A": "Key|A",
    "A#": "Key|A\u266f",
    "B": "Key|B",
}
BY_SHAPE: dict[str, str] = {"one-shot": "Type|One Shot", "loop": "Type|Loop"}


def keywords(
    label: str,
    kind: str,
    confidence: float,
    verdict: Verdict,
    labels: Mapping[str, str],
    *,
    keys: bool = False,
) -> tuple[str, ...]:
    """Return the keywords for a sound that was filed with this label and type; `labels` are the user's own folders for types.

    With `keys`, the root note is one of them, without a mode: a drum has none.
    """
    named = _is_sure(kind, confidence, verdict) and BY_TYPE.get(kind)
    what = named or BY_LABEL.get(label) or _of_own_folder(label, labels)
    key = BY_NOTE.get(note_as(kind, verdict)) if keys else None
    return tuple(word for word in (what, BY_SHAPE.get(verdict.shape), key) if word)


def _is_sure(kind: str, confidence: float, verdict: Verdict) -> bool:
    """Return whether the type is as likely as it must be, among the types of its label where the user has given that."""
    of_label = (
        verdict.probabilities.get(verdict.label, 0.0) if confidence == 1 and kind in verdict.types else 1.0
    )
    return bool(of_label) and verdict.types.get(kind, 0.0) / of_label >= SURE_TYPE


def _of_own_folder(label: str, labels: Mapping[str, str]) -> str:
    """Return the keyword for a folder of the user's own, if all types that go there have the same one."""
    found = {BY_TYPE.get(kind, "") for kind, folder in labels.items() if folder == label}
    found.add(BY_TYPE.get(label, "")) if not found else None
    return found.pop() if len(found) == 1 else ""
