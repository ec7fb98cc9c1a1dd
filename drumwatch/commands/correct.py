"""`drumwatch correct`: the user's word on some files; they go where it belongs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, DrumwatchError, UsageError
from drumwatch.core.formatting import printable
from drumwatch.filing.describe import describe
from drumwatch.journal import Filter, Journal
from drumwatch.learning.corrections import Corrector
from drumwatch.learning.labels import UnknownLabel, Vocabulary
from drumwatch.pipeline import Pipeline
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.pool import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.core.records import Entry


def correct(files: Sequence[Path], word: str, config_path: Path, *, new: bool) -> int:
    """File each of them under the label that is meant; returns the exit code, 1 where some could not be."""
    config = config_or_defaults(config_path)
    failed = 0
    with Journal(app_paths.journal_file()) as journal, teacher(config, journal) as taught:
        label = _meant(word, Vocabulary.of(config, journal), new=new)
        for path in files:
            try:
                entry = taught.confirm(_entry_of(path.absolute(), journal), label, "command")
                click.echo(f"{entry.id}: {describe(entry)}")
            except DrumwatchError as exc:
                failed += 1
                click.echo(printable(str(exc)), err=True)
    return EX_SOME_FAILED if failed else 0


def _meant(word: str, vocabulary: Vocabulary, *, new: bool) -> str:
    try:
        return vocabulary.checked(word, new=new)
    except UnknownLabel as exc:
        raise UsageError(f'{exc} Say --new to make "{word}" a class of your own.') from exc


@contextlib.contextmanager
def teacher(config: Config, journal: Journal) -> Iterator[Corrector]:
    """A teacher with the workers that it may need for tags; they end with it."""
    with LocalWorkers(limit=1) as tagging:
        pipeline = Pipeline(
            config, journal, tagging, tagging, state=app_paths.state_folder(), model=model_store.in_force()
        )
        yield Corrector(config, journal, pipeline)


def _entry_of(path: Path, journal: Journal) -> Entry:
    """What the journal last knew of this file."""
    for entry in reversed(list(journal.entries.find(Filter(path=path)))):
        if entry.undoes is None and entry.verdict:
            return entry
    raise UsageError(f"{path} is not in the journal: sort it first, then correct what is wrong.")
