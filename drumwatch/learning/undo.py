"""Select the entries to undo, and undo them with their confirmations; `drumwatch undo` and the review both use this."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from drumwatch.core.errors import CannotUndo, DrumwatchError
from drumwatch.pipeline import take_back

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from drumwatch.core.records import Entry
    from drumwatch.journal import Filter, Journal

    Remake = Callable[[Entry], Entry]  # makes the link or tag of an undone entry again


MOST_IN_AN_ACT = 1_000  # entries: a naming, and what followed it


class Undone(NamedTuple):
    """The result of an undo."""

    entry: Entry  # as it was before the undo
    reverse: Entry | None  # the undo's own entry; None if no file was moved and only a label was withdrawn
    withdrawn_label: str  # the label that the entry had confirmed; empty if it was no correction
    remade: Entry | None = None  # the link or tag that it had replaced, made again
    why_not_remade: str = ""  # why that could not be made again


def to_undo(journal: Journal, wanted: Filter) -> list[Entry]:
    """Return the entries that match the filter, the newest first.

    A correction may have replaced a link or a tag, whose entry is taken back already; unless ids are given, that entry is included.
    What was filed because the user had named a neighbor is undone with the naming, and counts as one with it for `last`.
    """
    found = list(journal.entries.find(replace(wanted, undoable=True)))
    if wanted.last is not None and any(one.detail.follows for one in found):
        found = _last_acts(journal, wanted)
        wanted = replace(wanted, last=None)
    found = [one for entry in found for one in (*journal.places.followers(entry.id), entry)]
    found = list({one.id: one for one in found}.values())
    if not wanted.ids:
        found = list({one.id: one for entry in found for one in (entry, *replaced(journal, entry))}.values())
    if wanted.since is not None:
        found = [one for one in found if _first(one, journal).time >= wanted.since]
    found.sort(key=lambda one: (-done_as(one), -one.id))
    return found[: wanted.last]


def _last_acts(journal: Journal, wanted: Filter) -> list[Entry]:
    """Return the newest entries that match, as many acts as are wanted; a naming and what followed it is one."""
    acts: dict[int, list[Entry]] = {}
    where, values = replace(wanted, undoable=True).where()
    for entry in journal.entries.newest(where, values, MOST_IN_AN_ACT * (wanted.last or 1)):
        act = entry.detail.follows or entry.id
        if act not in acts and len(acts) == wanted.last:
            break
        acts.setdefault(act, []).append(entry)
    for act, entries in acts.items():
        naming = journal.entries.lookup(act)
        if naming and naming.state == "done" and naming not in entries:
            entries.append(naming)
    return [entry for act in acts.values() for entry in act]


def replaced(journal: Journal, entry: Entry) -> Iterator[Entry]:
    """Yield the links or tags that this correction has replaced, the latest first."""
    while number := entry.detail.instead_of:
        entry = journal.entries.get(number)
        yield entry


def done_as(entry: Entry) -> int:
    """Return the id of the original entry if an undo has made this one again, else the entry's own id."""
    return entry.detail.stands_for or entry.id


def undo(journal: Journal, entry: Entry, remake: Callable[[], Remake], also: Collection[int] = ()) -> Undone:
    """Undo an entry, and withdraw the label that it confirmed.

    A link or a tag that it had replaced is made again, unless its id is in `also`, the entries that are undone as well. `remake` is called
    only if something has to be made again, and before any change. Raises CannotUndo if nothing could be undone; then nothing has changed.
    """
    replaced_entry = next((one for one in replaced(journal, entry) if one.id not in also), None)
    make = remake() if replaced_entry else None
    label = journal.confirmations.label_given_by(entry.id)
    done = Undone(entry, _withdraw(journal, entry), label)
    if replaced_entry is None or make is None:
        return done
    try:
        return done._replace(remade=make(replaced_entry))
    except DrumwatchError as exc:
        return done._replace(why_not_remade=str(exc))


def _withdraw(journal: Journal, entry: Entry) -> Entry | None:
    if entry.action != "leave":
        return take_back(journal, entry)
    with journal.transaction():
        if (state := journal.entries.get(entry.id).state) != "done":
            raise CannotUndo(f"Entry {entry.id} is {state}, not done: there is nothing to take back.")
        journal.entries.finish(entry.id, "undone")
    return None


def _first(entry: Entry, journal: Journal) -> Entry:
    return journal.entries.get(done_as(entry)) if entry.detail.stands_for else entry
