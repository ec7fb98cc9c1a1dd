"""`drumwatch evaluate`: measures how right the model is on a folder whose subfolders are labels; changes nothing."""

from __future__ import annotations

import json
import shutil
import sys
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
from drumwatch.core.formatting import count_of, home_short, printable, share
from drumwatch.core.line_wrap import fitted
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


INDENT = 27  # of the sentences
MEANINGS = {
    "accuracy": "Of 100 sounds, {of_100} are given the label of their folder.",
    "macro F1": "The same with every label counted alike, and with what it wrongly gave a label.",
    "calibration error": "How sure it says it is, is {of_100} points off on average.",
}


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
    if as_json:
        click.echo(json.dumps(_as_json(metrics, len(verdicts))))
    else:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for line in _as_text(metrics, len(verdicts)):
            click.echo(fitted(line, columns, INDENT))
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


def _as_text(metrics: Metrics, count: int) -> list[str]:
    """The metrics with what each means, and which labels were confused."""
    figures = [
        f"  {name:<17} {share(value):>5}  {_meaning(name, value)}" for name, value in metrics.figures.items()
    ]
    head = " ".join(f"{label:>10}" for label in LABELS)
    rows = [
        f"  {label:<12}{' '.join(f'{number:>10}' for number in row)}"
        for label, row in zip(LABELS, metrics.confusion, strict=True)
    ]
    table = "How many sounds of each folder (row) were given each label (column):"
    heard = f"{count_of(count, 'sound')}, judged by sound alone"
    return [heard, *figures, "", table, f"  {'is / said':<12}{head}", *rows]


def _meaning(name: str, value: float) -> str:
    """What a figure means, in a sentence."""
    of_100 = f"{100 * value:.0f}"
    if name.startswith("recall "):
        return f"Of 100 sounds whose label is {name.removeprefix('recall ')}, it finds {of_100}."
    if name.startswith("coverage at "):
        wanted = name.removeprefix("coverage at ")
        return f"If it decides about the surest {of_100} of 100 sounds only, {wanted} are right."
    return MEANINGS[name].format(of_100=of_100)
