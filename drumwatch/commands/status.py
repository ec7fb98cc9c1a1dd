"""`drumwatch status`: the truth about the running daemon, as the daemon itself and the lock tell it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import click

from drumwatch import places
from drumwatch.journal import Journal
from drumwatch.lock import Lock
from drumwatch.records import LABELS
from drumwatch.words import home_short, printable, short_time

NOT_RUNNING = 1


def status(*, as_json: bool) -> int:
    """Print how the daemon is; returns 1 when none is running."""
    facts = gather(time.time())
    click.echo(json.dumps(facts) if as_json else "\n".join(_lines(facts, time.time())))
    return 0 if facts["alive"] else NOT_RUNNING


def gather(now: float) -> dict[str, Any]:
    """Everything there is to say, as plain values."""
    pid = Lock(places.lock_file()).holder()
    with Journal(places.journal_file()) as journal:
        told = journal.told()
        today = journal.counts(_midnight(now))
        waiting = len(journal.retries())
    if pid is None:
        told = {key: value for key, value in told.items() if key.startswith("last")}
    return {
        "alive": pid is not None,
        "pid": pid,
        "memory": _memory(pid),
        **told,
        "to_retry": waiting,
        "today": today,
    }


def _memory(pid: int | None) -> int | None:
    """Bytes of memory that the daemon has now; None where the system does not tell so simply."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def _midnight(now: float) -> float:
    local = time.localtime(now)
    return time.mktime((*local[:3], 0, 0, 0, 0, 0, -1))


def _lines(facts: dict[str, Any], now: float) -> list[str]:
    lines = [_alive(facts, now)]
    lines += [
        f"  watching    {home_short(watch['folder'])}{_how(watch)}" for watch in facts.get("watching", [])
    ]
    if facts["alive"]:
        lines.append(
            f"  waiting     {facts.get('settling', 0)} to come to rest, {facts.get('hearing', 0)} to be heard"
        )
    if paused := facts.get("paused"):
        lines.append(f"  paused      {printable(paused)}: what arrives waits")
    if facts["to_retry"]:
        lines.append(f"  later       {facts['to_retry']} to be tried again")
    lines.append(f"  today       {_counts(facts['today'])}")
    if last := facts.get("last_file"):
        lines.append(f"  last file   {printable(last['what'])} ({short_time(last['time'], now)})")
    if last := facts.get("last_error"):
        lines.append(f"  last error  {printable(last['what'])} ({short_time(last['time'], now)})")
    if facts["alive"]:
        lines += [f"  problem     {printable(problem)}" for problem in facts.get("problems", [])]
        lines.append(f"  model       {facts.get('model', '?')}")
        if facts["memory"]:
            lines.append(f"  memory      {facts['memory'] / 1e6:.0f} MB")
    return lines


def _alive(facts: dict[str, Any], now: float) -> str:
    if not facts["alive"]:
        return "drumwatch is not running. Start it with `drumwatch run`."
    since = f" since {short_time(facts['since'], now)}" if "since" in facts else ""
    return f"drumwatch is running{since} (process {facts['pid']})."


def _how(watch: dict[str, Any]) -> str:
    return f"  ({printable(watch['mode'])})" if watch.get("mode") not in (None, "", "events") else ""


def _counts(today: dict[str, int]) -> str:
    order = [*LABELS, *sorted(today.keys() - set(LABELS) - {""})]
    told = ", ".join(f"{today[kind]} {kind}" for kind in order if today.get(kind))
    return told or "nothing yet"
