"""`drumwatch undo`: puts files back, tags included; refuses, with the reason, what changed since."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from drumwatch import places
from drumwatch.errors import EX_SOME_FAILED, CannotUndo, UsageError
from drumwatch.journal import Filter, Journal
from drumwatch.pipeline import take_back
from drumwatch.words import printable, what_happened

if TYPE_CHECKING:
    from drumwatch.records import Entry


def undo(wanted: Filter, *, dry_run: bool) -> int:
    """Newest first; returns the exit code, 1 where something could not be put back."""
    with Journal(places.journal_file()) as journal:
        entries = list(journal.entries(dataclasses.replace(wanted, undoable=True)))
        _complain_about_the_missing(wanted, {entry.id for entry in entries}, journal)
        refused = 0
        for entry in reversed(entries):
            refused += not _take_back(journal, entry.id, dry_run=dry_run)
    click.echo(_summary(len(entries) - refused, refused, dry_run=dry_run), err=True)
    return EX_SOME_FAILED if refused else 0


def _complain_about_the_missing(wanted: Filter, found: set[int], journal: Journal) -> None:
    if wanted.batch is not None and not found:
        known = next(journal.entries(Filter(batch=wanted.batch)), None)
        batch = f"batch {wanted.batch}"
        state = f"all of {batch} was left where it is, or is back" if known else f"there is no {batch}"
        raise UsageError(f"Nothing to undo: {state}. `drumwatch log --packs` shows the batches.")
    for entry_id in wanted.ids:
        if entry_id in found:
            continue
        entry = journal.entry(entry_id)
        state = _why_not(entry) if entry else f"there is no entry {entry_id}"
        raise UsageError(f"Nothing to undo: {state}. `drumwatch log` shows the entries and their numbers.")


def _why_not(entry: Entry) -> str:
    if entry.undoes is not None:
        return f"entry {entry.id} is itself the undoing of {entry.undoes}"
    if entry.is_project:
        return f"entry {entry.id} left {printable(entry.source.name)} whole, so there is nothing to take back"
    if entry.action == "leave":
        return f"entry {entry.id} left the file where it was"
    return f"entry {entry.id} is {entry.state}"


def _take_back(journal: Journal, entry_id: int, *, dry_run: bool) -> bool:
    entry = journal.entry(entry_id)
    if entry is None:
        return False
    if dry_run:
        click.echo(f"would undo {entry_id}: {what_happened(entry)}")
        return True
    try:
        back = take_back(journal, entry)
    except CannotUndo as exc:
        click.echo(f"{entry_id} stays: {printable(str(exc))}", err=True)
        return False
    click.echo(f"{entry_id} undone: {what_happened(back)}")
    return True


def _summary(undone: int, refused: int, *, dry_run: bool) -> str:
    verb = "would be undone" if dry_run else "undone"
    return f"{undone} {verb}" + (f", {refused} could not be" if refused else "") + "."
