"""Collects what is known about the running daemon, for `drumwatch status` and `drumwatch doctor`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

from drumwatch.journal import Journal
from drumwatch.system import app_paths
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from drumwatch.core.records import Entry


class WatchedFolder(TypedDict):
    """A watched folder, and how changes in it are noticed."""

    folder: str
    mode: str  # "events", "polling" or "missing"
    why: str


class LastEvent(TypedDict):
    """What was done last, in words, and when."""

    what: str
    time: float


class LeftProject(TypedDict):
    """A project that was left whole."""

    source: str
    kind: str
    name: str


class KnownFacts(TypedDict):
    """The facts that are always known."""

    alive: bool
    pid: int | None
    memory: int | None  # bytes
    to_retry: int
    to_review: int
    left_whole: list[LeftProject]
    today: dict[str, int]


class DaemonFacts(KnownFacts, total=False):
    """What `drumwatch status --json` prints; the rest is there only if the daemon has written it."""

    since: float
    model: str
    watching: list[WatchedFolder]
    settling: int
    hearing: int  # sounds that are being analyzed
    paused: str
    problems: list[str]
    not_heard: str  # how many files need the extra `formats`, and the command that installs it
    drift: list[str]
    last_file: LastEvent
    last_error: LastEvent
    last_model: LastEvent


def daemon_facts(now: float) -> DaemonFacts:
    """Return what `drumwatch status --json` prints: what the daemon has written, and what the journal and the lock show."""
    pid = Lock(app_paths.lock_file()).holder()
    with Journal(app_paths.journal_file()) as journal:
        state = journal.state.get()
        today = journal.entries.counts(_midnight(now))
        to_retry, to_review = len(journal.state.retries()), journal.entries.count_to_review()
        left_whole = [
            _project(entry) for entry in journal.projects.left_whole() if os.path.exists(entry.source)
        ]
    if pid is None:
        state = {key: value for key, value in state.items() if key.startswith("last")}
    facts = {
        "alive": pid is not None,
        "pid": pid,
        "memory": _memory(pid),
        **state,
        "to_retry": to_retry,
        "to_review": to_review,
        "left_whole": left_whole,
        "today": today,
    }
    return cast("DaemonFacts", facts)


def _project(entry: Entry) -> LeftProject:
    return {
        "source": str(entry.source),
        "kind": entry.detail.project_kind,
        "name": entry.detail.project_name,
    }


def _memory(pid: int | None) -> int | None:
    """Bytes of memory that the daemon uses now; None where the system has no /proc."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def _midnight(now: float) -> float:
    local = time.localtime(now)
    return time.mktime((*local[:3], 0, 0, 0, 0, 0, -1))
