"""`drumwatch journal check`, `repair` and `backup`: looks after the journal itself, also when it is damaged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from drumwatch.core.errors import EX_SOME_FAILED
from drumwatch.core.formatting import count_of, home_short, printable, short_time
from drumwatch.journal.backup import back_up, backups
from drumwatch.journal.integrity import entries_in_words, examine
from drumwatch.journal.repair import repair_journal
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drumwatch.journal.integrity import Finding
    from drumwatch.journal.repair import Repaired

RANGES_NAMED = 10


def check() -> int:
    """Print what is right and what is wrong with the journal; returns 1 if something is wrong."""
    path, now = app_paths.journal_file(), time.time()
    if _is_new(path):
        click.echo(f"There is no journal at {home_short(path)} yet: drumwatch makes it when it first runs.")
        return 0
    examined = examine(path)
    for finding in examined.findings:
        click.echo(_line(finding))
    click.echo(f"· {last_backup(path, now)}")
    return 0 if examined.sound else EX_SOME_FAILED


def repair() -> int:
    """Save what can be read of a damaged journal into a new one, and print what was saved and lost."""
    path, now = app_paths.journal_file(), time.time()
    if not _is_new(path) and examine(path).sound:
        click.echo(f"The journal {home_short(path)} is sound: nothing to repair.")
        return 0
    click.echo("Reading what can be read; a large journal takes a minute …", err=True)
    repaired = repair_journal(path, app_paths.lock_file(), now)
    for sentence in _in_words(repaired, path):
        click.echo(sentence)
    return 0


def backup() -> None:
    """Copy the journal now, in place of an earlier copy of this day."""
    path = app_paths.journal_file()
    if _is_new(path):
        click.echo(f"There is no journal at {home_short(path)} yet: nothing to copy.")
        return
    copy = back_up(path, time.time())
    click.echo(f"The journal is copied to {home_short(copy)}; the newest three copies are kept.")


def last_backup(path: Path, now: float) -> str:
    """Return when the newest backup of a journal was made, in words."""
    newest = next(iter(backups(path)), None)
    if newest is None:
        return "no backup of the journal yet: one is made every day, or now by `drumwatch journal backup`"
    return f"the last backup of the journal is of {short_time(newest.made, now)}: {home_short(newest.path)}"


def _is_new(path: Path) -> bool:
    """Whether nothing was ever written: there is no journal, and no copy of one."""
    return not path.exists() and not path.is_symlink() and not backups(path)


def _line(finding: Finding) -> str:
    sign = click.style("✓", fg="green") if finding.fine else click.style("✗", fg="red")
    remedy = f"\n    {finding.remedy}" if finding.remedy else ""
    return f"{sign} {printable(finding.what)}{remedy}"


def _in_words(repaired: Repaired, path: Path) -> Iterator[str]:
    lost = sum(map(len, repaired.lost_entries))
    from_backup = (
        f", {repaired.entries_from_backup:,} of them from the backup" if repaired.entries_from_backup else ""
    )
    of_all = f" of at most {repaired.entries + lost:,}" if lost else ""
    yield f"{entries_in_words(repaired.entries)}{of_all} saved{from_backup}."
    if lost:
        yield f"Lost: {_numbers(repaired.lost_entries)}. What these say was done cannot be undone by drumwatch; no sound is touched."
    if repaired.open_end and not repaired.entries:
        yield "Nothing in it could be read as a journal. What it recorded cannot be undone by drumwatch; no sound is touched."
    elif repaired.open_end:
        yield "Entries after the last one may be lost as well: the end of the journal could not be read."
    if repaired.lost_labels:
        yield f"{count_of(repaired.labels, 'label')} of yours saved, at most {repaired.lost_labels:,} lost."
    if repaired.watches_forgotten:
        yield (
            "Which files were known is not certain any more, so all that is in the watched folders now counts as old and is left alone:"
            " `drumwatch sort FOLDER` sorts it."
        )
    yield from _about_backup(repaired)
    if repaired.kept:
        yield f"The journal as it was is kept: {home_short(repaired.kept)}"
    yield f"The new one is in place and was checked: {home_short(path)}. Start the daemon again if you had stopped it."


def _about_backup(repaired: Repaired) -> Iterator[str]:
    if repaired.backup is None:
        yield "There was no backup to take missing rows from."
    elif repaired.backup_of_other_journal:
        yield f"Nothing was taken from the backup {home_short(repaired.backup.path)}: it is of another journal."


def _numbers(ranges: Iterable[range]) -> str:
    named = [str(one.start) if len(one) == 1 else f"{one.start}-{one.stop - 1}" for one in ranges]
    more = f" and {len(named) - RANGES_NAMED} more ranges" if len(named) > RANGES_NAMED else ""
    return f"{'entry' if named == [named[0]] and '-' not in named[0] else 'entries'} {', '.join(named[:RANGES_NAMED])}{more}"
