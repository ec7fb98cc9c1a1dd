"""`drumwatch status`: prints the state of the running daemon, once or on a screen that is kept up to date."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drumwatch.core.errors import DrumwatchError, UsageError
from drumwatch.core.formatting import home_short, printable, short_time
from drumwatch.core.outcomes import OUTCOMES, in_words, key_of
from drumwatch.core.records import LABELS
from drumwatch.daemon.facts import daemon_facts
from drumwatch.filing.describe import as_sentence
from drumwatch.journal import Filter, Journal
from drumwatch.service import this_system
from drumwatch.system import app_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drumwatch.daemon.facts import DaemonFacts, LeftProject, UnreadArchive, WatchedFolder

NOT_RUNNING = 1
LOOK_SECONDS = 1.0  # between two looks for `--watch`
LATEST = 12  # journal entries that `--watch` shows, if the screen has room for them
NAMED = 3  # projects or archives that a line names
MODES = {
    "missing": "not there now",
    "unreadable": "cannot be read now",
    "polling": "looked at every few seconds",
}


def status(*, as_json: bool) -> int:
    """Print the state of the daemon; returns 1 when none is running, or the journal cannot be read."""
    facts = daemon_facts(time.time())
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(json.dumps(facts) if as_json else "\n".join(_lines(facts, time.time(), columns)))
    return 0 if facts["alive"] and "journal_problem" not in facts else NOT_RUNNING


def watch() -> int:
    """Keep the state of the daemon and the latest entries on one screen, until Ctrl-C; returns 0 then."""
    if not sys.stdout.isatty():
        raise UsageError("`drumwatch status --watch` needs a terminal: over ssh, ask for one with `ssh -t`.")
    from rich.console import Console  # noqa: PLC0415  only for this
    from rich.live import Live  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console, shown = Console(highlight=False), ""
    with (
        contextlib.suppress(KeyboardInterrupt),
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while True:
            screen = "\n".join(_screen(time.time(), console.width, console.height))
            if screen != shown:
                live.update(Text(screen, no_wrap=True, overflow="ellipsis"), refresh=True)
                shown = screen
            time.sleep(LOOK_SECONDS)
    return 0


def _screen(now: float, columns: int, rows: int) -> list[str]:
    """As many lines as the screen has: the state, the latest entries, and how to end."""
    lines = [_fit(line, columns) for line in _lines(daemon_facts(now), now, columns)]
    room = min(LATEST, rows - len(lines) - 4)
    latest = _latest(now, room) if room > 0 else []
    body = [*lines, *(["", "  latest", *(_fit(line, columns) for line in latest)] if latest else [])]
    return [
        *body[: rows - 1],
        *[""] * (rows - 1 - len(body)),
        _fit("  Ctrl-C ends this screen, not drumwatch.", columns),
    ]


def _latest(now: float, count: int) -> list[str]:
    """The newest entries of the journal, the newest first; none if it cannot be read."""
    with (
        contextlib.suppress(DrumwatchError),
        Journal(app_paths.journal_file(), lock_seconds=LOOK_SECONDS) as journal,
    ):
        entries = list(journal.entries.find(Filter(last=count)))
        return [
            f"  {short_time(entry.time, now)}  {printable(as_sentence(entry))}" for entry in reversed(entries)
        ]
    return []


def _lines(facts: DaemonFacts, now: float, columns: int | None) -> list[str]:
    """The lines of the output; one about a file is cut at `columns`, as `drumwatch log` shows whole paths."""
    lines = [_headline(facts, now), *_work(facts)]
    if facts["to_review"]:
        lines.append(_line("to review", f"{facts['to_review']} unsure: `drumwatch review`"))
    if facts["left_whole"]:
        lines.append(_line("left whole", _left_whole(facts["left_whole"])))
    lines += _archives(facts)
    lines += [_line("careful", printable(sentence)) for sentence in facts.get("drift") or ()]
    events = (
        ("last file", facts.get("last_file")),
        ("last pack", facts.get("last_archive")),
        ("last error", facts.get("last_error")),
        ("last model", facts.get("last_model")),
    )
    for title, last in events:
        if last:
            text = f"{short_time(last['time'], now)}  {printable(last['what'])}"
            lines.append(_fit(_line(title, text), columns))
    lines += [_line("problem", printable(problem)) for problem in facts.get("problems", [])]
    if facts["alive"]:
        if not_heard := facts.get("not_heard"):
            lines.append(_line("not heard", printable(not_heard)))
        lines.append(_line("model", facts.get("model", "?")))
    if facts["memory"]:
        lines.append(_line("memory", f"{facts['memory'] / 1e6:.0f} MB"))
    return lines


def _work(facts: DaemonFacts) -> Iterator[str]:
    """What is watched, what waits, and what was done today, as far as the journal can be read."""
    can_be_read = "journal_problem" not in facts
    if facts["alive"]:
        for watch in facts.get("watching", []):
            yield _line("watching", f"{home_short(watch['folder'])}{_mode(watch)}")
        if can_be_read:
            yield _line("waiting", _waiting(facts))
    if paused := facts.get("paused"):
        yield _line("paused", f"{printable(paused)}: what arrives waits")
    if can_be_read:
        yield _line("today", _counts(facts["today_outcomes"], facts["today_filed"]))


def _line(title: str, text: str) -> str:
    return f"  {title:<12}{text}"


def _fit(line: str, columns: int | None) -> str:
    return line if columns is None or len(line) <= columns else f"{line[: columns - 1]}…"


def _headline(facts: DaemonFacts, now: float) -> str:
    if not facts["alive"]:
        start = "drumwatch service start" if this_system().path.exists() else "drumwatch run"
        return f"drumwatch is not running. Start it with `{start}`."
    since = f" since {short_time(facts['since'], now)}" if "since" in facts else ""
    return f"drumwatch is running{since} (process {facts['pid']})."


def _mode(watch: WatchedFolder) -> str:
    mode = watch.get("mode", "")
    return f"  ({MODES.get(mode, printable(mode))})" if mode not in ("", "events") else ""


def _waiting(facts: DaemonFacts) -> str:
    counts = (
        (facts.get("settling", 0), "still arriving"),
        (facts.get("hearing", 0), "to be analyzed"),
        (facts["to_retry"], "to be tried again"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing"


def _left_whole(projects: list[LeftProject]) -> str:
    """As in "4 projects: Song Project, Oak Kit, mygame and 1 more; `drumwatch review` lists them"."""
    count = len(projects)
    names = ", ".join(printable(Path(project["source"]).name) for project in projects[:NAMED])
    more = f" and {count - NAMED} more" if count > NAMED else ""
    them = "it" if count == 1 else "them"
    return f"{count} project{'s' * (count != 1)}: {names}{more}; `drumwatch review` lists {them}"


def _archives(facts: DaemonFacts) -> Iterator[str]:
    """The lines about archives: those that are being unpacked, and those of which not everything could be read."""
    if facts["unpacking"]:
        yield _line("unpacking", ", ".join(printable(Path(path).name) for path in facts["unpacking"]))
    if facts["unread_archives"]:
        yield _line("archives", _unread(facts["unread_archives"]))


def _unread(archives: list[UnreadArchive]) -> str:
    """As in "2 not wholly read: Pack.zip, Kit.7z; `drumwatch review` says why"."""
    count = len(archives)
    names = ", ".join(printable(Path(archive["source"]).name) for archive in archives[:NAMED])
    more = f" and {count - NAMED} more" if count > NAMED else ""
    return f"{count} not wholly read: {names}{more}; `drumwatch review` says why"


def _counts(outcomes: dict[str, int], filed: dict[str, int]) -> str:
    """As in "24 filed (3 kick, 21 hat), 5 unsure, 2 failed"."""
    order = [*(label for label in LABELS if label in filed), *sorted(filed.keys() - set(LABELS))]
    by_label = [(label, filed[label]) for label in order]
    counts = {kind: outcomes.get(key_of(kind), 0) for kind in OUTCOMES}
    return in_words(counts, parts={"filed": by_label}) or "nothing yet"
