"""`drumwatch sort`: files and folders, now, whatever their age. Stopped and started again, it hears nothing twice."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from drumwatch import engines
from drumwatch.commands.asking import WAITING
from drumwatch.commands.folders import (
    absolute,
    libraries_for_sorting,
    refuse_around_library,
    refuse_as_library,
    refuse_protected,
)
from drumwatch.commands.hearing import sounds_in
from drumwatch.commands.preview import Preview
from drumwatch.commands.report import Report
from drumwatch.commands.settings import config_for_sorting
from drumwatch.commands.sorter import Sorter
from drumwatch.errors import EX_SOME_FAILED
from drumwatch.intake.ignore import is_wanted
from drumwatch.pipeline import EMPTIED, TOO_MANY, WITH_PACK
from drumwatch.records import FOLDERS, LABELS, REMOVE_FOLDERS
from drumwatch.words import home_short, printable, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.progress import Progress

    from drumwatch.commands.sorter import Done
    from drumwatch.records import ActionKind, Entry

INTERRUPTED = 130
HEARD_BEFORE = "heard before"


def sort(
    paths: Sequence[Path],
    config_path: Path,
    *,
    library: Path | None,
    action: ActionKind | None,
    dry_run: bool,
    engine: str = "",
    report: Path | None = None,
) -> int:
    """Sort, show the progress, sum up; returns the exit code."""
    given = [absolute(path) for path in paths]
    refuse_protected(given, do="sort")
    library = library and absolute(library)
    if library:
        refuse_as_library(library, "--to")
    config = config_for_sorting(config_path, library)
    refuse_around_library(given, libraries_for_sorting(config, given, library), do="sort")
    total = sum(1 for _ in sounds_in(given, is_wanted))
    plan, counts = Preview() if dry_run else None, Counter[str]()
    with ExitStack() as stack:
        page = Report(report, given, dry_run=dry_run) if report else None
        sorter = Sorter(
            config,
            stack,
            given=[path for path in given if path.is_dir()],
            engine=engines.connect(engine) if engine else None,
            action=action,
            library=library,
            dry_run=dry_run,
            features=report is not None,
        )
        stopping = stack.enter_context(_stopped_by_ctrl_c())
        with _progress(total) as bar:
            for done in sorter.sort(sounds_in(given, is_wanted), stopping, bar.more):
                bar.step()
                for see in (plan, page):
                    if see:
                        see.add(done)
                _report(done, counts)
        if page:
            click.echo("Drawing the map of the report …", err=True)
            click.echo(f"The report is {home_short(page.write())}: open it in a browser.", err=True)
    if plan:
        plan.show()
    _sum_up(counts, dry_run=dry_run)
    if stopping:
        click.echo("Stopped. The same command goes on from here.", err=True)
        return INTERRUPTED
    return EX_SOME_FAILED if counts["failed"] or counts[WAITING] else 0


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[list[int]]:
    """A list that is empty until Ctrl-C: the file in hand is finished first. A second Ctrl-C is not waited for."""
    caught: list[int] = []

    def note(number: int, _: object) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)


class _Unseen:
    """A bar where nobody is looking."""

    def step(self) -> None:
        """One file is done."""

    def more(self, count: int) -> None:
        """So many more have turned up, in an archive."""


class _Bar(_Unseen):
    """A bar with rate and time left."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total = progress, total
        self._task = progress.add_task("sorting", total=total, rate="")

    def step(self) -> None:
        speed = self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate=f"{speed:.0f} a second" if speed else "")

    def more(self, count: int) -> None:
        self._total += count
        self._progress.update(self._task, total=self._total)


@contextmanager
def _progress(total: int) -> Iterator[_Unseen]:
    """The bar, where somebody is looking."""
    if not sys.stderr.isatty():
        yield _Unseen()
        return
    from rich.console import Console  # noqa: PLC0415  only where a person looks
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("sorting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress, total)


def _report(done: Done, counts: Counter[str]) -> None:
    """A line for each file; what was left alone is counted apart from what went somewhere."""
    counts[HEARD_BEFORE] += "verdict" in done.reply and "heard" not in done.reply
    left = done.reply.get("left", "")
    for entry in done.entries:
        if entry.action == REMOVE_FOLDERS:
            counts[EMPTIED] += len(json.loads(entry.detail[FOLDERS]))
            click.echo(told(entry))
            continue
        counts["failed" if entry.state == "failed" else _kind(entry)] += not left
        click.echo(told(entry), err=entry.state == "failed")
    if left or not (done.entries or done.case.closes):
        counts[left or "failed"] += 1  # a failure that was told before is not told again


def _kind(entry: Entry) -> str:
    return entry.rule if entry.action == "leave" or not entry.label else entry.label


def _sum_up(counts: Counter[str], *, dry_run: bool) -> None:
    counts.pop(TOO_MANY, None)  # a line of its own has told of it
    along, before = counts.pop(WITH_PACK, 0), counts.pop(HEARD_BEFORE, 0)
    emptied = counts.pop(EMPTIED, 0)
    order = [*(label for label in LABELS if counts[label]), *sorted(counts.keys() - set(LABELS))]
    parts = ", ".join(f"{counts[kind]} {printable(kind)}" for kind in order if counts[kind])
    verb = "would be sorted" if dry_run else "looked at"
    went = f" {along} more went along with their pack." if along else ""
    known = f" {before} had been heard before." if before else ""
    gone = f" {emptied} emptied folder{'s were' if emptied != 1 else ' was'} removed." if emptied else ""
    files = f"{counts.total()} file{'s' * (counts.total() != 1)}"
    click.echo(f"{files} {verb}: {parts or 'nothing to do'}.{went}{gone}{known}", err=True)
