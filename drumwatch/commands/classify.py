"""`drumwatch classify`: prints the verdict on each file, and changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import msgspec

from drumwatch.config.given_paths import (
    libraries_if_configured,
    refuse_around_library,
    refuse_protected_folders,
)
from drumwatch.core.errors import EX_SOME_FAILED
from drumwatch.core.formatting import home_short, printable, share
from drumwatch.core.verdict_json import failure_as_json, verdict_as_json
from drumwatch.intake.pack_names import is_a_pack
from drumwatch.sorting.classify_together import RequestedSound, classify_together, place_in
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

    from drumwatch.workers.protocol import Answer


def classify(
    paths: Sequence[Path],
    config_path: Path,
    *,
    as_json: bool,
    use_names: bool,
    as_filed: bool,
    max_seconds: float,
    notes: bool = False,
) -> int:
    """Print one line per sound; returns the exit code, 1 where some files could not be analyzed.

    With `as_filed`, names count, and so do the neighbors among the files given: nothing is printed until all are analyzed.
    With `notes`, the root notes of what rings are looked for.
    """
    refuse_protected_folders(paths)
    refuse_around_library(paths, libraries_if_configured(config_path))
    failed, model = 0, model_store.in_force().file
    settings = Analyze(
        "", max_seconds=max_seconds, use_names=use_names or as_filed, model=model, with_note=notes
    )
    with LocalWorkers() as analyzers, LocalWorkers(limit=1, file_seconds=NOTE_SECONDS) as note_workers:
        workers = NoteFinder(analyzers, note_workers)
        judge = _classify_together if as_filed else _judged_alone
        for path, found in judge(paths, settings, workers):
            failed += isinstance(found, Failed)
            click.echo(json.dumps(_as_json(path, found)) if as_json else _line(path, found))
        if workers.problem:
            click.echo(workers.problem, err=True)
    return EX_SOME_FAILED if failed else 0


def _judged_alone(
    paths: Sequence[Path], settings: Analyze, workers: Executor
) -> Iterator[tuple[Path, Answer]]:
    asked = (
        (path, workers.submit(answer, msgspec.structs.replace(settings, path=str(path))))
        for _, path in audio_files_in(paths)
    )
    return in_input_order(asked)


def _classify_together(
    paths: Sequence[Path], settings: Analyze, workers: Executor
) -> Iterator[tuple[Path, Answer]]:
    given = {path: is_a_pack(path) for path in paths if path.is_dir()}
    sounds = (
        RequestedSound(
            path,
            place_in(path, root, whole=given.get(root, False)),
            msgspec.structs.replace(settings, path=str(path)),
        )
        for root, path in audio_files_in(paths)
    )
    return ((sound.path, found) for sound, found in classify_together(sounds, workers))


def _as_json(path: Path, found: Answer) -> dict[str, object]:
    if isinstance(found, Failed):
        return failure_as_json(path, found.message)
    return verdict_as_json(path, expect(found, Analyzed).verdict)


def _line(path: Path, found: Answer) -> str:
    """The label, the confidence, the type where it differs from the label, the root note if it was found, and the file."""
    if isinstance(found, Failed):
        return f"{'cannot be heard':<28} {home_short(path)}: {printable(found.message)}"
    verdict = expect(found, Analyzed).verdict
    kind = verdict.type if verdict.type != verdict.label else ""
    note = f"{verdict.note:<2} " if verdict.note else ""
    return f"{verdict.label:<10} {share(verdict.confidence):>5}  {kind:<10} {note}{home_short(path)}"
