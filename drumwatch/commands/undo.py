"""`drumwatch undo`: puts files back, tags included, and withdraws corrections; refuses, with the reason, what changed since."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

import click

from drumwatch.commands.correct import teacher
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, CannotUndo, ConfigError, UsageError
from drumwatch.core.formatting import describe, printable
from drumwatch.core.records import LABELS
from drumwatch.journal import Filter, Journal
from drumwatch.learning.undo import replaced, to_undo
from drumwatch.learning.undo import undo as take_back
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.learning.corrections import Corrector
    from drumwatch.learning.undo import Remake, Undone

A_SOUND = frozenset(LABELS[:3])  # labels that are said with an article: a kick


def undo(wanted: Filter, config_path: Path, *, dry_run: bool) -> int:
    """Newest first; returns the exit code, 1 where something could not be put back."""
    with Journal(app_paths.journal_file()) as journal, contextlib.ExitStack() as stack:
        entries = to_undo(journal, wanted)
        _complain_about_the_missing(wanted, {entry.id for entry in entries}, journal)
        run = _Run(journal, config_path, stack, {entry.id for entry in entries})
        for entry in entries:
            run.say(entry) if dry_run else run.take_back(entry)
    click.echo(_summary(len(entries) - run.refused, run.refused, dry_run=dry_run), err=True)
    return EX_SOME_FAILED if run.refused or run.incomplete else 0


class _Run:
    """One call of the command: says of each entry what became of it, and counts what could not be put back."""

    def __init__(
        self, journal: Journal, config_path: Path, stack: contextlib.ExitStack, wanted: Collection[int]
    ) -> None:
        self.refused = self.incomplete = 0
        self._journal = journal
        self._config_path = config_path
        self._stack = stack
        self._wanted = wanted
        self._gone_with: dict[int, int | None] = {}  # by what it was replaced, or None where that stays

    def say(self, entry: Entry) -> None:
        """What would be done, without doing it."""
        word = self._journal.confirmations.label_given_by(entry.id) if entry.action == "leave" else ""
        what = f"you would no longer say that {_is_a(entry, word)}" if word else describe(entry)
        click.echo(f"would undo {entry.id}: {what}")

    def take_back(self, entry: Entry) -> None:
        """Do it; what a correction had replaced, and is meant as well, went with that correction."""
        if entry.id in self._gone_with:
            self._tell_of_the_replaced(entry)
            return
        below = [one.id for one in replaced(self._journal, entry) if one.id in self._wanted]
        try:
            undone = take_back(self._journal, entry, self._remake, self._wanted)
        except CannotUndo as exc:
            self.refused += 1
            click.echo(f"{entry.id} stays: {printable(str(exc))}", err=True)
            self._gone_with |= dict.fromkeys(below)
            return
        self.incomplete += bool(undone.missing)
        click.echo(f"{entry.id} undone: {self._told(undone)}")
        self._gone_with |= dict.fromkeys(below, entry.id)

    def _tell_of_the_replaced(self, entry: Entry) -> None:
        if number := self._gone_with[entry.id]:
            click.echo(f"{entry.id} undone with {number}, which had replaced it")
        else:
            self.refused += 1

    def _told(self, undone: Undone) -> str:
        if undone.again:
            return f"{describe(undone.again)} again, which is entry {undone.again.id}"
        lost = f", but what was there before could not be made again: {printable(undone.missing)}"
        back = describe(undone.back) if undone.back else self._withdrawn(undone)
        return back + (lost if undone.missing else "")

    def _withdrawn(self, undone: Undone) -> str:
        before = self._journal.confirmations.label_of(undone.entry.content_hash)
        holds = f"; what you said before holds again: {printable(before)}" if before else ""
        return f"you no longer say that {_is_a(undone.entry, undone.word)}{holds}"

    def _remake(self) -> Remake:
        """Only this needs a configuration: whatever mistakes that has, anything else can be undone."""
        return self._teacher.redo

    @functools.cached_property
    def _teacher(self) -> Corrector:
        try:
            config = config_or_defaults(self._config_path)
        except ConfigError as exc:
            raise CannotUndo(
                f"what was there before is made again by the configuration, and that has mistakes: {exc.problems[0]}"
            ) from exc
        return self._stack.enter_context(teacher(config, self._journal))


def _is_a(entry: Entry, word: str) -> str:
    return f"{printable(entry.source.name)} is {'a ' if word in A_SOUND else ''}{printable(word)}"


def _complain_about_the_missing(wanted: Filter, found: set[int], journal: Journal) -> None:
    if wanted.batch is not None and not found:
        known = next(journal.entries.find(Filter(batch=wanted.batch)), None)
        batch = f"batch {wanted.batch}"
        state = f"all of {batch} was left where it is, or is back" if known else f"there is no {batch}"
        raise UsageError(f"Nothing to undo: {state}. `drumwatch log --packs` shows the batches.")
    for entry_id in wanted.ids:
        if entry_id in found:
            continue
        entry = journal.entries.lookup(entry_id)
        state = _why_not(entry) if entry else f"there is no entry {entry_id}"
        raise UsageError(f"Nothing to undo: {state}. `drumwatch log` shows the entries and their numbers.")


def _why_not(entry: Entry) -> str:
    if entry.undoes is not None:
        return f"entry {entry.id} is itself the undoing of {entry.undoes}"
    if entry.is_project:
        return f"entry {entry.id} left {printable(entry.source.name)} whole, so there is nothing to take back"
    if entry.action == "leave" and entry.state != "undone":
        return f"entry {entry.id} left the file where it was, and you have said nothing by it"
    return f"entry {entry.id} is {entry.state}"


def _summary(undone: int, refused: int, *, dry_run: bool) -> str:
    verb = "would be undone" if dry_run else "undone"
    return f"{undone} {verb}" + (f", {refused} could not be" if refused else "") + "."
