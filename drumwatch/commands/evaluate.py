"""`drumwatch evaluate`: measures how right the model is on a folder whose subfolders are labels; changes nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import msgspec

from drumwatch.config.given_paths import (
    absolute,
    libraries_if_configured,
    refuse_around_library,
    refuse_protected,
)
from drumwatch.core.errors import EX_SOME_FAILED, UsageError
from drumwatch.core.formatting import home_short, printable, share
from drumwatch.core.records import LABEL_OF_TYPE, LABELS
from drumwatch.learning.labels import Vocabulary
from drumwatch.sorting.progress import with_progress
from drumwatch.sorting.walk import audio_files_in, in_input_order
from drumwatch.workers import model_store
from drumwatch.workers.jobs import answer, expect
from drumwatch.workers.pool import LocalWorkers
from drumwatch.workers.protocol import Analyze, Analyzed, Failed, Measure, Metrics

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.core.records import Verdict


def evaluate(folder: Path, config_path: Path, *, as_json: bool) -> int:
    """Print the metrics; returns the exit code, 1 where some files could not be analyzed."""
    folder = absolute(folder)
    refuse_protected([folder])
    refuse_around_library([folder], libraries_if_configured(config_path))
    labelled, model = _labelled_sounds(folder), model_store.in_force().file
    with LocalWorkers() as workers:
        requests = ((pair, workers.submit(answer, Analyze(str(pair[0]), model=model))) for pair in labelled)
        answers = with_progress("listening", len(labelled), in_input_order(requests))
        verdicts = [(label, found.verdict) for (_, label), found in answers if isinstance(found, Analyzed)]
        if not verdicts:
            raise UsageError(f"None of the sounds in {folder} could be analyzed.")
        metrics = expect(workers.submit(answer, _metrics_request(verdicts)).result(), Metrics)
    for (path, _), found in answers:
        if isinstance(found, Failed):
            click.echo(f"left out: {home_short(path)}: {printable(found.message)}", err=True)
    click.echo(json.dumps(_as_json(metrics, len(verdicts))) if as_json else _as_text(metrics, len(verdicts)))
    return EX_SOME_FAILED if len(verdicts) < len(answers) else 0


def _labelled_sounds(folder: Path) -> list[tuple[Path, str]]:
    """Return every sound below a subfolder that is named like a label or a type, with that label."""
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir())
    named = [(path, label) for path in subfolders if (label := _label_of(path.name))]
    if not named:
        raise UsageError(f"{folder} has no subfolders named like the labels: {', '.join(LABELS)}.")
    return [(sound, label) for path, label in named for _, sound in audio_files_in([path])]


def _label_of(name: str) -> str | None:
    """Return the label that a folder's name means: a label or a type, also in the plural; None for another name."""
    kind = Vocabulary({}).resolve(name)
    return LABEL_OF_TYPE.get(kind, kind) if kind else None


def _metrics_request(verdicts: list[tuple[str, Verdict]]) -> Measure:
    """Return the request that lets a worker compute the metrics."""
    return Measure(
        tuple(tuple(verdict.probabilities[label] for label in LABELS) for _, verdict in verdicts),
        tuple(LABELS.index(label) for label, _ in verdicts),
    )


def _as_json(metrics: Metrics, count: int) -> dict[str, object]:
    bins = [msgspec.structs.asdict(one) for one in metrics.calibration]
    return {
        "files": count,
        "figures": metrics.figures,
        "confusion": metrics.confusion,
        "calibration": bins,
    }


def _as_text(metrics: Metrics, count: int) -> str:
    """The metrics, and which labels were confused."""
    figures = [f"  {name:<20} {share(value):>5}" for name, value in metrics.figures.items()]
    head = " ".join(f"{label:>10}" for label in LABELS)
    rows = [
        f"  {label:<12}{' '.join(f'{number:>10}' for number in row)}"
        for label, row in zip(LABELS, metrics.confusion, strict=True)
    ]
    return "\n".join([f"{count} sounds", *figures, "", f"  {'is / said':<12}{head}", *rows])
