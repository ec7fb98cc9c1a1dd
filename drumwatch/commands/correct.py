"""`drumwatch correct`: files sounds under the label that the user gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.commands.run_hooks import begin_events, run_waiting_hooks
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, DrumwatchError, StateUnavailable, UsageError
from drumwatch.core.formatting import printable
from drumwatch.daemon.live_tags import write_now
from drumwatch.filing.describe import describe
from drumwatch.journal import Filter
from drumwatch.learning.labels import UnknownLabel, Vocabulary
from drumwatch.session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.journal import Journal


def correct(files: Sequence[Path], label: str, config_path: Path, *, new: bool) -> int:
    """File each sound under the label; returns the exit code, 1 where some could not be filed."""
    failed = 0
    back_up_journal_if_due()
    with open_session(config_or_defaults(config_path)) as session:
        session.recover()
        begin_events(session.journal, session.config.hooks)
        named: list[Entry] = []
        known = _known_label(label, Vocabulary.of(session.config, session.journal), new=new)
        for path in files:
            try:
                entry = session.corrector.confirm(
                    _entry_of(path.absolute(), session.journal), known, "command"
                )
                click.echo(f"{entry.id}: {describe(entry)}")
                named.append(entry)
            except StateUnavailable:
                raise  # it would be the same for every other sound
            except DrumwatchError as exc:
                failed += 1
                click.echo(printable(str(exc)), err=True)
        if named:
            session.apply_user_model()
        for entry in session.judge_again.after_naming(named, session.corrector):
            click.echo(f"{entry.id}: {describe(entry)}, as its neighbor {entry.detail.follows} was named")
        if session.config.ableton.tags:
            for sentence in write_now(session):
                click.echo(printable(sentence), err=True)
        run_waiting_hooks(session.journal, session.config.hooks)
    return EX_SOME_FAILED if failed else 0


def _known_label(label: str, vocabulary: Vocabulary, *, new: bool) -> str:
    try:
        return vocabulary.checked(label, new=new)
    except UnknownLabel as exc:
        raise UsageError(f'{exc} Say --new to make "{label}" a class of your own.') from exc


def _entry_of(path: Path, journal: Journal) -> Entry:
    """The latest entry of the file that has a verdict; a UsageError where there is none."""
    for entry in reversed(list(journal.entries.find(Filter(path=path)))):
        if entry.undoes is None and entry.verdict:
            return entry
    raise UsageError(f"{path} is not in the journal: sort it first, then correct what is wrong.")
