"""`drumwatch train`: trains the user's own model on the confirmed sounds, and on a folder whose subfolders are labels."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from drumwatch.config.defaults import config_or_defaults
from drumwatch.config.given_paths import absolute, libraries, refuse_around_library, refuse_protected
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import home_short, iso, printable
from drumwatch.core.screen_width import for_stream
from drumwatch.filing.naming import pack_name
from drumwatch.journal import Confirmation
from drumwatch.learning.labels import VERY_NEAR, Vocabulary
from drumwatch.learning.retrain import (
    RetrainResult,
    describe_figures,
    figures_of,
    store_result,
)
from drumwatch.learning.training_request import ENOUGH_FOR_A_CLASS, allowed_types, training_request
from drumwatch.session import open_session
from drumwatch.sorting.progress import elapsed_time, with_progress
from drumwatch.sorting.walk import audio_files_in, in_input_order
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer
from drumwatch.workers.protocol import Analyze, Analyzed, Failed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.journal import Journal
    from drumwatch.session import Session


def train(folder: Path | None, config_path: Path) -> int:
    """Confirm the folder's labels, train, and print the result; returns 1 where the new model is worse and not used."""
    folder = folder and absolute(folder)
    if folder:
        refuse_protected([folder])
    config = config_or_defaults(config_path)
    if folder:
        refuse_around_library([folder], libraries(config))
    with open_session(config) as session:
        journal = session.journal
        if folder:
            _confirm_folder(folder, session)
        confirmations = journal.confirmations.all()
        if not confirmations:
            raise UsageError(
                "Nothing has been confirmed yet: correct some sounds with `drumwatch review` or `drumwatch correct`,"
                " or name a FOLDER whose subfolders are labels."
            )
        for note in _too_few(confirmations, config):
            click.echo(for_stream(note, sys.stderr), err=True)
        cache, model = session.analysis_cache, model_store.in_force()
        request = training_request(journal, cache, config.labels, model, iso(time.time()))
        click.echo(f"Learning from {len(request.sounds)} sounds.", err=True)
        with elapsed_time("learning"):
            result = store_result(session.retrain_workers.submit(answer, request).result(), cache)
        journal.state.set(last_lesson=journal.confirmations.latest_id())
    for line in _summary(result):
        click.echo(for_stream(line, sys.stdout))
    return EX_SOME_FAILED if result.why_not_used else 0


def _summary(result: RetrainResult) -> list[str]:
    """The metrics of the new model, and whether it is in force."""
    model = result.model
    verdict = (
        f"{model.id} is kept, but not used: {result.why_not_used}. `drumwatch model use {model.id}` uses it all the same."
        if result.why_not_used
        else f"{model.id} is in force from now on. `drumwatch model use shipped` goes back."
    )
    return [*describe_figures(figures_of(model.card)), verdict]


def _too_few(confirmations: list[Confirmation], config: Config) -> Iterator[str]:
    """A note on each label of the user's own that has too few sounds for a class."""
    known = allowed_types(confirmations, config.labels).by_label
    counts = Counter(one.label for one in confirmations if one.label not in known)
    for label, count in sorted(counts.items()):
        yield (
            f"{printable(label)}: {count} so far, {ENOUGH_FOR_A_CLASS} make a class of your own;"
            " until then only these very sounds are known by it."
        )


def _confirm_folder(folder: Path, session: Session) -> None:
    """Confirm for every sound in a subfolder the label that the subfolder is named after."""
    journal = session.journal
    labelled = list(_labelled(folder, Vocabulary.of(session.config, journal)))
    if not labelled:
        raise UsageError(
            f"{folder} has no sounds in subfolders: name these kick, snare, hat, or whatever is in them."
        )
    requests = ((pair, session.workers.submit(answer, _request(pair[0]))) for pair in labelled)
    answers = with_progress("listening", len(labelled), in_input_order(requests))
    session.workers.shutdown()  # training needs their memory
    with journal.transaction():
        for (path, label), found in answers:
            if isinstance(found, Failed):
                click.echo(f"left out: {home_short(path)}: {printable(found.message)}", err=True)
            elif isinstance(found, Analyzed):
                _confirm(path, label, folder, found, journal)
                session.analysis_cache.keep_answer(found, path.stat().st_size)


def _request(path: Path) -> Analyze:
    return Analyze(str(path), with_hash=True, with_digest=True, with_record=True)


def _labelled(folder: Path, vocabulary: Vocabulary) -> Iterator[tuple[Path, str]]:
    """Every sound below a subfolder, with the label, the type or the class of the user's own that its name means.

    A new label that resembles a known one is accepted, and the user is warned.
    """
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        label = vocabulary.checked(inner.name, new=True)
        if not vocabulary.resolve(label) and (near := vocabulary.suggestion(label, VERY_NEAR)):
            click.echo(
                f'{home_short(inner)}: "{label}" is no label that is known, so it is a label of your own from now on:'
                f" did you mean {near}? Then rename the folder and train again.",
                err=True,
            )
        yield from ((sound, label) for _, sound in audio_files_in([inner]))


def _confirm(path: Path, label: str, folder: Path, found: Analyzed, journal: Journal) -> None:
    """Add a confirmation, unless the same one holds already from an earlier run."""
    if journal.confirmations.label_of(found.content_hash) != label:
        judged, pack = found.verdict.label, pack_name(folder.name)
        confirmation = Confirmation(time.time(), found.content_hash, label, "command", path, judged, pack)
        journal.confirmations.add(confirmation)
