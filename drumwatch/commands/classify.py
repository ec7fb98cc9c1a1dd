"""`drumwatch classify`: prints the verdict on each file, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import msgspec

from drumwatch.config.defaults import config_or_defaults
from drumwatch.config.given_paths import (
    libraries_if_configured,
    refuse_around_library,
    refuse_protected_folders,
)
from drumwatch.core.errors import EX_SOME_FAILED
from drumwatch.core.evidence_used import differs_by_sound
from drumwatch.core.formatting import home_short, printable, share
from drumwatch.core.verdict_json import failure_as_json, verdict_as_json
from drumwatch.sorting.walk import audio_files_in, in_input_order
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.note_finder import NOTE_SECONDS, NoteFinder
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze, Analyzed, Failed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from drumwatch.sorting.classify_together import RequestedSound
    from drumwatch.workers.protocol import Answer


USUAL_SECONDS = 20.0  # longer files are called long
BY_SOUND = "By sound alone. Filing also uses names and neighbors: --as-filed shows that."
BY_SOUND_AND_NAME = "By sound and name. Filing also uses neighbors: --as-filed shows that."
AS_FILED = "As filed: by sound, and by names and neighbors as the settings allow."


def classify(
    paths: Sequence[Path],
    config_path: Path,
    *,
    as_json: bool,
    use_names: bool,
    as_filed: bool,
    max_seconds: float | None,
    notes: bool = False,
) -> int:
    """Print one line per sound; returns the exit code, 1 where some files could not be analyzed.

    With `as_filed`, each is judged as filing would judge it: nothing is printed until all are analyzed. Which evidence counts is said on
    standard error, and for each sound with `as_json`.
    With `notes`, the root notes of what rings are looked for.
    """
    refuse_protected_folders(paths)
    refuse_around_library(paths, libraries_if_configured(config_path))
    if not as_json:
        click.echo(AS_FILED if as_filed else BY_SOUND_AND_NAME if use_names else BY_SOUND, err=True)
    failed = 0
    for path, found in (
        _as_filed(paths, config_path, max_seconds, notes=notes)
        if as_filed
        else _by_sound(
            paths, USUAL_SECONDS if max_seconds is None else max_seconds, use_names=use_names, notes=notes
        )
    ):
        failed += isinstance(found, Failed)
        click.echo(json.dumps(_as_json(path, found)) if as_json else _line(path, found))
    return EX_SOME_FAILED if failed else 0


def _by_sound(
    paths: Sequence[Path], max_seconds: float, *, use_names: bool, notes: bool
) -> Iterator[tuple[Path, Answer]]:
    settings = Analyze(
        "",
        max_seconds=max_seconds,
        use_names=use_names,
        model=model_store.in_force().file,
        with_note=notes,
    )
    with LocalWorkers() as analyzers, LocalWorkers(limit=1, file_seconds=NOTE_SECONDS) as note_workers:
        workers = NoteFinder(analyzers, note_workers)
        yield from _judged_alone(paths, settings, workers)
        _report(workers)


def _as_filed(
    paths: Sequence[Path], config_path: Path, max_seconds: float | None, *, notes: bool
) -> Iterator[tuple[Path, Answer]]:
    """Judge the sounds with each other and with those of the journal as neighbors; `max_seconds` is that of the settings if not given."""
    from drumwatch.intake.pack_names import is_a_pack  # noqa: PLC0415
    from drumwatch.session import open_session  # noqa: PLC0415  the journal and all of filing: a third of the start
    from drumwatch.sorting.as_filed import as_filed as request_as_filed  # noqa: PLC0415
    from drumwatch.sorting.classify_together import classify_together  # noqa: PLC0415

    whole = {path: is_a_pack(path) for path in paths if path.is_dir()}
    with open_session(config_or_defaults(config_path)) as session:
        session.apply_user_model()
        sounds = (
            _with_options(
                request_as_filed(path.absolute(), session, root.absolute(), whole=whole.get(root, False)),
                max_seconds,
                notes=notes,
            )._replace(path=path)
            for root, path in audio_files_in(paths)
        )
        for sound, found in classify_together(sounds, session.analyzers, session.neighbors):
            yield sound.path, found
        _report(session.analyzers)


def _with_options(sound: RequestedSound, max_seconds: float | None, *, notes: bool) -> RequestedSound:
    usual = sound.request
    request = msgspec.structs.replace(
        usual,
        max_seconds=usual.max_seconds if max_seconds is None else max_seconds,
        with_note=notes or usual.with_note,
    )
    return sound._replace(request=request)


def _report(notes: NoteFinder) -> None:
    """Say why root notes could not be found, where they were asked for."""
    if notes.problem:
        click.echo(notes.problem, err=True)


def _judged_alone(
    paths: Sequence[Path], settings: Analyze, workers: Executor
) -> Iterator[tuple[Path, Answer]]:
    asked = (
        (path, workers.submit(answer, msgspec.structs.replace(settings, path=str(path.absolute()))))
        for _, path in audio_files_in(paths)
    )
    return in_input_order(asked)


def _as_json(path: Path, found: Answer) -> dict[str, object]:
    if isinstance(found, Failed):
        return failure_as_json(path, found.message)
    return verdict_as_json(path, expect(found, Analyzed).verdict)


def _line(path: Path, found: Answer) -> str:
    """The label, the confidence, the type where it differs from the label, the root note if it was found, and the file."""
    if isinstance(found, Failed):
        return f"{'could not be heard':<28} {home_short(path)}: {printable(found.message)}"
    verdict = expect(found, Analyzed).verdict
    kind = verdict.type if verdict.type != verdict.label else ""
    note = f"{verdict.note:<2} " if verdict.note else ""
    line = f"{verdict.label:<10} {share(verdict.confidence):>5}  {kind:<10} {note}{home_short(path)}"
    alone = differs_by_sound(verdict)
    return f"{line} ({alone} by sound alone)" if alone else line
