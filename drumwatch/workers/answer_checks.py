"""What types do not say about an answer: JSON of bounded size, numbers that are numbers, names that can be labels.

A worker may be in the hands of a file that it has read, so each check is about what would harm the process that believes it.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from drumwatch.core.records import OWN_LABEL_PATTERN, SHAPES
from drumwatch.core.root_notes import BY_NAME, BY_SOUND, NOTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drumwatch.core.records import Verdict

INTEGER_BITS = 63  # what the journal can store
HASH = re.compile(r"[\w.:+-]{0,160}", re.ASCII)  # of a file or of a sound
LABEL = re.compile(OWN_LABEL_PATTERN)
MODEL = re.compile(r"[\w.+ -]{0,80}")
LONGEST_MESSAGE = 4000  # characters of a sentence
MOST_PROBABLE = 1.001  # the sum of many rounded numbers
MOST_SECONDS = 1e9
NOTE_SOURCES = {"", BY_NAME, BY_SOUND}


def parse(line: str, most_values: int | None = None) -> Any:  # noqa: ANN401  any JSON
    """Return the JSON value in the line; raises ValueError if it has more values, or a number that the journal cannot store."""
    if most_values is not None and line.count(",") + line.count("[") + line.count("{") > most_values:
        raise ValueError("it has too many values")
    return _DECODER.decode(line)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("it has a number that is too large")
    return number


def _integer(text: str) -> int:
    if len(text) > INTEGER_BITS or (number := int(text)).bit_length() > INTEGER_BITS:
        raise ValueError("it has a number that is too large")
    return number


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, parse_int=_integer)


def may_have_surrogates(line: str) -> bool:
    """Return whether a text in this JSON value may have a character beyond ASCII, so that it has to be looked through."""
    return not line.isascii() or "\\u" in line


def has_odd_surrogates(value: object, *, names: bool) -> bool:
    r"""Return whether a text in this JSON value is no Unicode; with `names`, bytes of file names (`\udc80` to `\udcff`) may be in it."""
    if isinstance(value, str):
        if value.isascii():
            return False
        try:
            value.encode("utf-8", "surrogateescape" if names else "strict")
        except UnicodeEncodeError:
            return True
        return False
    if isinstance(value, dict):
        return any(has_odd_surrogates(part, names=names) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(has_odd_surrogates(part, names=names) for part in value)


def verdict_problem(verdict: Verdict) -> str:
    """Return why this is no verdict; empty if it is one."""
    problems = {
        "a label that can be none": not _are_labels(verdict),
        "a probability that is none": not _are_probabilities(
            {"": verdict.confidence}, verdict.probabilities, verdict.types
        ),
        "an unknown shape": verdict.shape not in SHAPES,
        "an impossible length": not 0 <= verdict.duration <= MOST_SECONDS,
        "an impossible tempo": verdict.tempo is not None and not 0 < verdict.tempo <= MOST_SECONDS,
        "a note that is none": verdict.note not in {None, "", *NOTES}
        or verdict.note_from not in NOTE_SOURCES,
        "no name of a model": not MODEL.fullmatch(verdict.model),
        "reasons that are too long": any(
            len(one.text) + len(one.feature) + len(one.measured) > LONGEST_MESSAGE for one in verdict.reasons
        ),
    }
    return next((f"it has {problem}" for problem, there in problems.items() if there), "")


def _are_labels(verdict: Verdict) -> bool:
    """Return whether all labels can be names of folders, and those that count have a probability."""
    names = {*verdict.probabilities, *verdict.types, verdict.name_says, verdict.clash} - {""}
    known = verdict.label in verdict.probabilities and verdict.type in verdict.types
    return known and verdict.runner_up in {"", *verdict.probabilities} and all(map(LABEL.fullmatch, names))


def _are_probabilities(*shares: Mapping[str, float]) -> bool:
    return all(0 <= share <= MOST_PROBABLE for of in shares for share in of.values())
