"""`drumwatch evaluate`: how right the model is on a folder whose subfolders are labels; touches nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from drumwatch import models
from drumwatch.commands.folders import (
    absolute,
    libraries_if_configured,
    refuse_around_library,
    refuse_protected,
)
from drumwatch.commands.hearing import in_order, sounds_in
from drumwatch.errors import EX_SOME_FAILED, UsageError
from drumwatch.learning.labels import Vocabulary
from drumwatch.records import LABEL_OF_TYPE, LABELS
from drumwatch.words import home_short, printable, share
from drumwatch.workers import LocalWorkers, answer

if TYPE_CHECKING:
    from pathlib import Path

    from drumwatch.workers import Reply


def evaluate(folder: Path, config_path: Path, *, as_json: bool) -> int:
    """Print the figures; returns the exit code, 1 where some files could not be heard."""
    folder = absolute(folder)
    refuse_protected([folder])
    refuse_around_library([folder], libraries_if_configured(config_path))
    labelled, model = labelled_sounds(folder), models.in_force()
    with LocalWorkers() as workers:
        asked = (
            (pair, workers.submit(answer, {"op": "hear", "path": str(pair[0]), **model.request}))
            for pair in labelled
        )
        heard = list(in_order(asked))
        verdicts = [(label, reply["verdict"]) for (_, label), reply in heard if "error" not in reply]
        if not verdicts:
            raise UsageError(f"None of the sounds in {folder} could be heard.")
        figures = workers.submit(answer, figures_request(verdicts)).result()
    for (path, _), reply in heard:
        if "error" in reply:
            click.echo(f"left out: {home_short(path)}: {printable(reply['error'])}", err=True)
    click.echo(json.dumps(as_record(figures, len(verdicts))) if as_json else in_words(figures, len(verdicts)))
    return EX_SOME_FAILED if len(verdicts) < len(heard) else 0


def labelled_sounds(folder: Path) -> list[tuple[Path, str]]:
    """Every sound below a subfolder that is named like a label or a type."""
    subfolders = sorted(path for path in folder.iterdir() if path.is_dir())
    named = [(path, label) for path in subfolders if (label := label_of(path.name))]
    if not named:
        raise UsageError(f"{folder} has no subfolders named like the labels: {', '.join(LABELS)}.")
    return [(sound, label) for path, label in named for _, sound in sounds_in([path])]


def label_of(name: str) -> str | None:
    """The label that a folder's name means: its own, one of its types', either in the plural."""
    kind = Vocabulary({}).meant(name)
    return LABEL_OF_TYPE.get(kind, kind) if kind else None


def figures_request(verdicts: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """What the worker needs to do the sums."""
    return {
        "op": "figures",
        "probabilities": [[verdict["probabilities"][label] for label in LABELS] for _, verdict in verdicts],
        "labels": [LABELS.index(label) for label, _ in verdicts],
    }


def as_record(reply: Reply, count: int) -> dict[str, Any]:
    return {"files": count, **{key: reply[key] for key in ("figures", "confusion", "calibration")}}


def in_words(reply: Reply, count: int) -> str:
    """The figures, and what was taken for what."""
    figures = [f"  {name:<20} {share(value):>5}" for name, value in reply["figures"].items()]
    head = " ".join(f"{label:>10}" for label in LABELS)
    rows = [
        f"  {label:<12}{' '.join(f'{number:>10}' for number in row)}"
        for label, row in zip(LABELS, reply["confusion"], strict=True)
    ]
    return "\n".join([f"{count} sounds", *figures, "", f"  {'is / said':<12}{head}", *rows])
