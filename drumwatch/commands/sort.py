"""`drumwatch sort`: files and folders, now, whatever their age. Stopped and started again, it hears nothing twice."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

import click

from drumwatch import places
from drumwatch.arrivals import pack_of
from drumwatch.commands.hearing import in_order, sounds_in
from drumwatch.commands.settings import config_for_sorting
from drumwatch.config import watch_for
from drumwatch.errors import EX_SOME_FAILED
from drumwatch.intake import rest
from drumwatch.journal import Journal
from drumwatch.pipeline import Pipeline, make_libraries, recover
from drumwatch.records import LABELS, Arrival, Fingerprint
from drumwatch.words import printable, told
from drumwatch.workers import LocalWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from drumwatch.config import Config, Watch
    from drumwatch.records import ActionKind, Entry
    from drumwatch.workers import Reply

INTERRUPTED = 130
NO_FILE = Fingerprint(0, 0, 0, 0)


class _Case(NamedTuple):
    """One file to sort, with the settings for the folder it was found from."""

    arrival: Arrival
    watch: Watch


def sort(
    paths: Sequence[Path],
    config_path: Path,
    *,
    library: Path | None,
    action: ActionKind | None,
    dry_run: bool,
) -> int:
    """Sort, show the progress, sum up; returns the exit code."""
    config = config_for_sorting(config_path, library)
    found = list(sounds_in([path.expanduser().absolute() for path in paths]))
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        sorter = _Sorter(config, stack, action=action, library=library, dry_run=dry_run)
        stopping = stack.enter_context(_stopped_by_ctrl_c())
        with _progress(len(found)) as step:
            for entries in sorter.sort(found):
                step()
                _report(entries, counts)
                if stopping:
                    break
    _sum_up(counts, len(found), dry_run=dry_run)
    if stopping:
        click.echo("Stopped. The same command goes on from here.", err=True)
        return INTERRUPTED
    return EX_SOME_FAILED if counts["failed"] else 0


class _Sorter:
    """Workers, journal and pipeline for one run."""

    def __init__(
        self,
        config: Config,
        stack: ExitStack,
        *,
        action: ActionKind | None,
        library: Path | None,
        dry_run: bool,
    ) -> None:
        path, state = places.journal_file(), places.state_folder()
        self._journal = stack.enter_context(Journal.copy_in_memory(path) if dry_run else Journal(path))
        pools = LocalWorkers(limit=config.workers or places.cores()), LocalWorkers(limit=1)
        for pool in pools:
            stack.callback(pool.shutdown, cancel_futures=True)
        self._pipeline = Pipeline(config, self._journal, *pools, state=state, dry_run=dry_run)
        self._config, self._action, self._library = config, action, library
        self._batches: dict[tuple[Path, str], int] = {}
        if not dry_run:
            recover(self._journal, state=state)
            make_libraries(config, self._journal)

    def sort(self, found: Sequence[tuple[Path, Path]]) -> Iterator[Sequence[Entry]]:
        """Every file in its turn: its entries in the journal; none where it lies in the library already."""
        for case, reply in in_order(self._asked(found)):
            if case.arrival.path.is_relative_to(case.watch.library):
                yield ()
            elif reply.get("kind") == "Refused":
                yield self._pipeline.refuse(case.arrival, reply["error"], self._batch(case), for_good=False)
            else:
                yield self._pipeline.file(case.arrival, case.watch, reply, self._batch(case)).entries

    def _asked(self, found: Sequence[tuple[Path, Path]]) -> Iterator[tuple[_Case, Future[Reply]]]:
        for root, path in found:
            watch = watch_for(self._config, root, action=self._action, library=self._library)
            mark = rest.fingerprint(path)
            case = _Case(Arrival(path, mark or NO_FILE, root, pack_of(path, root)), watch)
            yield case, self._known(case) or self._pipeline.hear(case.arrival, watch)

    def _known(self, case: _Case) -> Future[Reply] | None:
        """What need not be heard: it is no file at rest, or was heard before by this model."""
        path, mark = case.arrival.path, case.arrival.fingerprint
        if path.is_relative_to(case.watch.library):
            return _answered({})
        match rest.check_at_rest(path, mark):
            case rest.NotYet(reason) | rest.NotASample(reason):
                return _answered({"error": reason, "kind": "Refused"})
            case rest.Gone():
                return _answered({"error": f"{path} is not there any more.", "kind": "Refused"})
        before = self._journal.heard_before(path, mark, self._pipeline.model)
        if before and before.verdict and before.content_hash:
            return _answered({"verdict": asdict(before.verdict), "hash": before.content_hash})
        return None

    def _batch(self, case: _Case) -> int:
        key = case.watch.folder, case.arrival.pack
        if key not in self._batches:
            self._batches[key] = self._journal.new_batch(*key, time.time())
        return self._batches[key]


def _answered(reply: Reply) -> Future[Reply]:
    future: Future[Reply] = Future()
    future.set_result(reply)
    return future


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


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar with rate and time left, where somebody is looking."""
    if not sys.stderr.isatty():
        yield lambda: None
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
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sorting", total=total, rate="")

        def step() -> None:
            speed = bar.tasks[0].speed
            bar.update(task, advance=1, rate=f"{speed:.0f} a second" if speed else "")

        yield step


def _report(entries: Sequence[Entry], counts: Counter[str]) -> None:
    """A line for each file; what was left alone is counted apart from what went somewhere."""
    for entry in entries:
        kind = "failed" if entry.state == "failed" else entry.label if entry.action != "leave" else entry.rule
        counts[kind] += 1
        click.echo(told(entry), err=entry.state == "failed")
    if not entries:
        counts["in the library already"] += 1


def _sum_up(counts: Counter[str], total: int, *, dry_run: bool) -> None:
    order = [*(label for label in LABELS if counts[label]), *sorted(counts.keys() - set(LABELS))]
    parts = ", ".join(f"{counts[kind]} {printable(kind)}" for kind in order if counts[kind])
    verb = "would be sorted" if dry_run else "looked at"
    click.echo(f"{total} files {verb}: {parts or 'nothing to do'}.", err=True)
