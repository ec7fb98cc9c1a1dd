"""`drumwatch log`: prints what was done, and why; by pack, or counted."""

from __future__ import annotations

import dataclasses
import itertools
import json
import time
from typing import TYPE_CHECKING, NamedTuple

import click
from rich.cells import cell_len, set_cell_size

from drumwatch.core.entry_json import as_record
from drumwatch.core.formatting import count_of, home_short, iso, printable, share, short_time
from drumwatch.core.outcomes import OUTCOMES, SIGNS, in_words, key_of, outcome_of_file
from drumwatch.core.records import LABELS
from drumwatch.filing.describe import describe, reason_beside, without_name
from drumwatch.journal import Filter, Journal
from drumwatch.system import app_paths, pager

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drumwatch.core.outcomes import Outcome
    from drumwatch.core.records import Entry
    from drumwatch.journal import Batch, Count, Statistics

FOLLOW_SECONDS = 0.5  # between two reads of the journal with --follow
PACKS_SHOWN = 20  # in the table, unless all are wanted
COUNTED = tuple(kind for kind in OUTCOMES if kind != "left whole")  # which is said of projects
# The columns of the table, each with its head in two lines.
HEADS = (
    ("", "came"),
    ("", "filed"),
    ("", "unsure"),
    ("left", "alone"),
    ("not", "heard"),
    ("", "failed"),
    ("", "undone"),
    ("you", "corrected"),
    ("you", "confirmed"),
)
WIDE, LEAST_NAME = 120, 10  # columns where no terminal reads it, and at least for a name
NO_LABEL, SINGLE_FILES = "no label", "single files"


def log(wanted: Filter, *, as_json: bool, follow: bool, verbose: bool = False, paged: bool = True) -> None:
    """Print the selected entries; with `follow`, print new ones until Ctrl-C.

    A terminal shows the newest first, in a pager. What is read by a program, or goes on at its end, is printed oldest first.
    """
    newest_first = pager.is_terminal() and not (as_json or follow)
    with Journal(app_paths.journal_file()) as journal:
        found = journal.entries.newest_first(wanted) if newest_first else _all(journal, wanted, follow=follow)
        first = next(found, None)
        if first is None:
            if not as_json:
                what = (
                    "Nothing in the journal matches."
                    if wanted != Filter()
                    else "The journal is empty so far."
                )
                click.echo(what, err=True)
            return
        entries = itertools.chain([first], found)
        if as_json:
            lines = (json.dumps(as_record(entry)) for entry in entries)
        else:
            columns = pager.columns()
            lines = (line(entry, time.time(), columns, verbose=verbose) for entry in entries)
        pager.show(lines, paged=paged and newest_first)


def packs(since: float | None, *, as_json: bool, paged: bool = True) -> None:
    """Print one line for each batch: a pack, or files that came without one; the newest first on a terminal."""
    with Journal(app_paths.journal_file()) as journal:
        batches = list(journal.batches.listed(since))
        if as_json:
            for batch in batches:
                click.echo(json.dumps(_batch_record(batch)))
            return
        outcomes, now = journal.tallies.by_batch(since), time.time()
        shown = reversed(batches) if pager.is_terminal() else batches
        pager.show((_batch_line(batch, outcomes.get(batch.id, {}), now) for batch in shown), paged=paged)


def stats(since: float | None, *, as_json: bool, verbose: bool = False, paged: bool = True) -> None:
    """Print what came, what was placed and what the user corrected, by label and by pack."""
    with Journal(app_paths.journal_file()) as journal:
        found = journal.tallies.statistics(since)
    if as_json:
        click.echo(json.dumps(_statistics_record(found, since)))
    elif not (found.total.came or found.labels or found.projects):
        click.echo("Nothing has come since then." if since else "The journal is empty so far.", err=True)
    else:
        pager.show(_tables(found, None if verbose else PACKS_SHOWN, pager.columns()), paged=paged)


def _batch_record(batch: Batch) -> dict[str, object]:
    record = {**batch._asdict(), "started": iso(batch.started), "origin": str(batch.origin)}
    return {"batch": record.pop("id"), **record, "pack": batch.pack or None}


def _batch_line(batch: Batch, outcomes: Mapping[Outcome, int], now: float) -> str:
    sounds = in_words({kind: count for kind, count in outcomes.items() if kind != "left whole"})
    whole = f"{count_of(batch.projects, 'project')} left whole" if batch.projects else ""
    text = ", ".join(filter(None, (sounds, whole))) or "no sound"
    name, origin = printable(batch.pack) or SINGLE_FILES, home_short(batch.origin)
    return f"{batch.id:>6}  {short_time(batch.started, now):<12}  {name}: {text} (from {origin})"


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


def line(entry: Entry, now: float, columns: int | None = None, *, verbose: bool = False) -> str:
    """Return an entry as one line for a person, cut at `columns`; with `verbose`, whole, and with the reason in a second line."""
    kind = "not finished" if entry.state == "planned" else outcome_of_file(entry)
    unicode_sign, in_ascii, colour = SIGNS[kind]
    sign = unicode_sign if pager.takes(unicode_sign) else in_ascii
    verdict = f"{entry.label:<10} {share(entry.confidence):>5}" if entry.verdict else " " * 16
    when = f"{short_time(entry.time, now):<12}"
    before, after = f"{entry.id:>6}  {when}  ", f" {verdict}  {describe(entry)}"
    if columns and not verbose:
        after = _fit(after, columns - len(before) - 2)
    head = f"{before}{click.style(sign, fg=colour)}{after}"
    why = _why(entry)
    return f"{head}\n{'':>24}{click.style(printable(why), dim=True)}" if why and verbose else head


def _why(entry: Entry) -> str:
    if entry.is_archive_outcome:
        return ""
    return without_name(entry.error, entry) if entry.error else reason_beside(entry)


def _fit(text: str, width: int) -> str:
    """Cut the text to a width on the screen, where some letters take two columns."""
    return text if cell_len(text) <= width else set_cell_size(text, max(1, width - 1)).rstrip() + "…"


# The table of --stats


def _statistics_record(found: Statistics, since: float | None) -> dict[str, object]:
    return {
        "since": None if since is None else iso(since),
        "total": _count_record(found.total),
        "projects_left_whole": found.projects,
        "labels": [
            {"label": name or None, **_count_record(found.labels[name])} for name in _label_order(found)
        ],
        "packs": [{"pack": name or None, **_count_record(one)} for name, one in _by_size(found.packs)],
    }


def _count_record(one: Count) -> dict[str, int]:
    outcomes = {key_of(kind): one.outcomes[kind] for kind in COUNTED}
    return {"came": one.came, **outcomes, "corrected": one.corrected, "confirmed": one.confirmed}


def _tables(found: Statistics, most: int | None, columns: int | None) -> Iterator[str]:
    labels = [(printable(name) or NO_LABEL, found.labels[name]) for name in _label_order(found)]
    packs = [(printable(name) or SINGLE_FILES, one) for name, one in _by_size(found.packs)]
    shown = packs if most is None or len(packs) <= most else packs[:most]
    rows = [*labels, ("all", found.total)]
    table = _Table.for_rows([*rows, *shown], columns or WIDE)
    yield from table.lines("label", rows)
    yield ""
    yield from table.lines("pack", shown)
    if hidden := len(packs) - len(shown):
        yield f"… and {count_of(hidden, 'more pack')}: `drumwatch log --stats -v` shows all"
    if found.projects:
        yield f"\n{count_of(found.projects, 'project')} left whole: `drumwatch review` lists them"


class _Table(NamedTuple):
    """The columns in which a row has a number, with their widths."""

    used: tuple[int, ...]
    widths: tuple[int, ...]
    gap: int
    name_width: int

    @classmethod
    def for_rows(cls, rows: Sequence[tuple[str, Count]], columns: int) -> _Table:
        """Return a table that fits into so many columns, if the names can be cut for that."""
        cells = [_cells(one) for _, one in rows]
        used = tuple(at for at in range(len(HEADS)) if any(row[at] for row in cells))
        widths = tuple(
            max(*(len(word) for word in HEADS[at]), *(len(f"{row[at]:,}") for row in cells)) for at in used
        )
        longest = max(*(cell_len(name) for name, _ in rows), len("label"))
        gap = 2 if sum(widths) + 2 * len(widths) + longest <= columns else 1
        room = columns - sum(widths) - gap * len(widths)
        return cls(used, widths, gap, min(longest, max(room, LEAST_NAME)))

    def lines(self, title: str, rows: Sequence[tuple[str, Count]]) -> Iterator[str]:
        """Give the heads of the columns, and a line for each row; a point stands for no sounds."""
        for name, part in (("", 0), (title, 1)):
            if name or any(HEADS[at][part] for at in self.used):
                yield click.style(self._line(name, [HEADS[at][part] for at in self.used]), bold=True)
        for name, one in rows:
            cells = _cells(one)
            yield self._line(name, [f"{cells[at]:,}" if cells[at] else "." for at in self.used])

    def _line(self, name: str, cells: Sequence[str]) -> str:
        numbers = (f"{'':{self.gap}}{cell:>{width}}" for cell, width in zip(cells, self.widths, strict=True))
        return f"{_padded(name, self.name_width)}{''.join(numbers)}"


def _padded(name: str, width: int) -> str:
    return set_cell_size(_fit(name, width), width)


def _cells(one: Count) -> tuple[int, ...]:
    return (one.came, *(one.outcomes[kind] for kind in COUNTED), one.corrected, one.confirmed)


def _label_order(found: Statistics) -> list[str]:
    own = sorted(found.labels.keys() - {*LABELS, ""})
    return [
        *(label for label in (*LABELS, *own) if label in found.labels),
        *([""] if "" in found.labels else []),
    ]


def _by_size(packs: Mapping[str, Count]) -> list[tuple[str, Count]]:
    return sorted(packs.items(), key=lambda pair: (-pair[1].came, pair[0]))
