"""Describe an entry in a sentence, in the words of its action's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drumwatch.core.formatting import home_short, printable, share
from drumwatch.core.records import KINDS
from drumwatch.filing.actions.leave import LEAVE
from drumwatch.filing.actions.registry import handler_of

if TYPE_CHECKING:
    from drumwatch.core.records import Entry


def describe(entry: Entry) -> str:
    """Return a sentence like: kick.wav → ~/Music/Drum Library/kick/kick.wav; for a planned entry, what would happen."""
    if entry.is_archive_outcome:
        return printable(entry.error or entry.reason)
    handler = handler_of(entry.action)
    if handler.describe:
        return handler.describe(entry)
    name, planned = printable(entry.source.name), entry.state == "planned"
    if entry.undoes is not None:
        return f"{name} {'back' if entry.state == 'done' else 'not back'} in {home_short(entry.destination or entry.source)}"
    if entry.is_project:
        return f"{name} {'would be left' if planned else 'left'} whole in {home_short(entry.source.parent)}"
    if entry.state == "failed":
        return f"{name} stays in {home_short(entry.source.parent)}"
    words, place = handler.words, entry.source.parent
    if KINDS[entry.action].files:
        words, place = (words, entry.destination) if entry.destination else (LEAVE.words, place)
    return f"{name} {words.planned if planned else words.done} {home_short(place)}"


def as_sentence(entry: Entry) -> str:
    """Return one line for a log: the label, what was done, and, if that was not the usual, why."""
    if entry.is_archive_outcome:
        return describe(entry)
    label = f"{entry.label} {share(entry.confidence)}: " if entry.verdict else ""
    # The reason of a project begins with its name, which is in the line already
    reason = entry.reason.removeprefix(f"{entry.source.name} ") if entry.is_project else entry.reason
    why = entry.error or (reason if entry.action == "leave" or entry.rule != "default" else "")
    return f"{label}{describe(entry)}" + (f" ({printable(why)})" if why else "")
