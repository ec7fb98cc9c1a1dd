"""`drumwatch undo`: puts files back, tags included, and withdraws corrections; what has changed since stays, with the reason."""

from __future__ import annotations

import functools
import sys
from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, CannotUndo, ConfigError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.core.outcomes import with_name
from drumwatch.core.records import LABELS
from drumwatch.filing.describe import describe
from drumwatch.journal import Filter
from drumwatch.learning.undo import replaced, to_undo
from drumwatch.learning.undo import undo as take_back
from drumwatch.session import open_session
from drumwatch.sorting.plain_bar import ProgressBar
from drumwatch.sorting.progress import progress_bar
from drumwatch.sorting.stop_request import stopped_by_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal
    from drumwatch.learning.undo import Remake, Undone
    from drumwatch.session import Session

INTERRUPTED = 130
MANY = 20  # entries; more lines would bury the sum
PACKS_SHOWN = 10
WITH_ARTICLE = frozenset(LABELS[:3])  # labels that take an article: a kick


def undo(wanted: Filter, config_path: Path, *, dry_run: bool, verbose: bool = False) -> int:
    """Undo the selected entries, the newest first; returns the exit code, 1 where something could not be put back.

    On a terminal, what went well has no line where there are many entries, unless `verbose`.
    """
    if not dry_run:
        back_up_journal_if_due()
    with open_session(functools.partial(config_or_defaults, config_path)) as session:
        journal = session.journal
        if not dry_run:
            session.recover()
        entries = to_undo(journal, wanted)
        _require_all_found(wanted, {entry.id for entry in entries}, journal)
        quiet = len(entries) > MANY and sys.stdout.isatty() and not verbose
        with ExitStack() as stack:
            bar = stack.enter_context(progress_bar("undoing", len(entries))) if quiet else ProgressBar()
            stopping = stack.enter_context(stopped_by_ctrl_c(bar.announce))
            run = _Run(session, {entry.id for entry in entries}, bar, quiet=quiet)
            done = 0
            for entry in entries:
                if stopping:
                    break
                run.preview(entry) if dry_run else run.take_back(entry)
                bar.step()
                done += 1
    _print_packs(entries[:done] if quiet and dry_run else [])
    click.echo(_summary(done - run.refused, run.refused, dry_run=dry_run), err=True)
    if stopping:
        click.echo("Stopped. The same command goes on from here.", err=True)
        return INTERRUPTED
    return EX_SOME_FAILED if run.refused or run.incomplete else 0


def _print_packs(entries: Sequence[Entry]) -> None:
    """Print how many entries would be undone, by pack."""
    for pack, count in Counter(entry.pack for entry in entries).most_common(PACKS_SHOWN):
        click.echo(with_name(pack, f"{count:,} would be undone"))


class _Run:
    """Undoes entries one by one, prints each result, and counts what could not be put back."""

    def __init__(
        self, session: Session, wanted: Collection[int], bar: ProgressBar, *, quiet: bool = False
    ) -> None:
        self.refused = self.incomplete = 0
        self._bar, self._quiet = bar, quiet
        self._session = session
        self._journal = session.journal
        self._wanted = wanted
        # By entry that was replaced: the entry that replaced it, or None where that one stays
        self._undone_with: dict[int, int | None] = {}

    def preview(self, entry: Entry) -> None:
        """Print what would be undone."""
        label = self._journal.confirmations.label_given_by(entry.id) if entry.action == "leave" else ""
        what = f"you would no longer say that {_is_a(entry, label)}" if label else describe(entry)
        self._print(f"would undo {entry.id}: {what}")

    def take_back(self, entry: Entry) -> None:
        """Undo an entry; one that a correction had replaced, and that is selected as well, was undone with the correction."""
        if entry.id in self._undone_with:
            self._print_replaced(entry)
            return
        below = [one.id for one in replaced(self._journal, entry) if one.id in self._wanted]
        try:
            undone = take_back(self._journal, entry, self._remake, self._wanted)
        except CannotUndo as exc:
            self.refused += 1
            self._bar.echo(f"{entry.id} was not undone: {printable(str(exc))}", err=True)
            self._undone_with |= dict.fromkeys(below)
            return
        self.incomplete += bool(undone.why_not_remade)
        self._print(f"{entry.id} undone: {self._result(undone)}", is_plain=not undone.why_not_remade)
        self._undone_with |= dict.fromkeys(below, entry.id)

    def _print_replaced(self, entry: Entry) -> None:
        if number := self._undone_with[entry.id]:
            self._print(f"{entry.id} undone with {number}, which had replaced it")
        else:
            self.refused += 1

    def _print(self, line: str, *, is_plain: bool = True) -> None:
        """Print a line about an entry, unless it says only what the sum says, too."""
        if not (self._quiet and is_plain):
            self._bar.echo(line)

    def _result(self, undone: Undone) -> str:
        if undone.remade:
            return f"{describe(undone.remade)} again, which is entry {undone.remade.id}"
        lost = f", but what was there before could not be made again: {printable(undone.why_not_remade)}"
        back = describe(undone.reverse) if undone.reverse else self._withdrawn(undone)
        return back + (lost if undone.why_not_remade else "")

    def _withdrawn(self, undone: Undone) -> str:
        before = self._journal.confirmations.label_of(undone.entry.content_hash)
        again = f"; what you said before holds again: {printable(before)}" if before else ""
        return f"you no longer say that {_is_a(undone.entry, undone.withdrawn_label)}{again}"

    def _remake(self) -> Remake:
        """Only this reads the configuration, so a mistake in it keeps nothing else from being undone."""
        try:
            return self._session.corrector.redo
        except ConfigError as exc:
            raise CannotUndo(
                f"what was there before is made again by the configuration, and that has mistakes: {exc.problems[0]}"
            ) from exc


def _is_a(entry: Entry, label: str) -> str:
    return f"{printable(entry.source.name)} is {'a ' if label in WITH_ARTICLE else ''}{printable(label)}"


def _require_all_found(wanted: Filter, found: set[int], journal: Journal) -> None:
    if wanted.batch is not None and not found:
        known = next(journal.entries.find(Filter(batch=wanted.batch)), None)
        batch = f"batch {wanted.batch}"
        state = f"all of {batch} was left alone, or is back" if known else f"there is no {batch}"
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
        return f"entry {entry.id} left the file alone, and you have said nothing by it"
    return f"entry {entry.id} is {entry.state}"


def _summary(undone: int, refused: int, *, dry_run: bool) -> str:
    verb = "would be undone" if dry_run else "undone"
    return f"{undone} {verb}" + (f", {refused} could not be" if refused else "") + "."
