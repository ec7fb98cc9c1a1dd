"""`drumwatch sort`: files and folders, now, whatever their age. Stopped and started again, it hears nothing twice."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from drumwatch.config.defaults import config_for_sorting
from drumwatch.config.given_paths import (
    absolute,
    libraries_for_sorting,
    refuse_around_library,
    refuse_as_library,
    refuse_protected,
)
from drumwatch.core.errors import EX_SOME_FAILED
from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.core.records import KEPT_WHOLE, LABELS, REMOVE_FOLDERS
from drumwatch.filing.describe import as_sentence
from drumwatch.intake.ignore import is_wanted
from drumwatch.pipeline import EMPTIED, TOO_MANY, WITH_PACK
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.confirm import confirm, find, keeping_originals, may_move
from drumwatch.sorting.planner import UNKNOWN, WAITING
from drumwatch.sorting.preview import Plan, Preview
from drumwatch.sorting.progress import progress_bar
from drumwatch.sorting.report import Report
from drumwatch.sorting.sorter import Sorter
from drumwatch.sorting.walk import audio_files_in
from drumwatch.workers import executors
from drumwatch.workers.protocol import Analyzed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.config.settings import Projects
    from drumwatch.core.records import ActionKind, Entry
    from drumwatch.sorting.confirm import Answer
    from drumwatch.sorting.sorter import Done

INTERRUPTED = 130
HEARD_BEFORE = "heard before"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be sorted, and by which settings; `action` and `library` take the place of the configuration's."""

    given: tuple[Path, ...]
    config: Config
    library: Path | None
    action: ActionKind | None
    engine: str

    def by(self, action: ActionKind | None) -> Job:
        """The same by this action: one that keeps the originals keeps all of them, whatever rules say of moving."""
        if action is None or action == "move":
            return replace(self, action=action)
        return replace(self, action=action, config=keeping_originals(self.config, action))


def sort(
    paths: Sequence[Path],
    config_path: Path,
    *,
    library: Path | None,
    action: ActionKind | None,
    dry_run: bool,
    yes: bool = False,
    projects: Projects | None = None,
    engine: str = "",
    report: Path | None = None,
) -> int:
    """Ask first where much would be moved; then sort, show the progress, sum up. Returns the exit code."""
    given = tuple(absolute(path) for path in paths)
    refuse_protected(given, do="sort")
    library = library and absolute(library)
    if library:
        refuse_as_library(library, "--to")
    config = config_for_sorting(config_path, library)
    if projects:
        watches = tuple(replace(watch, projects=projects) for watch in config.watches)
        config = replace(config, projects=projects, watches=watches)
    refuse_around_library(given, libraries_for_sorting(config, given, library), do="sort")
    job = Job(given, config, library, None, engine).by(action)
    found = find(given, job.config)
    if found.may_be_much and not (yes or dry_run):
        match _agreed(job, found.total):
            case "stopped":
                click.echo("Stopped. Nothing was touched.", err=True)
                return INTERRUPTED
            case "nothing":
                click.echo("Nothing was touched.", err=True)
                return 0
            case "copy":
                job = job.by("copy")
            case "move":
                pass
    return _sort_now(job, found.total, dry_run=dry_run, report=report)


def _agreed(job: Job, total: int) -> Answer:
    """What a person wants, where much would be moved: they see the plan first, made by a dry pass that the sorting profits from."""
    if not may_move(job.given, job.config, action=job.action, library=job.library):
        return "move"
    plan = Plan()
    if _pass(job, total, "looking", plan.add, dry_run=True):
        return "stopped"
    return confirm(plan) if plan.is_much else "move"


def _sort_now(job: Job, total: int, *, dry_run: bool, report: Path | None) -> int:
    preview, counts = Preview() if dry_run else None, Counter[str]()
    page = Report(report, job.given, dry_run=dry_run) if report else None

    def see(done: Done) -> None:
        for watcher in (preview, page):
            if watcher:
                watcher.add(done)
        _report(done, counts)

    stopped = _pass(job, total, "sorting", see, dry_run=dry_run, features=page is not None)
    if page:
        click.echo("Drawing the map of the report …", err=True)
        click.echo(f"The report is {home_short(page.write())}: open it in a browser.", err=True)
    if preview:
        preview.show()
    _sum_up(counts, dry_run=dry_run)
    if stopped:
        click.echo("Stopped. The same command goes on from here.", err=True)
        return INTERRUPTED
    return EX_SOME_FAILED if any(counts[kind] for kind in ("failed", WAITING, UNKNOWN)) else 0


def _pass(
    job: Job,
    total: int,
    doing: str,
    see: Callable[[Done], None],
    *,
    dry_run: bool,
    features: bool = False,
) -> bool:
    """Go through all that was given, once, with a progress bar; whether Ctrl-C has stopped it."""
    with ExitStack() as stack:
        stopping = stack.enter_context(_stopped_by_ctrl_c())
        sorter = Sorter(
            job.config,
            stack,
            given=[path for path in job.given if path.is_dir()],
            engine=executors.connect(job.engine) if job.engine else None,
            action=job.action,
            library=job.library,
            dry_run=dry_run,
            features=features,
        )
        with progress_bar(doing, total) as bar:
            for done in sorter.sort(audio_files_in(job.given, is_wanted), stopping, bar.more):
                bar.step()
                see(done)
        return bool(stopping)


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


def _report(done: Done, counts: Counter[str]) -> None:
    """A line for each file; what was left alone is counted apart from what went somewhere."""
    counts[HEARD_BEFORE] += isinstance(done.result, Analyzed) and done.result.record is None
    left = done.result.why if isinstance(done.result, Left) else ""
    for entry in done.entries:
        if entry.action == REMOVE_FOLDERS:
            counts[EMPTIED] += len(entry.detail.folders)
            click.echo(as_sentence(entry))
            continue
        counts["failed" if entry.state == "failed" else _kind(entry)] += not left
        click.echo(as_sentence(entry), err=entry.state == "failed")
    if left or not (done.entries or done.case.closes):
        counts[left or "failed"] += 1  # a failure that was told before is not told again


def _kind(entry: Entry) -> str:
    return entry.rule if entry.action == "leave" or not entry.label else entry.label


def _sum_up(counts: Counter[str], *, dry_run: bool) -> None:
    counts.pop(TOO_MANY, None)  # a line of its own has told of it
    whole = counts.pop(KEPT_WHOLE, 0)
    along, before = counts.pop(WITH_PACK, 0), counts.pop(HEARD_BEFORE, 0)
    emptied = counts.pop(EMPTIED, 0)
    order = [*(label for label in LABELS if counts[label]), *sorted(counts.keys() - set(LABELS))]
    parts = ", ".join(f"{counts[kind]:,} {printable(kind)}" for kind in order if counts[kind])
    verb = "would be sorted" if dry_run else "looked at"
    went = f" {along:,} more went along with their pack." if along else ""
    if whole and not dry_run:
        went += f" {count_of(whole, 'file')} came to the library with a pack that is kept whole."
    known = f" {before:,} had been heard before." if before else ""
    gone = (
        f" {count_of(emptied, 'emptied folder')} {'was' if emptied == 1 else 'were'} removed."
        if emptied
        else ""
    )
    click.echo(
        f"{count_of(counts.total(), 'file')} {verb}: {parts or 'nothing to do'}.{went}{gone}{known}", err=True
    )
