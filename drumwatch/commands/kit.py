"""`drumwatch kit`: makes a kit of sounds of the library that go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.config.defaults import config_or_defaults
from drumwatch.core.errors import EX_SOME_FAILED, UnreadableAudio, UsageError
from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.kits.kit_job import KitJob
from drumwatch.session import open_session
from drumwatch.workers.jobs import WorkerDied, answer, expect
from drumwatch.workers.protocol import Analyzed, Compared, ConvertedSound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from drumwatch.core.records import Entry
    from drumwatch.kits.kit_job import KitWish
    from drumwatch.kits.making import MadeKit
    from drumwatch.session import Session
    from drumwatch.workers.protocol import Answer, Request

SHOWN = {"hardlink": "linked", "copy": "copied", "convert": "converted"}


def kit(wish: KitWish, like: Sequence[Path], config_path: Path, *, dry_run: bool) -> int:
    """Choose and make a kit; returns the exit code, 1 where a file could not be made."""
    if not dry_run:
        back_up_journal_if_due()
    with open_session(config_or_defaults(config_path)) as session:
        if not dry_run:
            session.recover()
        job = KitJob(wish, session.config, session.journal, session.analysis_cache)
        _choose(job, like, session)
        if dry_run:
            _print_choice(job)
            return 0
        converted = _converted(job, session)
        failed = job.conversion_requests().keys() - converted.keys()
        made = job.make(converted, failed)
    _print_made(job, made)
    return EX_SOME_FAILED if made.problems or failed else 0


def _choose(job: KitJob, like: Sequence[Path], session: Session) -> None:
    for path in like:
        if not path.is_file():
            raise UsageError(f"{home_short(path)} is not there, or is no file: the kit was not made.")
        request = job.like_request(path.absolute())
        try:
            job.add_like(expect(_submit(session, [request])[0], Analyzed))
        except (UnreadableAudio, WorkerDied) as exc:
            raise UsageError(f"{str(exc).rstrip('.')}: the kit was not made.") from exc
    _analyze(job, session)
    compared = _compare(job, session)
    if job.outdated(compared):
        _analyze(job, session)
        compared = _compare(job, session)
    job.choose(compared)


def _analyze(job: KitJob, session: Session) -> None:
    requests = job.analysis_requests()
    if requests:
        click.echo(f"Analyzing {count_of(len(requests), 'sound')} first…", err=True)
    for number, found in _answered(session, requests):
        job.add_analysis(number, found if isinstance(found, Analyzed) else None)


def _compare(job: KitJob, session: Session) -> Compared:
    return expect(_submit(session, [job.comparison_request()])[0], Compared)


def _converted(job: KitJob, session: Session) -> dict[int, ConvertedSound]:
    """Return the answers for the sounds that could be converted, and note the others."""
    found: dict[int, ConvertedSound] = {}
    for number, result in _answered(session, job.conversion_requests()):
        if isinstance(result, ConvertedSound):
            found[number] = result
        elif isinstance(result, Exception):
            job.notes.append(f"{printable(str(result))} It was left out.")
    return found


def _answered(session: Session, requests: Mapping[int, Request]) -> Iterator[tuple[int, Answer | Exception]]:
    """Yield the answer to each request, or the error if its file is to blame."""
    futures = [(number, session.workers.submit(answer, request)) for number, request in requests.items()]
    for number, future in futures:
        try:
            result = future.result()
            yield number, expect(result, type(result))
        except (UnreadableAudio, WorkerDied) as exc:
            yield number, exc


def _submit(session: Session, requests: Sequence[Request]) -> list[Answer]:
    futures = [session.workers.submit(answer, request) for request in requests]
    return [future.result() for future in futures]


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
