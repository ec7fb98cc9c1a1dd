"""The stem of a file name: its words without numbers, notes, takes and dynamics. Files with the same stem are takes of one instrument."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import PurePath

from drumwatch.core.records import AUDIO_SUFFIXES

_LETTER = r"[^\W\d_]"

# Six or more hexadecimal digits with both letters and digits, standing alone: the id of an upload.
_UPLOAD_ID = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9A-Fa-f]*[0-9])(?=[0-9A-Fa-f]*[A-Fa-f])[0-9A-Fa-f]{6,}(?![0-9A-Za-z])"
)
_NOTE = re.compile(r"(?<![A-Za-z])[A-Ga-g](#|b|s|sharp|flat)?-?\d(?![\dA-Za-z])")
_GLUED_NOTE = re.compile(r"(?<=[a-z_ -])[A-G][#bs]?-?\d$")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words that number the takes of an instrument or describe the recording, alone or before digits
_TAKE_WORDS = "rr|vl|v|vel|velocity|layer|lyr|take|tk|rnd|robin|var|variation|alt|hit|no|nr|num|mono|stereo|bit|khz|hz|bpm|db|ms"
_TAKE = re.compile(rf"(?<!{_LETTER})(?:{_TAKE_WORDS})(?!{_LETTER})", re.IGNORECASE)
_UNIT = re.compile(rf"(?<=\d)(?:st|nd|rd|th|hz|khz|bit|bpm|db|ms|k)(?!{_LETTER})", re.IGNORECASE)
_WORD = re.compile(rf"{_LETTER}+")
_DYNAMICS = """
    soft softer softest hard harder hardest med medium loud quiet light strong accent ghost
    pp ppp p mp mf f ff fff piano pianissimo forte fortissimo mezzo
"""
_IGNORED_WORDS = frozenset(_DYNAMICS.split())
# "Ambo k" and "Ambo s" are a kick and a snare, "ElecT" is a tom; other single letters have no meaning.
_DRUM_LETTERS = frozenset("ksth")


@lru_cache(maxsize=8192)
def stem_of(name: str) -> tuple[str, ...]:
    """Return the words of a file name that its takes have in common; empty for a file that is named by numbers alone."""
    path = PurePath(name)
    plain = unicodedata.normalize("NFKC", path.stem if path.suffix.lower() in AUDIO_SUFFIXES else path.name)
    for noise in (_UPLOAD_ID, _NOTE, _GLUED_NOTE):
        plain = noise.sub(" ", plain)
    plain = _CAMEL_CASE.sub(" ", plain)
    for noise in (_TAKE, _UNIT):
        plain = noise.sub(" ", plain)
    words = tuple(word.casefold() for word in _WORD.findall(plain))
    words = tuple(word for word in words if word not in _IGNORED_WORDS) or words
    return tuple(word for word in words if not _has_no_meaning(word)) or words


def shared_words(stem: tuple[str, ...]) -> frozenset[str]:
    """Return the words by which different stems of a pack can be related: those of two letters or more."""
    return frozenset(word for word in stem if len(word) > 1)


def _has_no_meaning(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word not in _DRUM_LETTERS
