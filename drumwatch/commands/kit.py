"""`drumwatch kit`: makes a kit of sounds of the library that go together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED
from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.kits import kit_run
from drumwatch.kits.kit_job import KitJob
from drumwatch.session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.kits.kit_job import KitWish
    from drumwatch.kits.making import MadeKit

SHOWN = {"hardlink": "linked", "copy": "copied", "convert": "converted"}


def kit(wish: KitWish, like: Sequence[Path], config_path: Path, *, dry_run: bool) -> int:
    """Choose and make a kit; returns the exit code, 1 where a file could not be made."""
    if not dry_run:
        back_up_journal_if_due()
    with open_session(config_or_defaults(config_path)) as session:
        if not dry_run:
            session.recover()
        job = KitJob(wish, session.config, session.journal, session.analysis_cache)
        asyncio.run(kit_run.choose(job, session.workers, like, announce=_announce))
        if dry_run:
            _print_choice(job)
            return 0
        made = asyncio.run(kit_run.make(job, session.workers))
    _print_made(job, made)
    return 0 if len(made.entries) == len(job.chosen) else EX_SOME_FAILED


def _announce(count: int) -> None:
    click.echo(f"Analyzing {count_of(count, 'sound')} first…", err=True)


def _print_choice(job: KitJob) -> None:
    click.echo(f"{home_short(job.place.folder)} would have:")
    _print_lines(
        [(name, f"{home_short(one.path)}") for name, one in zip(job.names(), job.chosen, strict=True)]
    )
    _print_notes(job)
    click.echo(_seed(job), err=True)


def _print_made(job: KitJob, made: MadeKit) -> None:
    _print_lines([(_name(entry), _origin(entry)) for entry in made.entries])
    for problem in made.problems:
        click.echo(printable(problem), err=True)
    _print_notes(job)
    click.echo(f"{count_of(len(made.entries), 'sound')} in {home_short(made.folder)}")
    click.echo(f"{_seed(job)} `drumwatch undo --batch {made.batch}` takes it out again.", err=True)


def _name(entry: Entry) -> str:
    return entry.destination.name if entry.destination else entry.source.name


def _origin(entry: Entry) -> str:
    return f"{SHOWN.get(entry.action, 'there already')} from {home_short(entry.source)}"


def _print_lines(lines: Sequence[tuple[str, str]]) -> None:
    width = max((len(printable(name)) for name, _ in lines), default=0)
    for name, origin in lines:
        click.echo(f"  {printable(name):<{width}}  {origin}")


def _print_notes(job: KitJob) -> None:
    for note in job.notes:
        click.echo(note, err=True)


def _seed(job: KitJob) -> str:
    return f"`--seed {job.wish.seed}` chooses the same sounds again."
