"""`drumwatch train`: a model of the user's own, from what they have said and from a folder whose subfolders are labels."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from drumwatch.config.defaults import config_or_defaults
from drumwatch.config.given_paths import absolute, libraries, refuse_around_library, refuse_protected
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import home_short, iso, printable
from drumwatch.filing.naming import pack_name
from drumwatch.journal import Confirmation, Journal
from drumwatch.learning.labels import VERY_NEAR, Vocabulary
from drumwatch.learning.retrain import RetrainResult, conclude, figures_of, in_words, retrain_worker
from drumwatch.learning.training_request import ENOUGH_FOR_A_CLASS, meaning, training_request
from drumwatch.sorting.walk import audio_files_in, in_input_order
from drumwatch.system import app_paths
from drumwatch.workers import model_store
from drumwatch.workers.analysis_cache import AnalysisCache
from drumwatch.workers.jobs import answer
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze, Analyzed, Failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.config import Config


def train(folder: Path | None, config_path: Path) -> int:
    """Take in what the folder says, teach, and say what came of it; returns 1 where the new model is worse and stays out."""
    folder = folder and absolute(folder)
    if folder:
        refuse_protected([folder])
    config = config_or_defaults(config_path)
    if folder:
        refuse_around_library([folder], libraries(config))
    with (
        Journal(app_paths.journal_file()) as journal,
        AnalysisCache(app_paths.analysis_cache_file()) as recall,
    ):
        if folder:
            _take_in(folder, journal, recall, config)
        words = journal.confirmations.all()
        if not words:
            raise UsageError(
                "Nothing has been confirmed yet: correct some sounds with `drumwatch review` or `drumwatch correct`,"
                " or name a FOLDER whose subfolders are labels."
            )
        for note in _too_few(words, config):
            click.echo(note, err=True)
        request = training_request(journal, recall, config.labels, model_store.in_force(), iso(time.time()))
        click.echo(f"Learning from {len(request.sounds)} sounds.", err=True)
        with retrain_worker() as worker:
            taught = conclude(worker.submit(answer, request).result(), recall)
        journal.state.set(last_lesson=journal.confirmations.latest_id())
    click.echo("\n".join(told(taught)))
    return EX_SOME_FAILED if taught.worse else 0


def told(taught: RetrainResult) -> list[str]:
    """What a person wants to know of a new model."""
    model = taught.model
    verdict = (
        f"{model.id} is kept, but not used: {taught.worse}. `drumwatch model use {model.id}` uses it all the same."
        if taught.worse
        else f"{model.id} is in force from now on. `drumwatch model use shipped` goes back."
    )
    return [*in_words(figures_of(model.card)), verdict]


def _too_few(words: list[Confirmation], config: Config) -> Iterator[str]:
    """Words that mean nothing to a model yet."""
    known = meaning(words, config.labels).may_be
    for word, count in sorted(Counter(word.label for word in words if word.label not in known).items()):
        yield (
            f"{printable(word)}: {count} so far, {ENOUGH_FOR_A_CLASS} make a class of your own;"
            " until then only these very sounds are known by it."
        )


def _take_in(folder: Path, journal: Journal, recall: AnalysisCache, config: Config) -> None:
    """Every sound of the folder is named by its subfolder: a word of the user's like any other."""
    named = list(_labelled(folder, Vocabulary.of(config, journal)))
    if not named:
        raise UsageError(
            f"{folder} has no sounds in subfolders: name these kick, snare, hat, or whatever is in them."
        )
    with LocalWorkers() as workers:
        asked = ((pair, workers.submit(answer, _request(pair[0]))) for pair in named)
        heard = list(in_input_order(asked))
    with journal.transaction():
        for (path, label), found in heard:
            if isinstance(found, Failed):
                click.echo(f"left out: {home_short(path)}: {printable(found.message)}", err=True)
            elif isinstance(found, Analyzed):
                _confirm(path, label, folder, found, journal)
                recall.keep_answer(found, path.stat().st_size)


def _request(path: Path) -> Analyze:
    return Analyze(str(path), with_hash=True, with_digest=True, with_record=True)


def _labelled(folder: Path, vocabulary: Vocabulary) -> Iterator[tuple[Path, str]]:
    """Every sound below a subfolder, by what that is named: a label, a type, or a class of the user's own.

    A new word that is much like a known one is taken, as it may be meant, and told.
    """
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        named = vocabulary.checked(inner.name, new=True)
        if not vocabulary.meant(named) and (near := vocabulary.near(named, VERY_NEAR)):
            click.echo(
                f'{home_short(inner)}: "{named}" is no label that is known, so it is a word of your own from now on:'
                f" did you mean {near}? Then rename the folder and train again.",
                err=True,
            )
        yield from ((sound, named) for _, sound in audio_files_in([inner]))


def _confirm(path: Path, label: str, folder: Path, found: Analyzed, journal: Journal) -> None:
    """Once: a second run over the same folder says nothing new."""
    if journal.confirmations.label_of(found.content_hash) != label:
        said, pack = found.verdict.label, pack_name(folder.name)
        word = Confirmation(time.time(), found.content_hash, label, "command", path, said, pack)
        journal.confirmations.add(word)
