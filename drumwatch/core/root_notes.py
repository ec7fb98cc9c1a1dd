"""Root notes: their names, the note in a file's name, and which sounds can have one. Pure.

A note is a pitch class with sharps, `F#`: the octave of a drum is rarely known, and a name seldom says it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from drumwatch.core.records import LABEL_OF_TYPE

if TYPE_CHECKING:
    from drumwatch.core.records import Verdict

NOTES: tuple[str, ...] = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
RINGING = frozenset({"kick", "tom", "bass", "tonal"})  # types that can ring at one pitch
LIKELY = 0.5  # the probability of these types together from which a sound counts as one of them
SHORTEST = 0.5  # seconds of ringing without which no pitch can be told

BY_NAME, BY_SOUND = "name", "sound"  # what a note was read from

_NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFT = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_SPELLED = re.compile(r"([A-Ga-g])([#♯b♭]?)")

# A letter alone may number a take, and so may a letter with a digit (`Kick A2`): the latter is a note in names of tuned sounds only.
_MODE = r"(?:m|min|maj|Min|Maj|minor|major|Minor|Major)"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9#♯♭])", r"(?![A-Za-z0-9#♯♭])"
_WITH_SIGN = re.compile(
    rf"{_BEFORE}(?:([A-Ga-g])([#♯♭])|([ABDEG])(b)|([A-G])[ _-]?(sharp|flat|Sharp|Flat))-?[0-8]?{_MODE}?{_AFTER}"
)
_PLAIN = re.compile(
    rf"{_BEFORE}(?:([A-G])(?:-?[0-8]{_MODE}?|{_MODE})|[Kk]ey[ _-](?:of[ _-])?([A-G])){_AFTER}"
)
_TUNED = re.compile(r"808|(?<![a-z])(?:sub|reese|tuned|key)(?![a-z])|bass", re.IGNORECASE)
_DRUM = re.compile(r"kick|(?<![a-z])(?:bd|tr|tom|take)|drum", re.IGNORECASE)  # whose letters may number takes


def spelled(text: str) -> str:
    """Return a note in our spelling: `Gb` and `f♯` are F#; an empty string if the text is no note."""
    found = _SPELLED.fullmatch(text.strip())
    return _note(found[1], found[2]) if found else ""


def note_in_name(name: str) -> str:
    """Return the note that a file's name gives, as in `808_F#.wav`; an empty string if it gives none, or several.

    A note without a sharp or flat needs an octave or a mode, and counts only in names of tuned sounds: `Bass_A2.wav`, and neither
    `Kick A2.wav` nor `808 B.wav`, where it may number a take.
    """
    stem = name.rpartition(".")[0] or name
    signed = {_note(*(part for part in found if part)) for found in _WITH_SIGN.findall(stem)}
    if signed:
        return signed.pop() if len(signed) == 1 else ""
    is_tuned = _TUNED.search(stem) and not _DRUM.search(stem)
    plain = {_note(letter or of_key) for letter, of_key in _PLAIN.findall(stem)} if is_tuned else set()
    return plain.pop() if len(plain) == 1 else ""


def can_ring(verdict: Verdict) -> bool:
    """Return whether a sound may have a root note: a one-shot of some length that is most likely a kick, a tom, a bass or a tonal sound."""
    likely = sum(verdict.types.get(kind, 0.0) for kind in RINGING)
    return verdict.shape == "one-shot" and verdict.duration >= SHORTEST and likely >= LIKELY


def note_as(kind: str, verdict: Verdict) -> str:
    """Return the root note of a sound that is filed as this type; empty for a type that has none, such as a snare that you corrected."""
    return "" if kind in LABEL_OF_TYPE and kind not in RINGING else verdict.note or ""


def is_unknown(verdict: Verdict) -> bool:
    """Return whether nobody has looked for the root note of a sound that may have one."""
    return verdict.note is None and can_ring(verdict)


def _note(letter: str, sign: str = "") -> str:
    return NOTES[(_NATURAL[letter.upper()] + _SHIFT[sign.lower()]) % 12]
