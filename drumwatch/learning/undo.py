"""What is to be undone, in the order in which it was done, and how: one way for `drumwatch undo` and the review."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.errors import CannotUndo, DrumwatchError
from drumwatch.journal import REPEATS, Filter
from drumwatch.pipeline import take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal

    Remake = Callable[[Entry], Entry]  # makes again what an undone entry had made

INSTEAD_OF = "instead_of"  # key of an entry's detail: the link or tag that had to go for it


class Undone(NamedTuple):
    """What an undo came to."""

    entry: Entry  # as it was
    back: (
        Entry | None
    )  # tells of the way back; None where nothing had been moved, and only a word was withdrawn
    word: str  # the label that the user had given by it, and that holds no more; empty where it was no correction
    again: Entry | None = None  # the link or tag that it had replaced, made again
    missing: str = ""  # why that could not be made again


def to_undo(journal: Journal, wanted: Filter) -> list[Entry]:
    """The entries that are meant, the newest first.

    A correction of a link or a tag hides the entry that it has replaced: that one is taken back already, but counts as well
    where more than the correction is meant.
    """
    found = list(journal.entries.find(replace(wanted, undoable=True)))
    if not wanted.ids:
        found = list({one.id: one for entry in found for one in (entry, *replaced(journal, entry))}.values())
    if wanted.since is not None:
        found = [one for one in found if _first(one, journal).time >= wanted.since]
    found.sort(key=lambda one: (-done_as(one), -one.id))
    return found[: wanted.last]


def replaced(journal: Journal, entry: Entry) -> Iterator[Entry]:
    """The links or tags that this correction has replaced, one after the other, the latest first."""
    while number := entry.detail.get(INSTEAD_OF):
        entry = journal.entries.get(int(number))
        yield entry


def done_as(entry: Entry) -> int:
    """The number under which it was done first, where an undo has only made it again."""
    return int(entry.detail.get(REPEATS, entry.id))


def undo(journal: Journal, entry: Entry, remake: Callable[[], Remake], also: Collection[int] = ()) -> Undone:
    """Takes back what was done, or what was said where that has moved nothing; a label that was given by it holds no more.

    A link or a tag that it had replaced is made again, unless it is `also` taken back. Raises CannotUndo with everything as it was.
    `remake` is asked only where something is to be made again, and before anything is touched.
    """
    below = next((one for one in replaced(journal, entry) if one.id not in also), None)
    make = remake() if below else None
    word = journal.confirmations.label_given_by(entry.id)
    done = Undone(entry, _withdraw(journal, entry), word)
    if below is None or make is None:
        return done
    try:
        return done._replace(again=make(below))
    except DrumwatchError as exc:
        return done._replace(missing=str(exc))


def _withdraw(journal: Journal, entry: Entry) -> Entry | None:
    if entry.action != "leave":
        return take_back(journal, entry)
    with journal.transaction():
        if (state := journal.entries.get(entry.id).state) != "done":
            raise CannotUndo(f"Entry {entry.id} is {state}, not done: there is nothing to take back.")
        journal.entries.finish(entry.id, "undone")
    return None


def _first(entry: Entry, journal: Journal) -> Entry:
    return journal.entries.get(done_as(entry)) if REPEATS in entry.detail else entry
