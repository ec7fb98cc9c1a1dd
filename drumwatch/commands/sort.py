"""`drumwatch sort`: sorts files and folders now, whatever their age; a run that is repeated analyzes nothing twice."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from drumwatch.commands.daily_backup import back_up_journal_if_due
from drumwatch.commands.run_hooks import begin_events, run_waiting_hooks
from drumwatch.config.defaults import config_for_sorting
from drumwatch.config.given_paths import (
    absolute,
    did_you_mean,
    libraries_for_sorting,
    refuse_around_library,
    refuse_as_library,
    refuse_protected,
)
from drumwatch.core.errors import EX_SOME_FAILED, DrumwatchError, UsageError
from drumwatch.core.formatting import count_of, home_short, printable
from drumwatch.core.os_reasons import reason
from drumwatch.daemon.live_tags import write_now
from drumwatch.filing.describe import as_sentence
from drumwatch.intake.extra_formats import advice
from drumwatch.intake.ignore import is_wanted, needs_extra
from drumwatch.journal import Journal
from drumwatch.session import open_session
from drumwatch.sorting.analyzer import Left
from drumwatch.sorting.confirm import confirm, find, keeping_originals, may_move
from drumwatch.sorting.preview import Plan, Preview
from drumwatch.sorting.progress import elapsed_time, progress_bar
from drumwatch.sorting.report import Report
from drumwatch.sorting.sorter import Sorter
from drumwatch.sorting.stop_request import stopped_by_ctrl_c
from drumwatch.sorting.summary import Summary
from drumwatch.sorting.walk import audio_files_in
from drumwatch.system import app_paths, macos_calls
from drumwatch.workers import executors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from drumwatch.config import Config
    from drumwatch.config.settings import Projects
    from drumwatch.core.records import ActionKind
    from drumwatch.sorting.confirm import Answer
    from drumwatch.sorting.plain_bar import ProgressBar
    from drumwatch.sorting.sorter import Done

SORTING = "sorting"  # what the progress bar says while the files are filed, and not only looked at
INTERRUPTED = 130


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
    verbose: bool = False,
) -> int:
    """Ask first where much would be moved; then sort, show the progress, and sum up. Returns the exit code.

    With `verbose`, or where the output is no terminal, each file has a line.
    """
    macos_calls.never_fetch_files()
    given = tuple(absolute(path) for path in paths)
    refuse_protected(given, do="sort")
    library = library and absolute(library)
    if library:
        refuse_as_library(library, "--to")
    if report:
        _check_report_path(report)
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
    verbose = verbose or not sys.stdout.isatty()
    return _sort_now(job, found.total, dry_run=dry_run, report=report, verbose=verbose)


def _check_report_path(report: Path) -> None:
    """Raise a UsageError where the report could not be written, before anything is sorted."""
    path = report.expanduser().absolute()
    if os.path.isdir(path):
        raise UsageError(f"--report {home_short(path)} is a folder: name a file in it, such as report.html.")
    if not os.path.isdir(path.parent):
        raise UsageError(
            f"--report: there is no folder {home_short(path.parent)}.{did_you_mean(path.parent)}"
        )


def _ask_if_much(job: Job, total: int) -> Answer:
    """Ask the user where much would be moved, after a dry run that makes the plan; its analysis is used for sorting."""
    if not may_move(job.given, job.config, action=job.action, library=job.library):
        return "move"
    plan = Plan()
    if _pass(job, total, "looking", lambda done, _: plan.add(done), dry_run=True):
        return "stopped"
    return confirm(plan) if plan.is_much else "move"


def _sort_now(job: Job, total: int, *, dry_run: bool, report: Path | None, verbose: bool) -> int:
    """Sort, show each file where `verbose`, and sum up; the report comes last, as its map takes a while."""
    if not dry_run:
        _prepare(job.config)
    preview, summary = Preview(is_open=verbose) if dry_run else None, Summary(dry_run=dry_run)
    unheard: Counter[str] = Counter()  # by format
    page = Report(report, job.given, dry_run=dry_run) if report else None

    def show(done: Done, bar: ProgressBar) -> None:
        for collector in (preview, page, summary):
            if collector:
                collector.add(done)
        if verbose:
            _print_lines(done, bar)
        if isinstance(done.result, Left) and done.result.needs:
            unheard[done.result.needs] += 1

    stopped = _pass(job, total, SORTING, show, dry_run=dry_run, features=page is not None)
    _follow_up(job.config, dry_run=dry_run, stopped=stopped)
    if preview:
        preview.show()
    _sum_up(summary, verbose=verbose)
    if sentence := advice(unheard):
        click.echo(sentence, err=True)
    stopped_at_report = page is not None and not _written(page)
    if stopped:
        click.echo("Stopped. The same command goes on from here.", err=True)
    return INTERRUPTED if stopped or stopped_at_report else EX_SOME_FAILED * summary.has_failures


def _sum_up(summary: Summary, *, verbose: bool) -> None:
    lines = [summary.line()] if verbose else summary.lines(shutil.get_terminal_size().columns)
    for line in lines:
        click.echo(line, err=True)


def _written(page: Report) -> bool:
    """Write the report, and say meanwhile what takes so long; returns whether that was not stopped."""
    sounds = page.sounds_on_map
    click.echo(
        f"Drawing the map of the report: {count_of(sounds, 'sound')}, which takes up to some minutes …"
        if sounds
        else "Writing the report …",
        err=True,
    )
    try:
        with elapsed_time("placing similar sounds side by side"):
            path = page.write()
    except OSError as exc:
        raise DrumwatchError(
            f"The report was not written, because {reason(exc)}; all else is done."
        ) from None
    except KeyboardInterrupt:
        click.echo("Stopped. The report was not written; all else is done.", err=True)
        return False
    click.echo(f"The report is {home_short(path)}: open it in a browser.", err=True)
    return True


def _prepare(config: Config) -> None:
    back_up_journal_if_due()
    if config.hooks:
        with Journal(app_paths.journal_file()) as journal:
            begin_events(journal, config.hooks)


def _follow_up(config: Config, *, dry_run: bool, stopped: bool) -> None:
    """Show the labels of filed sounds in Ableton Live's browser, and run the user's hooks, if that is wanted.

    Where sorting was stopped, the next run does what the hooks are for.
    """
    if config.ableton.tags and not dry_run:
        with open_session(config) as session:
            for sentence in write_now(session):
                click.echo(printable(sentence), err=True)
    if config.hooks and not (dry_run or stopped):
        with Journal(app_paths.journal_file()) as journal:
            run_waiting_hooks(journal, config.hooks)


def _pass(
    job: Job,
    total: int,
    title: str,
    show: Callable[[Done, ProgressBar], None],
    *,
    dry_run: bool,
    features: bool = False,
) -> bool:
    """Sort everything once, with a progress bar; returns whether Ctrl-C has stopped it."""
    with ExitStack() as stack:
        bar = stack.enter_context(progress_bar(title, total))
        stopping = stack.enter_context(stopped_by_ctrl_c(bar.announce))
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
        for done in sorter.sort(audio_files_in(job.given, _is_looked_at), stopping, bar.more, bar.step):
            show(done, bar)
        if sorter.note_problem and title == SORTING:
            bar.echo(sorter.note_problem, err=True)
        return bool(stopping)


def _is_looked_at(name: str) -> bool:
    """Return whether a file of this name is sorted, or counted as one that is not heard."""
    return is_wanted(name) or needs_extra(name)


def _print_lines(done: Done, bar: ProgressBar) -> None:
    """Print a line for each entry, and one for what became of an archive."""
    for entry in done.entries:
        bar.echo(as_sentence(entry), err=entry.state == "failed")
    if done.archive and done.archive.sentence:
        bar.echo(printable(done.archive.sentence), err=not done.archive.is_good)
