"""`drumwatch sort`: sorts files and folders now, whatever their age; a run that is repeated analyzes nothing twice."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
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
from drumwatch.daemon.live_tags import write_now
from drumwatch.filing.describe import as_sentence
from drumwatch.intake.extra_formats import advice
from drumwatch.intake.ignore import is_wanted, needs_extra
from drumwatch.pipeline import EMPTIED, TOO_MANY, WITH_PACK
from drumwatch.session import open_session
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.confirm import confirm, find, keeping_originals, may_move
from drumwatch.sorting.planner import UNKNOWN, WAITING
from drumwatch.sorting.preview import Plan, Preview
from drumwatch.sorting.progress import progress_bar
from drumwatch.sorting.report import Report
from drumwatch.sorting.sorter import Sorter
from drumwatch.sorting.walk import audio_files_in
from drumwatch.system import macos_calls
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

SORTING = "sorting"  # what the progress bar says while the files are filed, and not only looked at
INTERRUPTED = 130
ANALYZED_BEFORE = "heard before"
NOT_WHOLLY_READ, NO_SOUND = "not wholly read", "without a sound"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be sorted, and by which settings; `action` and `library` replace the configured ones."""

    given: tuple[Path, ...]
    config: Config
    library: Path | None
    action: ActionKind | None
    engine: str

    def with_action(self, action: ActionKind | None) -> Job:
        """Return the job with another action; one that keeps the originals keeps all of them, whatever the rules say of moving."""
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
    """Ask first where much would be moved; then sort, show the progress, and sum up. Returns the exit code."""
    macos_calls.never_fetch_files()
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
    job = Job(given, config, library, None, engine).with_action(action)
    found = find(given, job.config)
    if found.may_be_much and not (yes or dry_run):
        match _ask_if_much(job, found.total):
            case "stopped":
                click.echo("Stopped. Nothing was touched.", err=True)
                return INTERRUPTED
            case "nothing":
                click.echo("Nothing was touched.", err=True)
                return 0
            case "copy":
                job = job.with_action("copy")
            case "move":
                pass
    return _sort_now(job, found.total, dry_run=dry_run, report=report)


def _ask_if_much(job: Job, total: int) -> Answer:
    """Ask the user where much would be moved, after a dry run that makes the plan; its analysis is used for sorting."""
    if not may_move(job.given, job.config, action=job.action, library=job.library):
        return "move"
    plan = Plan()
    if _pass(job, total, "looking", plan.add, dry_run=True):
        return "stopped"
    return confirm(plan) if plan.is_much else "move"


def _sort_now(job: Job, total: int, *, dry_run: bool, report: Path | None) -> int:
    if not dry_run:
        back_up_journal_if_due()
    preview, counts = Preview() if dry_run else None, Counter[str]()
    unheard: Counter[str] = Counter()  # by format
    page = Report(report, job.given, dry_run=dry_run) if report else None

    def show(done: Done) -> None:
        for collector in (preview, page):
            if collector:
                collector.add(done)
        _report(done, counts)
        if isinstance(done.result, Left) and done.result.needs:
            unheard[done.result.needs] += 1

    stopped = _pass(job, total, SORTING, show, dry_run=dry_run, features=page is not None)
    _tag_for_live(job.config, dry_run=dry_run)
    if page:
        click.echo("Drawing the map of the report …", err=True)
        click.echo(f"The report is {home_short(page.write())}: open it in a browser.", err=True)
    if preview:
        preview.show()
    _sum_up(counts, dry_run=dry_run)
    if sentence := advice(unheard):
        click.echo(sentence, err=True)
    if stopped:
        click.echo("Stopped. The same command goes on from here.", err=True)
        return INTERRUPTED
    return (
        EX_SOME_FAILED if any(counts[kind] for kind in ("failed", NOT_WHOLLY_READ, WAITING, UNKNOWN)) else 0
    )


def _tag_for_live(config: Config, *, dry_run: bool) -> None:
    """Show the labels of filed sounds in Ableton Live's browser, if that is wanted."""
    if config.ableton.tags and not dry_run:
        with open_session(config) as session:
            for sentence in write_now(session):
                click.echo(printable(sentence), err=True)


def _pass(
    job: Job,
    total: int,
    title: str,
    show: Callable[[Done], None],
    *,
    dry_run: bool,
    features: bool = False,
) -> bool:
    """Sort everything once, with a progress bar; returns whether Ctrl-C has stopped it."""
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
        with progress_bar(title, total) as bar:
            for done in sorter.sort(audio_files_in(job.given, _is_looked_at), stopping, bar.more, bar.step):
                show(done)
        if sorter.note_problem and title == SORTING:
            click.echo(sorter.note_problem, err=True)
        return bool(stopping)


def _is_looked_at(name: str) -> bool:
    """Return whether a file of this name is sorted, or counted as one that is not heard."""
    return is_wanted(name) or needs_extra(name)


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[list[int]]:
    """Give a list that is empty until Ctrl-C, so that the current file is finished; a second Ctrl-C stops at once."""
    caught: list[int] = []

    def catch(number: int, _: object) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = signal.signal(signal.SIGINT, catch)
    try:
        yield caught
    finally:
        signal.signal(signal.SIGINT, before)


def _report(done: Done, counts: Counter[str]) -> None:
    """Print a line for each entry, and count what was left alone apart from what was filed."""
    counts[ANALYZED_BEFORE] += isinstance(done.result, Analyzed) and done.result.record is None
    left = done.result.why if isinstance(done.result, Left) else ""
    for entry in done.entries:
        if entry.action == REMOVE_FOLDERS:
            counts[EMPTIED] += len(entry.detail.folders)
            click.echo(as_sentence(entry))
            continue
        counts["failed" if entry.state == "failed" else _kind(entry)] += not left
        click.echo(as_sentence(entry), err=entry.state == "failed")
    if done.archive:
        if done.archive.sentence:
            click.echo(printable(done.archive.sentence), err=not done.archive.is_good)
        counts[NOT_WHOLLY_READ] += not done.archive.is_good
        counts[NO_SOUND] += not done.archive.has_sounds
    elif left or not done.entries:
        counts[left or "failed"] += 1  # an earlier run has reported why it failed


def _kind(entry: Entry) -> str:
    return entry.rule if entry.action == "leave" or not entry.label else entry.label


def _sum_up(counts: Counter[str], *, dry_run: bool) -> None:
    counts.pop(TOO_MANY, None)  # it has a line of its own
    whole = counts.pop(KEPT_WHOLE, 0)
    along, before = counts.pop(WITH_PACK, 0), counts.pop(ANALYZED_BEFORE, 0)
    emptied = counts.pop(EMPTIED, 0)
    order = [*(label for label in LABELS if counts[label]), *sorted(counts.keys() - set(LABELS))]
    parts = ", ".join(f"{counts[kind]:,} {printable(kind)}" for kind in order if counts[kind])
    verb = "would be sorted" if dry_run else "looked at"
    notes = f" {along:,} more went along with their pack." if along else ""
    if whole and not dry_run:
        notes += f" {count_of(whole, 'file')} came to the library with a pack that is kept whole."
    known = f" {before:,} had been heard before." if before else ""
    gone = (
        f" {count_of(emptied, 'emptied folder')} {'was' if emptied == 1 else 'were'} removed."
        if emptied
        else ""
    )
    click.echo(
        f"{count_of(counts.total(), 'file')} {verb}: {parts or 'nothing to do'}.{notes}{gone}{known}",
        err=True,
    )
