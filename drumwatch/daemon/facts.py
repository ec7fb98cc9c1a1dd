"""Collects what is known about the running daemon, for `drumwatch status` and `drumwatch doctor`."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

from drumwatch.core.errors import DrumwatchError
from drumwatch.core.outcomes import key_of
from drumwatch.journal import Journal
from drumwatch.packs.staging import UnpackingRecord
from drumwatch.system import app_paths, outage_note, pause_note
from drumwatch.system.file_lock import Lock

if TYPE_CHECKING:
    from drumwatch.core.records import Entry

READING_SECONDS = 5.0  # how long a lock of another program is waited for


PS_SECONDS = 5.0  # for `ps` to answer


class WatchedFolder(TypedDict):
    """A watched folder, and how changes in it are noticed."""

    folder: str
    mode: str  # "events", "polling", "missing", "unreadable" or "handled elsewhere"
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


class UnreadArchive(TypedDict):
    """An archive that could not be read, or not wholly, and is still there."""

    source: str
    what: str
    time: float


class KnownFacts(TypedDict):
    """The facts that are always known."""

    alive: bool
    pid: int | None
    memory: int | None  # bytes
    to_retry: int
    to_review: int
    left_whole: list[LeftProject]
    unread_archives: list[UnreadArchive]
    unpacking: list[str]  # the archives that are being unpacked now
    today: dict[str, int]
    today_outcomes: dict[str, int]  # sounds by what became of them, each once
    today_filed: dict[str, int]  # the filed ones by label


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
    last_archive: LastEvent  # what became of the archive that was handled last
    last_error: LastEvent
    last_model: LastEvent
    journal_problem: str  # why nothing could be read from the journal


# The journal's state has more keys, which are not for programs.
WRITTEN_BY_THE_DAEMON = frozenset(DaemonFacts.__annotations__) - frozenset(KnownFacts.__annotations__)
LAST_EVENTS = frozenset(key for key in WRITTEN_BY_THE_DAEMON if key.startswith("last_"))


def daemon_facts(now: float) -> DaemonFacts:
    """Return what `drumwatch status --json` prints: what the daemon has written, and what the journal and the lock show.

    If the journal cannot be read, `journal_problem` says why; what the daemon itself cannot do is among the `problems`.
    """
    pid = Lock(app_paths.lock_file()).holder()
    outage = outage_note.read(app_paths.state_folder())
    if pid is None and outage:
        pid = outage.pid
    state, known = _from_journal(now)
    public = WRITTEN_BY_THE_DAEMON if pid is not None else LAST_EVENTS
    state = {key: value for key, value in state.items() if key in public}
    problems = [*state.pop("problems", ()), *([outage.problem] if outage else [])]
    problem = str(known.pop("journal_problem", ""))
    if problem and not any(problem in one for one in problems):
        problems.append(problem)
    paused = (
        pause_note.reason(app_paths.state_path(), now) if pid is not None else ""
    )  # a daemon at rest has not noticed it yet
    facts = {
        "alive": pid is not None,
        "pid": pid or None,
        "memory": _memory(pid),
        **state,
        **known,
        **({"paused": paused} if paused else {}),
        **({"problems": problems} if problems else {}),
        **({"journal_problem": problem} if problem else {}),
    }
    return cast("DaemonFacts", facts)


def _from_journal(now: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the state that the daemon has written, and what the entries show."""
    try:
        with Journal(app_paths.journal_file(), lock_seconds=READING_SECONDS) as journal:
            left_whole = [
                _project(entry) for entry in journal.projects.left_whole() if os.path.exists(entry.source)
            ]
            sounds = journal.tallies.sounds(_midnight(now))
            known = {
                "to_retry": len(journal.state.retries()),
                "to_review": journal.entries.count_to_review(),
                "left_whole": left_whole,
                "unread_archives": [
                    _archive(entry) for entry in journal.archives.unread() if os.path.exists(entry.source)
                ],
                "unpacking": [str(archive) for archive in UnpackingRecord(journal).under_way()],
                "today": journal.entries.counts(_midnight(now)),
                "today_outcomes": Counter(key_of(sound.outcome) for sound in sounds),
                "today_filed": Counter(sound.latest.label for sound in sounds if sound.outcome == "filed"),
            }
            return journal.state.get(), known
    except DrumwatchError as exc:
        nothing = {
            "to_retry": 0,
            "to_review": 0,
            "left_whole": [],
            "unread_archives": [],
            "unpacking": [],
            "today": {},
            "today_outcomes": {},
            "today_filed": {},
        }
        return {}, {**nothing, "journal_problem": str(exc)}


def _archive(entry: Entry) -> UnreadArchive:
    return {"source": str(entry.source), "what": entry.error or entry.reason, "time": entry.time}


def _project(entry: Entry) -> LeftProject:
    return {
        "source": str(entry.source),
        "kind": entry.detail.project_kind,
        "name": entry.detail.project_name,
    }


def _memory(pid: int | None) -> int | None:
    """Bytes of memory that the daemon uses now; None if that cannot be determined."""
    if pid is None:
        return None
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):  # a system without /proc: macOS
        return _memory_by_ps(pid)


def _memory_by_ps(pid: int) -> int | None:
    try:
        answer = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=PS_SECONDS, check=True
        )
        return int(answer.stdout) * 1024
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _midnight(now: float) -> float:
    local = time.localtime(now)
    return time.mktime((*local[:3], 0, 0, 0, 0, 0, -1))
