"""Describe an entry in a sentence, in the words of its outcome and of its action's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.formatting import home_short, printable, share
from drumwatch.core.outcomes import outcome_of, outcome_of_file
from drumwatch.core.records import KINDS
from drumwatch.filing.actions.handler import Words
from drumwatch.filing.actions.leave import LEAVE
from drumwatch.filing.actions.registry import handler_of

if TYPE_CHECKING:
    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry

WAITING = Words("unsure, would wait in", "unsure, waits in")
WHOLE = Words("would be left whole in", "left whole in")

# What these make beside the sound goes when it is undone; the sound itself had never left its place.
COPIES = ("copy", "hardlink", "symlink")

# With which earlier versions ended their reasons; what became of the file is said beside it.
EARLIER_ENDINGS = ("left for review", "left alone", "left where it is", "left whole")


def describe(entry: Entry) -> str:
    """Return a sentence like: kick.wav → ~/Music/Drum Library/kick/kick.wav; for a planned entry, what would happen."""
    if entry.is_archive_outcome:
        return printable(entry.error or entry.reason)
    handler = handler_of(entry.action)
    if handler.describe:
        return handler.describe(entry)
    name = printable(entry.source.name)
    if entry.undoes is not None:
        return f"{name} {_went_back(entry)}"
    return f"{name} {_became(entry, outcome_of_file(entry))}"


def _went_back(entry: Entry) -> str:
    """The words after the name of a file that was put back, or of a copy or a link that was removed again."""
    if entry.action in COPIES:
        removed = "removed" if entry.state == "done" else "not removed"
        return f"{removed} again from {home_short(entry.source.parent)}"
    return f"{'back' if entry.state == 'done' else 'not back'} in {home_short(entry.destination or entry.source)}"


def _became(entry: Entry, outcome: Outcome | None) -> str:
    """The words after the name."""
    words, place, planned = handler_of(entry.action).words, entry.source.parent, entry.state == "planned"
    if entry.is_project:
        words = WHOLE
    elif outcome in ("could not be heard", "failed"):
        return f"in {home_short(place)} {outcome}"
    elif KINDS[entry.action].files and entry.destination:
        place = entry.destination
    elif outcome == "unsure":
        words = WAITING
    elif KINDS[entry.action].files:
        words = LEAVE.words
    return f"{words.planned if planned else words.done} {home_short(place)}"


def as_sentence(entry: Entry) -> str:
    """Return one line for a log: the label, what was done, and, if that was not the usual, why."""
    if entry.is_archive_outcome:
        return describe(entry)
    is_unsure = outcome_of(entry) == "unsure"  # the reason begins with the label then
    label = f"{entry.label} {share(entry.confidence)}: " if entry.verdict and not is_unsure else ""
    why = entry.error or (reason_beside(entry) if entry.action == "leave" or entry.rule != "default" else "")
    return f"{label}{describe(entry)}" + (f" ({printable(without_name(why, entry))})" if why else "")


def reason_beside(entry: Entry) -> str:
    """Return the reason of an entry without what its line says already: the label, the name, and the outcome."""
    reason = entry.reason.removeprefix(f"{entry.label} at {share(entry.confidence)}: ")
    for ending in EARLIER_ENDINGS:
        reason = reason.removesuffix(f": {ending}")
    return without_name(reason, entry)


def without_name(sentence: str, entry: Entry) -> str:
    """Return a sentence about the entry's file that does not begin with its name again, and has no full stop."""
    name = entry.source.name
    sentence = sentence.removeprefix(f"{name}: ").removesuffix(".")
    return f"it {sentence.removeprefix(f'{name} ')}" if sentence.startswith(f"{name} ") else sentence
