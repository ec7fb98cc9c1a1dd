"""`drumwatch classify`: says what each file is; touches nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from drumwatch import models
from drumwatch.commands.folders import (
    libraries_if_configured,
    refuse_around_library,
    refuse_protected_folders,
)
from drumwatch.commands.hearing import in_order, sounds_in
from drumwatch.errors import EX_SOME_FAILED
from drumwatch.words import home_short, printable, share
from drumwatch.workers import LocalWorkers, answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.models import Chosen
    from drumwatch.workers import Reply, Request

FIELDS = (
    "label",
    "type",
    "confidence",
    "probabilities",
    "types",
    "runner_up",
    "shape",
    "tempo",
    "duration",
    "model",
    "name_says",
    "clash",
)


def classify(
    paths: Sequence[Path], config_path: Path, *, as_json: bool, use_names: bool, max_seconds: float
) -> int:
    """Print one line per sound; returns the exit code, 1 where some could not be heard."""
    refuse_protected_folders(paths)
    refuse_around_library(paths, libraries_if_configured(config_path))
    failed, model = 0, models.in_force()
    with LocalWorkers() as workers:
        asked = (
            (
                path,
                workers.submit(answer, _request(path, model, use_names=use_names, max_seconds=max_seconds)),
            )
            for _, path in sounds_in(paths)
        )
        for path, reply in in_order(asked):
            failed += "error" in reply
            click.echo(json.dumps(as_record(path, reply)) if as_json else line(path, reply))
    return EX_SOME_FAILED if failed else 0


def _request(path: Path, model: Chosen, *, use_names: bool, max_seconds: float) -> Request:
    asked = {"op": "hear", "path": str(path), "max_seconds": max_seconds, "use_names": use_names}
    return {**asked, **model.request}


def as_record(path: Path, reply: Reply) -> dict[str, Any]:
    if "error" in reply:
        return {"path": str(path), "error": reply["error"]}
    return {"path": str(path), **{field: reply["verdict"][field] for field in FIELDS}}


def line(path: Path, reply: Reply) -> str:
    """Label, type where it says more, how sure, and the file."""
    if "error" in reply:
        return f"{'cannot be heard':<28} {home_short(path)}: {printable(reply['error'])}"
    verdict = reply["verdict"]
    kind = verdict["type"] if verdict["type"] != verdict["label"] else ""
    return f"{verdict['label']:<10} {share(verdict['confidence']):>5}  {kind:<10} {home_short(path)}"
