"""`drumwatch log`: prints what was done, and why."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import TYPE_CHECKING

import click

from drumwatch.core.formatting import home_short, iso, printable, share, short_time
from drumwatch.filing.describe import describe
from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.core.records import Entry
    from drumwatch.journal import Batch

SIGNS = {"planned": "…", "done": "✓", "failed": "✗", "undone": "↶"}
COLOURS = {"planned": "yellow", "done": "green", "failed": "red", "undone": "blue"}
PROJECT_SIGN = ("◆", "cyan")
FOLLOW_SECONDS = 0.5  # between two reads of the journal with --follow


def log(wanted: Filter, *, as_json: bool, follow: bool) -> None:
    """Print the selected entries; with `follow`, print new ones until Ctrl-C."""
    with Journal(app_paths.journal_file()) as journal:
        show = _print_json if as_json else _print_line
        count = 0
        for entry in _all(journal, wanted, follow=follow):
            show(entry)
            count += 1
    if not count and not as_json:
        click.echo(
            "Nothing in the journal matches." if wanted != Filter() else "The journal is empty so far.",
            err=True,
        )


def packs(since: float | None, *, as_json: bool) -> None:
    """Print one line for each batch: a pack, or files that came without one."""
    with Journal(app_paths.journal_file()) as journal:
        for batch in journal.batches.listed(since):
            click.echo(json.dumps(_batch_record(batch)) if as_json else _batch_line(batch, time.time()))


def _batch_record(batch: Batch) -> dict[str, object]:
    record = {**batch._asdict(), "started": iso(batch.started), "origin": str(batch.origin)}
    return {"batch": record.pop("id"), **record, "pack": batch.pack or None}


def _batch_line(batch: Batch, now: float) -> str:
    counts = {"filed": batch.filed, "left": batch.left, "failed": batch.failed, "undone": batch.undone}
    counts[f"project{'s' * (batch.projects != 1)} left whole"] = batch.projects
    text = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
    name = printable(batch.pack) or "single files"
    return (
        f"{batch.id:>6}  {short_time(batch.started, now)}  {name}: {text} (from {home_short(batch.origin)})"
    )


def _all(journal: Journal, wanted: Filter, *, follow: bool) -> Iterator[Entry]:
    latest = journal.entries.newest_id()
    yield from journal.entries.find(wanted)
    while follow:
        time.sleep(FOLLOW_SECONDS)
        for entry in journal.entries.find(dataclasses.replace(wanted, after=latest, last=None)):
            if entry.state == "planned":
                break  # it is printed once its result is known
            yield entry
            latest = entry.id


def as_record(entry: Entry) -> dict[str, object]:
    """Return an entry as one flat JSON object, for programs."""
    verdict = entry.verdict
    return {
        "id": entry.id,
        "time": iso(entry.time),
        "batch": entry.batch,
        "pack": entry.pack or None,
        "source": str(entry.source),
        "destination": str(entry.destination) if entry.destination else None,
        "action": entry.action,
        "state": entry.state,
        "label": entry.label or None,
        "type": entry.type or None,
        "confidence": round(entry.confidence, 4) if verdict else None,
        "probabilities": verdict.probabilities if verdict else None,
        "tempo": verdict.tempo if verdict else None,
        "note": verdict.note if verdict else None,
        "note_from": (verdict.note_from or None) if verdict else None,
        "rule": entry.rule,
        "reason": entry.reason,
        "error": entry.error or None,
        "model": entry.model or None,
        "content_hash": entry.content_hash or None,
        "undoes": entry.undoes,
    }


def _print_json(entry: Entry) -> None:
    click.echo(json.dumps(as_record(entry)))


def _print_line(entry: Entry) -> None:
    click.echo(line(entry, time.time()))


def line(entry: Entry, now: float) -> str:
    """Return an entry as a line for a person, with a second line for the reason."""
    is_whole = entry.is_project and entry.state == "done"
    symbol, colour = PROJECT_SIGN if is_whole else (SIGNS[entry.state], COLOURS[entry.state])
    sign = click.style(symbol, fg=colour)
    verdict = f"{entry.label:<10} {share(entry.confidence):>5}" if entry.verdict else " " * 16
    head = f"{entry.id:>6}  {short_time(entry.time, now)}  {sign} {verdict}  {describe(entry)}"
    why = "" if entry.is_archive_outcome else entry.error or entry.reason
    return f"{head}\n{'':>20}{click.style(printable(why), dim=True)}" if why else head
